// GET /v1/modules/scaibunker/bunkers: those that are not over, or those with ?status=.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/scaigrid/bunkers/service.hpp"

namespace scaigrid {

Result<Response> list_bunkers(Context& context, const Request& request) {
    SCAI_TRY(const auto paging, read_paging(request, "bunkers", 1));
    SCAI_TRY(const auto after, position_of(paging));
    bunkers::store::Filter filter;
    filter.tenant = request.principal.tenant_id;
    SCAI_TRY(filter.status,
             query_choice(request, "status",
                          {"pending", "provisioning", "running", "paused", "terminated", "failed"}));
    SCAI_TRY(filter.lifecycle, query_choice(request, "lifecycle", {"ephemeral", "session", "persistent"}));
    SCAI_TRY(const auto all, query_choice(request, "all_tenants", {"true", "false"}));
    if (all == "true") {
        // scaibunker:admin comes with every administrator's role; other tenants are the platform's business.
        SCAI_TRY([[maybe_unused]] const auto allowed, require(request.principal, "scaibunker:admin"));
        SCAI_TRY([[maybe_unused]] const auto platform,
                 check_access(request.principal, scai::web::Access::role("super_admin")));
        filter.tenant.clear();
    }
    const auto page = bunkers::list(context.pool, filter, after, paging.limit);
    return ok_page(request, scai::json::Value::array_of(page.rows),
                   page.next ? make_cursor("bunkers", {std::to_string(*page.next)}) : "");
}

} // namespace scaigrid
