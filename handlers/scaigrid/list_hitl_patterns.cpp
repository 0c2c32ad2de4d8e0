// GET /v1/modules/scaiqueue/scopes/{scope_id}/hitl-patterns. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> list_hitl_patterns(Context& context, const Request& request) {
    SCAI_TRY(const auto page,
             queues::list_patterns(context.pool, queue_caller(request), request.param("scope_id")));
    return listing(request, "hitl_patterns", page);
}

} // namespace scaigrid
