// POST /v1/modules/scaicore/hooks/{core_id}/{name}: a webhook trigger is called. 202 as soon as the run is
// written down; X-Event-Id (or X-ScaiGrid-Event-Id) that came before gives the run it began. Whatever is
// wrong with Core, name or proof is one and the same 401. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/scaigrid/runs/runs.hpp"
#include "lib/scaigrid/triggers/hooks.hpp"

namespace scaigrid {

using scai::json::Value;

Result<Response> receive_hook(Context& context, const Request& request) {
    const std::string& core_id = request.param("core_id");
    const std::string& name = request.param("name");
    const auto hook = triggers::find_hook(context.pool, core_id, name);
    if (!hook || !triggers::proves(request, hook->secret))
        return refusal(scai::ErrorKind::unauthenticated, "AUTH_TOKEN_INVALID",
                       "no webhook trigger takes this signature");
    runs::Invocation invocation{.core_id = core_id,
                                .trigger = name,
                                .input = triggers::input_of(request),
                                .instance_key = "",
                                .caused_by = "webhook"};
    for (const auto* header : {"x-event-id", "x-scaigrid-event-id"})
        if (const auto id = request.header(header); !id.empty() && !invocation.request_key)
            invocation.request_key = "hook:" + name + ":" + std::string(id.substr(0, 200));
    SCAI_TRY(const auto id, runs::accept(context, hook->tenant_id, invocation));
    return ok(request, Value::object({{"execution_id", id}, {"status", "RUNNING"}}), 202);
}

} // namespace scaigrid
