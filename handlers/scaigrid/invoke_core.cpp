// POST /v1/modules/scaicore/cores/{core_id}/invoke: {input?, flow_name?, trigger?, instance_key?,
// request_key?}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/runs/runs.hpp"

namespace scaigrid {

Result<Response> invoke_core(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object(/*empty_allowed=*/true));
    scai::json::Fields fields(body, "body");
    runs::Invocation invocation;
    invocation.core_id = request.param("core_id");
    invocation.input = fields.optional_object("input");
    invocation.trigger = fields.optional_text("trigger", {.max = 255}).value_or("");
    invocation.flow_name = fields.optional_text("flow_name", {.max = 255}).value_or("");
    invocation.instance_key = fields.optional_text("instance_key", {.max = 255}).value_or("");
    invocation.request_key = fields.optional_text("request_key", {.max = 255});
    invocation.caused_by = request.principal.subject;
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(const auto answer, runs::invoke(context, request.principal.tenant_id, invocation));
    return ok(request, answer);
}

} // namespace scaigrid
