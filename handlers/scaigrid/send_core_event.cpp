// POST /v1/modules/scaicore/cores/{core_id}/events: {event_type, payload?, event_id?}. The run is written
// down and left to scaigrid-job-run; its input is {event_type, payload} and the payload's own members. An
// event_id that came before gives the run it began. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/runs/runs.hpp"

namespace scaigrid {

using scai::json::Value;

Result<Response> send_core_event(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const std::string type = fields.text("event_type", {.max = 200});
    const Value payload = fields.optional_object("payload");
    const auto event_id = fields.optional_text("event_id", {.max = 200});
    if (auto error = fields.error())
        return *error;
    Value input = Value::object();
    payload.each_member([&](std::string_view key, const Value& value) { input.set(key, value); });
    input.set("event_type", type);
    input.set("payload", payload.present() ? payload : Value::object());
    runs::Invocation invocation{.core_id = request.param("core_id"),
                                .trigger = "",
                                .input = input,
                                .instance_key = "",
                                .caused_by = request.principal.subject};
    if (event_id)
        invocation.request_key = "event:" + *event_id;
    SCAI_TRY(const auto id, runs::accept(context, request.principal.tenant_id, invocation));
    return ok(request, Value::object({{"execution_id", id}, {"status", "RUNNING"}}), 202);
}

} // namespace scaigrid
