// GET /v1/modules/scaicore/cores?status=&slug=&limit=&cursor=: oldest first. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaigrid/cores/service.hpp"
#include "lib/scaigrid/cores/store.hpp"

namespace scaigrid {

Result<Response> list_cores(Context& context, const Request& request) {
    constexpr auto cursor = "cores";
    SCAI_TRY(const auto paging, read_paging(request, cursor, 2));
    if (!paging.key.empty() && !scai::parse_int(paging.key.front()))
        return bad_field("query.cursor", "must be the cursor of an earlier page of this list");
    SCAI_TRY(const auto status, query_choice(request, "status",
                                             {"created", "starting", "running", "paused", "stopping",
                                              "stopped", "error", "crashed", "restarting"}));
    const auto& tenant = request.principal.tenant_id;
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    auto found = cores::store::list(reader, tenant,
                                    {.limit = paging.limit,
                                     .after = paging.key,
                                     .status = status,
                                     .slug = request.query_text("slug").value_or("")});
    const auto next = cut_page(found, paging, cursor, [](const cores::Core& last) {
        return std::vector<std::string>{std::to_string(last.created_at), last.id};
    });
    auto rows = scai::json::Value::array();
    for (const auto& core : found)
        rows.push(cores::view(core, cores::View::row));
    return ok_page(request, rows, next);
}

} // namespace scaigrid
