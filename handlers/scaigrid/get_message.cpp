// GET .../queues/{queue_id}/messages/{message_id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> get_message(Context& context, const Request& request) {
    SCAI_TRY(auto message, queues::get_message(context.pool, queue_caller(request), request.param("scope_id"),
                                               request.param("queue_id"), request.param("message_id")));
    return ok(request, std::move(message));
}

} // namespace scaigrid
