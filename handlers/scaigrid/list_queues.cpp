// GET /v1/modules/scaiqueue/scopes/{scope_id}/queues, by slug. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> list_queues(Context& context, const Request& request) {
    SCAI_TRY(const auto paging, read_paging(request, "queues", 1));
    SCAI_TRY(const auto page,
             queues::list_queues(context.pool, queue_caller(request), request.param("scope_id"),
                                 paging.key.empty() ? "" : paging.key.front(), paging.limit));
    return listing(request, "queues", page);
}

} // namespace scaigrid
