// POST /v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/pause, /resume. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> change_queue(Context& context, const Request& request) {
    SCAI_TRY(auto queue, queues::change_queue(context.pool, queue_caller(request), request.param("scope_id"),
                                              request.param("queue_id"), verb_of(request)));
    return ok(request, std::move(queue));
}

} // namespace scaigrid
