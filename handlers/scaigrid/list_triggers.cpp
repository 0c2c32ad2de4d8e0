// GET /v1/modules/scaicore/cores/{core_id}/triggers: how the Core can be started, with URL and secret of its
// webhooks. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/scaigrid/triggers/hooks.hpp"

namespace scaigrid {

Result<Response> list_triggers(Context& context, const Request& request) {
    const auto& tenant = request.principal.tenant_id;
    const auto core = cores::find_runnable(context, tenant, request.param("core_id"));
    if (!core || !core->module)
        return not_found("Core");
    return ok_page(request, triggers::list(context, tenant, *core), "");
}

} // namespace scaigrid
