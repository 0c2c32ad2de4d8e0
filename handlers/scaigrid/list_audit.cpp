// GET .../scopes/{scope_id}/audit?correlation_id=, .../audit/trace/{correlation_id}: oldest first.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> list_audit(Context& context, const Request& request) {
    const auto given = [&](std::string_view name) {
        const auto found = request.params.find(name);
        return found == request.params.end() ? std::string() : found->second;
    };
    std::string correlation_id = given("correlation_id");
    if (correlation_id.empty())
        correlation_id = request.query_text("correlation_id").value_or("");
    SCAI_TRY(const auto paging, read_paging(request, "audit", 1));
    SCAI_TRY(const auto after, position_of(paging));
    SCAI_TRY(const auto page, queues::list_trail(context.pool, queue_caller(request), given("scope_id"),
                                                 correlation_id, after, paging.limit));
    return listing(request, "audit", page);
}

} // namespace scaigrid
