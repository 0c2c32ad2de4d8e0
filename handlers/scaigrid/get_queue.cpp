// GET /v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}, with its depths. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> get_queue(Context& context, const Request& request) {
    SCAI_TRY(auto queue, queues::get_queue(context.pool, queue_caller(request), request.param("scope_id"),
                                           request.param("queue_id")));
    return ok(request, std::move(queue));
}

} // namespace scaigrid
