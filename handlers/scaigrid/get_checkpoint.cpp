// GET /v1/modules/scaicore/checkpoints/{checkpoint_id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/scaigrid/checkpoints/store.hpp"

namespace scaigrid {

Result<Response> get_checkpoint(Context& context, const Request& request) {
    const auto& tenant = request.principal.tenant_id;
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    const auto row = checkpoints::store::find(reader, tenant, request.param("checkpoint_id"));
    if (!row)
        return not_found("Checkpoint");
    SCAI_TRY(auto json, scai::json::parse(*row));
    return ok(request, std::move(json));
}

} // namespace scaigrid
