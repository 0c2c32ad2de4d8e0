// GET /v1/modules/scaiqueue/scopes/{scope_id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> get_scope(Context& context, const Request& request) {
    SCAI_TRY(auto scope, queues::get_scope(context.pool, queue_caller(request), request.param("scope_id")));
    return ok(request, std::move(scope));
}

} // namespace scaigrid
