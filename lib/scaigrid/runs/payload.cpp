// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/payload.hpp"

#include "lib/scir/values.hpp"

#include <algorithm>

namespace scaigrid::runs {

using scai::json::Value;

namespace {

constexpr std::string_view prefix = "scaicore.runtime.";

Value payload_of(const Execution& execution) {
    return Value::object({{"execution_id", execution.id}});
}

events::Event event(const Execution& execution, std::string type, Value payload, scai::UtcTime at) {
    return {.type = std::move(type),
            .core_id = execution.core_id,
            .timestamp = at,
            .payload = std::move(payload)};
}

/// `value` under `key`, or `short_key`_truncated when it is too long.
void add_value(Value& payload, std::string_view key, std::string_view short_key, const Value& value) {
    const Value shown = value.present() ? value : Value(nullptr);
    // The estimate spares dumping what is far too long.
    if (scai::scir::measure(shown, 4 * shown_bytes).bytes <= 4 * shown_bytes &&
        Value::array({shown}).dump().size() <= shown_bytes + 2)
        payload.set(key, shown);
    else
        payload.set(std::string(short_key) + "_truncated", true);
}

void add_instance(Value& payload, const Execution& execution) {
    if (execution.instance_key)
        payload.set("instance_key", *execution.instance_key);
}

} // namespace

events::Event started_event(const Execution& execution, scai::UtcTime at) {
    Value payload = payload_of(execution);
    add_value(payload, "input", "input", execution.input);
    add_instance(payload, execution);
    return event(execution, std::string(prefix) + "invocation.started", std::move(payload), at);
}

events::Event ended_event(const Execution& execution, const Value& output, const Value& error,
                          scai::UtcTime at) {
    Value payload = payload_of(execution);
    if (error.present())
        payload.set("error", error);
    else
        add_value(payload, "output", "output", output);
    payload.set("duration_ms",
                std::chrono::duration_cast<std::chrono::milliseconds>(at - execution.started_at).count());
    add_instance(payload, execution);
    return event(execution,
                 std::string(prefix) + (error.present() ? "invocation.failed" : "invocation.completed"),
                 std::move(payload), at);
}

events::Event block_event(const Execution& execution, const scai::scir::Event& from, scai::UtcTime at) {
    if (from.type == "emit")
        return author_event(execution, from.message, from.value, at);
    Value payload = payload_of(execution);
    payload.set("node_id", from.node_id.empty() ? Value(nullptr) : Value(from.node_id));
    payload.set("block_kind", from.block_kind);
    if (from.type == "block.exited") {
        payload.set("result_binding",
                    from.result_binding.empty() ? Value(nullptr) : Value(from.result_binding));
        add_value(payload, "result_binding_value", "result_binding", from.value);
    }
    if (from.type == "block.failed")
        payload.set("error", Value::object({{"message", from.message}}));
    return event(execution, std::string(prefix) + from.type, std::move(payload), at);
}

events::Event author_event(const Execution& execution, const std::string& type, const Value& payload,
                           scai::UtcTime at) {
    Value out = Value::object();
    out.set("execution_id", execution.id);
    if (payload.is_object())
        payload.each_member([&](std::string_view key, const Value& value) { out.set(key, value); });
    else if (payload.present() && !payload.is_null())
        out.set("value", payload);
    return event(execution, event_name_problem(type) ? "author." + type.substr(0, 100) : type, std::move(out),
                 at);
}

std::optional<std::string> event_name_problem(std::string_view type) {
    if (type.empty() || type.size() > 200 || !std::ranges::all_of(type, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                   c == '_' || c == '-';
        }))
        return "an event's name has 1 to 200 of A-Z a-z 0-9 . _ -";
    if (type.starts_with("scai"))
        return "names that start with scai are the platform's own";
    return std::nullopt;
}

} // namespace scaigrid::runs
