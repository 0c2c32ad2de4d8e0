// GET /v1/modules/scaicore/executions/{execution_id}: a run with its input and output.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/scaigrid/runs/store.hpp"

namespace scaigrid {

Result<Response> get_execution(Context& context, const Request& request) {
    const auto& tenant = request.principal.tenant_id;
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    const auto row = runs::store::find_json(reader, tenant, request.param("execution_id"));
    if (!row)
        return not_found("Execution");
    SCAI_TRY(auto json, scai::json::parse(*row));
    return ok(request, std::move(json));
}

} // namespace scaigrid
