// DELETE /v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}: one with nothing open.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> delete_queue(Context& context, const Request& request) {
    SCAI_TRY([[maybe_unused]] const auto done,
             queues::delete_queue(context.pool, queue_caller(request), request.param("scope_id"),
                                  request.param("queue_id")));
    return Response::no_content();
}

} // namespace scaigrid
