// PUT /v1/modules/scaiqueue/scopes/{scope_id}: name and description. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> update_scope(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto scope,
             queues::update_scope(context.pool, queue_caller(request), request.param("scope_id"), body));
    return ok(request, std::move(scope));
}

} // namespace scaigrid
