// PUT /v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}: name, description, limits.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> update_queue(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto queue, queues::update_queue(context.pool, queue_caller(request), request.param("scope_id"),
                                              request.param("queue_id"), body));
    return ok(request, std::move(queue));
}

} // namespace scaigrid
