// GET /v1/modules/scaiqueue/scopes/{scope_id}/messages?correlation_id=: a whole chain.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> list_chain(Context& context, const Request& request) {
    const auto correlation_id = request.query_text("correlation_id").value_or("");
    if (correlation_id.empty())
        return bad_field("query.correlation_id", "is required");
    SCAI_TRY(const auto paging, read_paging(request, "chain", 1));
    SCAI_TRY(const auto after, position_of(paging));
    SCAI_TRY(const auto page,
             queues::list_chain(context.pool, queue_caller(request), request.param("scope_id"),
                                correlation_id, after, paging.limit));
    return listing(request, "chain", page);
}

} // namespace scaigrid
