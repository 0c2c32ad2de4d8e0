// POST /v1/modules/scaiqueue/scopes/{scope_id}/queues. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> create_queue(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto queue,
             queues::create_queue(context.pool, queue_caller(request), request.param("scope_id"), body));
    return ok(request, std::move(queue), 201);
}

} // namespace scaigrid
