// DELETE /v1/modules/scaiqueue/scopes/{scope_id}: an archived one with nothing open. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> delete_scope(Context& context, const Request& request) {
    SCAI_TRY([[maybe_unused]] const auto done,
             queues::delete_scope(context.pool, queue_caller(request), request.param("scope_id")));
    return Response::no_content();
}

} // namespace scaigrid
