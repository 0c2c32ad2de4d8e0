// POST /v1/modules/scaiqueue/scopes/{scope_id}/pause, /resume, /archive, /unarchive. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> change_scope(Context& context, const Request& request) {
    SCAI_TRY(auto scope, queues::change_scope(context.pool, queue_caller(request), request.param("scope_id"),
                                              verb_of(request)));
    return ok(request, std::move(scope));
}

} // namespace scaigrid
