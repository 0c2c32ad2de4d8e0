// POST /v1/modules/scaicore/cores/{core_id}/triggers/{name}/rotate_secret: the old one stops working at once.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/scaigrid/triggers/hooks.hpp"

namespace scaigrid {

Result<Response> rotate_hook_secret(Context& context, const Request& request) {
    const auto& tenant = request.principal.tenant_id;
    const auto core = cores::find_runnable(context, tenant, request.param("core_id"));
    if (!core || !core->module)
        return not_found("Core");
    SCAI_TRY(auto row, triggers::rotate(context, tenant, *core, request.param("name")));
    return ok(request, std::move(row));
}

} // namespace scaigrid
