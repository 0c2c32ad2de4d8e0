// GET /v1/modules/scaiqueue/scopes, by slug. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> list_scopes(Context& context, const Request& request) {
    SCAI_TRY(const auto paging, read_paging(request, "scopes", 1));
    return listing(request, "scopes",
                   queues::list_scopes(context.pool, queue_caller(request),
                                       paging.key.empty() ? "" : paging.key.front(), paging.limit));
}

} // namespace scaigrid
