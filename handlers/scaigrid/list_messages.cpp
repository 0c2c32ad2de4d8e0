// GET .../queues/{queue_id}/messages, oldest first. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> list_messages(Context& context, const Request& request) {
    SCAI_TRY(const auto paging, read_paging(request, "messages", 1));
    SCAI_TRY(const auto after, position_of(paging));
    SCAI_TRY(const auto state,
             query_choice(request, "state", {"pending", "claimed", "completed", "expired", "cancelled"}));
    SCAI_TRY(const auto page,
             queues::list_messages(context.pool, queue_caller(request), request.param("scope_id"),
                                   request.param("queue_id"), state, after, paging.limit));
    return listing(request, "messages", page);
}

} // namespace scaigrid
