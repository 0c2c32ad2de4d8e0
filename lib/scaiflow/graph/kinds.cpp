// The table of the node kinds. A null default is written as none: setting() answers "absent" for both.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/kinds.hpp"

#include <array>

namespace scaiflow::graph {

namespace {

constexpr std::string_view http_methods = "GET HEAD POST PUT PATCH DELETE";
constexpr std::string_view priority_tiers = "critical high normal low background";

constexpr ConfigKey breakpoint{
    "breakpoint", Shape::boolean, false, "false", {}, "Pause before this node when debugging."};
constexpr ConfigKey llm_role{"llm_role", Shape::role, false, {}, {}, "Role of the model registry."};
constexpr ConfigKey model{"model", Shape::role, false, {}, {}, "Old name of llm_role; llm_role wins."};
constexpr ConfigKey goal{"goal", Shape::template_text, true, {}, {}, "What the model is asked to do."};
constexpr ConfigKey output_schema{
    "output_schema", Shape::object, false, "{}", {}, "Field name to type, e.g. enum[a, b]."};
constexpr ConfigKey input_bindings{"input_bindings",      Shape::template_object, false, "{}", {},
                                   "Input name to value."};
constexpr ConfigKey context_bindings{
    "context_bindings", Shape::template_object, false, "{}", {}, "Background the model may read."};
constexpr ConfigKey guidance{"guidance", Shape::template_text, false, {}, {}, "How to go about it."};
constexpr ConfigKey constraints{
    "constraints", Shape::template_value, false, {}, {}, "What the answer must and must not do."};
constexpr ConfigKey scope{"scope", Shape::text, false,
                          {},      {},          "Queue scope; config.scaiqueue.scope when absent."};
constexpr ConfigKey queue{"queue", Shape::queue, true, {}, {}, "Slug of the queue."};
constexpr ConfigKey prompt{"prompt", Shape::template_text, false, {}, {}, "What the person is asked."};
constexpr ConfigKey options{"options", Shape::list, false,
                            "[]",      {},          "Answers: ids, or {id, label}; the id is the result."};
constexpr ConfigKey timeout{"timeout", Shape::duration, false, {}, {}, "How long to wait, e.g. 4h."};
constexpr ConfigKey on_timeout{"on_timeout", Shape::text, false,
                               R"("fail")",  {},          "fail, escalate, continue, or an option's id."};
constexpr ConfigKey payload{"payload", Shape::template_value, false, "{}", {}, "Body of the message."};
constexpr ConfigKey timeout_s{"timeout_s", Shape::integer, false, "30", {}, "Seconds to wait.", 1, 86'400};
constexpr ConfigKey file_path{"path", Shape::template_text, true, {}, {}, "Path in the sandbox."};

constexpr std::array entry_api_keys{
    ConfigKey{"method", Shape::text, false, R"("POST")", http_methods, "HTTP method."},
    ConfigKey{"path", Shape::text, false, R"("/")", {}, "Path below the Core."}};
constexpr std::array entry_webhook_keys{
    ConfigKey{"method", Shape::text, false, R"("POST")", http_methods, "HTTP method."},
    ConfigKey{"path", Shape::text, false, R"("/")", {}, "Path below the Core."},
    ConfigKey{"auth", Shape::any, false, {}, {}, "Reserved for signature data."}};
constexpr std::array entry_schedule_keys{
    ConfigKey{"cron", Shape::cron, false, R"("0 * * * *")", {}, "Minute, hour, day, month, weekday."},
    ConfigKey{"timezone", Shape::timezone, false, R"("UTC")", {}, "IANA name, e.g. Europe/Amsterdam."}};

constexpr std::array llm_rigid_keys{
    ConfigKey{"template", Shape::template_text, true, {}, {}, "Text with {{name}} slots; no model call."},
    breakpoint};
constexpr std::array llm_guarded_keys{
    goal,
    llm_role,
    model,
    ConfigKey{"guard", Shape::expression, false, {}, {}, "Must hold before the call."},
    ConfigKey{"validate", Shape::expression, false, {}, {}, "Must hold for the answer, called result."},
    output_schema,
    input_bindings,
    context_bindings,
    guidance,
    constraints,
    ConfigKey{
        "on_validation_failure", Shape::any, false, {}, {}, "Catch block; none: a failed check is the end."},
    breakpoint};
constexpr std::array llm_flexible_keys{
    goal,
    llm_role,
    model,
    output_schema,
    input_bindings,
    context_bindings,
    guidance,
    constraints,
    ConfigKey{"identity_ref", Shape::boolean, false, "false", {}, "Speak as the Core's persona."},
    ConfigKey{"examples", Shape::list, false, "[]", {}, "Sample inputs and answers."},
    ConfigKey{"on_failure", Shape::any, false, {}, {}, "What to do when the call fails."},
    ConfigKey{"budget", Shape::any, false, {}, {}, "Limits: max_duration, max_retries."},
    breakpoint};

constexpr std::array logic_decision_keys{
    ConfigKey{"style", Shape::text, false, R"("if")", "if match", "How the branches are written."},
    ConfigKey{"subject_hint", Shape::text, false, {}, {}, "Fills in new conditions in the editor."},
    breakpoint};
constexpr std::array logic_loop_keys{
    ConfigKey{"style", Shape::text, false, R"("foreach")", "foreach while", "Kind of loop."},
    ConfigKey{"collection", Shape::expression, false, {}, {}, "List to go through (foreach)."},
    ConfigKey{"item", Shape::name, false, R"("item")", {}, "Name of the element (foreach)."},
    ConfigKey{"condition", Shape::expression, false, {}, {}, "Goes on while it holds (while)."},
    ConfigKey{"max_iterations",
              Shape::integer,
              false,
              {},
              {},
              "Bound of a while loop; 1000 is a start.",
              1,
              1'000'000},
    breakpoint};
constexpr std::array logic_parallel_keys{
    ConfigKey{"max_concurrent", Shape::integer, false, {}, {}, "Branches at a time; none: all.", 1, 1'000},
    ConfigKey{"fail_fast", Shape::boolean, false, "false", {}, "The first failure stops the others."},
    breakpoint};

constexpr std::array tool_plugin_keys{
    ConfigKey{"plugin", Shape::text, true, {}, {}, "Alias of the plugin."},
    ConfigKey{"method", Shape::text, true, {}, {}, "Method to call."},
    ConfigKey{"args", Shape::template_object, false, "{}", {}, "Arguments by name."}, breakpoint};
constexpr std::array tool_http_keys{
    ConfigKey{"method", Shape::text, false, R"("GET")", http_methods, "HTTP method."},
    ConfigKey{"url", Shape::template_text, true, {}, {}, "Address to call."},
    ConfigKey{"headers", Shape::template_object, false, "{}", {}, "Header name to value."},
    ConfigKey{"body", Shape::template_value, false, {}, {}, "Sent as JSON, a text as it is."},
    timeout_s,
    breakpoint};
constexpr std::array data_variable_set_keys{
    ConfigKey{"name", Shape::name, true, {}, {}, "Variable to set."},
    ConfigKey{"value", Shape::expression, true, {}, {}, "Its new value."}, breakpoint};

constexpr std::array checkpoint_keys{
    ConfigKey{"type", Shape::text, false, R"("approval")", {}, "approval, choice, freeform, ..."},
    prompt,
    options,
    timeout,
    on_timeout,
    breakpoint};

constexpr std::array queue_publish_keys{
    queue,
    scope,
    ConfigKey{"message_type", Shape::text, false, {}, {}, "Type of the message."},
    payload,
    ConfigKey{"correlation_id", Shape::template_text, false, {}, {}, "Ties messages together."},
    ConfigKey{"priority_tier", Shape::text, false, {}, priority_tiers, "Class of urgency."},
    ConfigKey{"priority_score", Shape::integer, false, {}, {}, "0 to 1000, within the class.", 0, 1'000},
    ConfigKey{"labels", Shape::template_value, false, {}, {}, "For search."},
    ConfigKey{"ttl_seconds", Shape::integer, false, {}, {}, "Dropped after that.", 1, 31'536'000},
    ConfigKey{"deadline", Shape::template_text, false, {}, {}, "Point in time, ISO 8601."},
    ConfigKey{"idempotency_key", Shape::template_text, false, {}, {}, "A second one is no new message."},
    breakpoint};
constexpr std::array queue_consume_keys{
    queue, scope, timeout_s,
    ConfigKey{"max_messages", Shape::integer, false, "1", {}, "Messages taken at once.", 1, 1'000},
    breakpoint};
constexpr std::array hitl_review_keys{
    queue,
    scope,
    prompt,
    ConfigKey{"sections", Shape::template_list, false, "[]", {}, "Form: context, input and decision."},
    ConfigKey{"assignee", Shape::template_text, false, {}, {}, "user:..., group:... or role:..."},
    timeout,
    on_timeout,
    breakpoint};
constexpr std::array queue_escalation_keys{
    queue,
    scope,
    ConfigKey{"reason", Shape::template_text, false, {}, {}, "Why it is escalated."},
    payload,
    ConfigKey{"priority_tier", Shape::text, false, R"("high")", priority_tiers, "Class of urgency."},
    breakpoint};

constexpr std::array compute_provision_keys{
    ConfigKey{"image", Shape::text, false, R"("python-3.12")", {}, "Image of the sandbox."},
    ConfigKey{"lifecycle", Shape::text, false, R"("ephemeral")", "ephemeral session persistent appliance",
              "How long it lives."},
    ConfigKey{"cpu_millicores", Shape::integer, false, "1000", {}, "1000 is one core.", 1, 1'000'000},
    ConfigKey{"memory_mb", Shape::integer, false, "512", {}, "Memory in MB.", 1, 16'777'216},
    ConfigKey{"disk_mb", Shape::integer, false, {}, {}, "Disk in MB.", 0, 1'073'741'824},
    ConfigKey{"gpu_count", Shape::integer, false, {}, {}, "Graphics processors.", 0, 64},
    ConfigKey{"network_profile", Shape::text, false, R"("registry")",
              "isolated registry allowlisted unrestricted transit", "What it may reach."},
    ConfigKey{"network_allowlist", Shape::list, false, {}, {}, "Hosts of profile allowlisted."},
    breakpoint};
constexpr std::array compute_exec_keys{
    ConfigKey{"command", Shape::template_list, true, {}, {}, "Program and arguments."}, timeout_s,
    breakpoint};
constexpr std::array compute_file_upload_keys{
    file_path, ConfigKey{"content", Shape::template_value, true, {}, {}, "What the file holds."}, breakpoint};
constexpr std::array compute_file_download_keys{file_path, breakpoint};
constexpr std::array compute_destroy_keys{breakpoint};

constexpr std::array subflow_call_keys{
    ConfigKey{"target", Shape::core_uri, true, {}, {}, "core://{tenant}/{slug}"},
    ConfigKey{"flow_name", Shape::text, false, {}, {}, "One flow of the called Core."},
    input_bindings,
    ConfigKey{"instance_key", Shape::template_text, false, {}, {}, "Instance of an entity Core."},
    ConfigKey{"version", Shape::text, false, {}, {}, "Version; none: the target's default."},
    ConfigKey{"timeout", Shape::duration, false, R"("30s")", {}, "Wall clock."},
    ConfigKey{"is_async", Shape::boolean, false, "false", {}, "Do not wait for the answer."},
    breakpoint};

constexpr std::array in_port{PortDef{"in", "in", "object"}};
constexpr std::array out_port{PortDef{"out", "out", "object"}};
constexpr std::array request_port{PortDef{"out_request", "request", "object"}};
constexpr std::array event_port{PortDef{"out_event", "event", "object"}};
constexpr std::array tick_port{PortDef{"out_tick", "tick", "object"}};
constexpr std::array loop_ports{PortDef{"body", "body", "object"}, PortDef{"out", "out", "object"}};

constexpr KindDef entry(Kind kind, std::string_view name, std::string_view label,
                        std::span<const ConfigKey> config, std::span<const PortDef> outputs) {
    return {kind, name, Category::entry, label, config, {}, outputs};
}
constexpr KindDef step(Kind kind, std::string_view name, Category category, std::string_view label,
                       std::span<const ConfigKey> config, std::span<const PortDef> outputs = out_port) {
    return {kind, name, category, label, config, in_port, outputs};
}

constexpr std::array<KindDef, kind_count> kind_table{{
    entry(Kind::entry_api, "entry_api", "API Entry", entry_api_keys, request_port),
    entry(Kind::entry_webhook, "entry_webhook", "Webhook Entry", entry_webhook_keys, event_port),
    entry(Kind::entry_schedule, "entry_schedule", "Schedule Entry", entry_schedule_keys, tick_port),
    step(Kind::llm_rigid, "llm_rigid", Category::llm, "Rigid Template", llm_rigid_keys),
    step(Kind::llm_guarded, "llm_guarded", Category::llm, "Guarded Prompt", llm_guarded_keys),
    step(Kind::llm_flexible, "llm_flexible", Category::llm, "Flexible Prompt", llm_flexible_keys),
    step(Kind::logic_decision, "logic_decision", Category::logic, "Decision", logic_decision_keys),
    step(Kind::logic_loop, "logic_loop", Category::logic, "Loop", logic_loop_keys, loop_ports),
    step(Kind::logic_parallel, "logic_parallel", Category::logic, "Parallel", logic_parallel_keys),
    step(Kind::tool_plugin, "tool_plugin", Category::tool, "Plugin Call", tool_plugin_keys),
    step(Kind::tool_http, "tool_http", Category::tool, "HTTP Request", tool_http_keys),
    step(Kind::data_variable_set, "data_variable_set", Category::data, "Set Variable",
         data_variable_set_keys),
    step(Kind::checkpoint, "checkpoint", Category::checkpoint, "Checkpoint", checkpoint_keys),
    step(Kind::queue_publish, "queue_publish", Category::queue, "Queue Publish", queue_publish_keys),
    step(Kind::queue_consume, "queue_consume", Category::queue, "Queue Consume", queue_consume_keys),
    step(Kind::hitl_review, "hitl_review", Category::queue, "HITL Review", hitl_review_keys),
    step(Kind::hitl_decision, "hitl_decision", Category::queue, "HITL Decision", checkpoint_keys),
    step(Kind::queue_escalation, "queue_escalation", Category::queue, "Queue Escalation",
         queue_escalation_keys),
    step(Kind::compute_provision, "compute_provision", Category::compute, "Provision Sandbox",
         compute_provision_keys),
    step(Kind::compute_exec, "compute_exec", Category::compute, "Execute Command", compute_exec_keys),
    step(Kind::compute_file_upload, "compute_file_upload", Category::compute, "Upload File",
         compute_file_upload_keys),
    step(Kind::compute_file_download, "compute_file_download", Category::compute, "Download File",
         compute_file_download_keys),
    step(Kind::compute_destroy, "compute_destroy", Category::compute, "Destroy Sandbox",
         compute_destroy_keys),
    step(Kind::subflow_call, "subflow_call", Category::subflow, "Sub-flow Call", subflow_call_keys),
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kind_table.size(); ++i)
        if (static_cast<std::size_t>(kind_table[i].kind) != i)
            return false;
    return true;
}
static_assert(in_order());

} // namespace

const KindDef& definition(Kind kind) {
    return kind_table[static_cast<std::size_t>(kind)];
}

std::span<const KindDef> definitions() {
    return kind_table;
}

std::optional<Kind> kind_of(std::string_view name) {
    for (const KindDef& each : kind_table)
        if (each.name == name)
            return each.kind;
    return std::nullopt;
}

std::string_view name_of(Kind kind) {
    return definition(kind).name;
}

const ConfigKey* find_key(Kind kind, std::string_view name) {
    for (const ConfigKey& key : definition(kind).config)
        if (key.name == name)
            return &key;
    return nullptr;
}

std::string_view name_of(Category category) {
    switch (category) {
    case Category::entry:
        return "entry";
    case Category::llm:
        return "llm";
    case Category::logic:
        return "logic";
    case Category::tool:
        return "tool";
    case Category::data:
        return "data";
    case Category::checkpoint:
        return "checkpoint";
    case Category::queue:
        return "queue";
    case Category::compute:
        return "compute";
    case Category::subflow:
        return "subflow";
    }
    return "";
}

} // namespace scaiflow::graph
