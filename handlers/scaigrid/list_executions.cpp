// GET /v1/modules/scaicore/executions: the tenant's runs, newest first. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaigrid/runs/store.hpp"

namespace scaigrid {

Result<Response> list_executions(Context& context, const Request& request) {
    constexpr std::string_view list = "scaicore-executions";
    const auto& tenant = request.principal.tenant_id;
    SCAI_TRY(const auto paging, read_paging(request, list, 2));
    SCAI_TRY(const auto status,
             query_choice(request, "status", {"RUNNING", "SUSPENDED", "COMPLETED", "FAILED"}));
    if (!paging.key.empty() && !scai::parse_int(paging.key[0]))
        return bad_field("query.cursor", "must be the cursor of an earlier page of this list");
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    auto rows = runs::store::list(reader, tenant,
                                  {.core_id = request.query_text("core_id").value_or(""),
                                   .status = status,
                                   .after = paging.key,
                                   .limit = paging.limit + 1});
    const auto next = cut_page(rows, paging, list, [](const runs::store::Listed& row) {
        return std::vector{row.started_micros, row.id};
    });
    auto out = scai::json::Value::array();
    for (const auto& row : rows) {
        SCAI_TRY(auto json, scai::json::parse(row.json));
        out.push(std::move(json));
    }
    return ok_page(request, std::move(out), next);
}

} // namespace scaigrid
