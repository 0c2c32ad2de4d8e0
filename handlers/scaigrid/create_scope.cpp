// POST /v1/modules/scaiqueue/scopes, with its five system queues. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> create_scope(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto scope, queues::create_scope(context.pool, queue_caller(request), body));
    return ok(request, std::move(scope), 201);
}

} // namespace scaigrid
