// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/cores/steps.hpp"

#include "lib/scaigrid/models/models.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace scaigrid::cores {

using scai::json::Value;

namespace {

struct Node {
    std::string kind;
    Value config;
};

/// Members of `from`, each under the name a node has for it.
Value picked(const Value& from, std::initializer_list<std::pair<std::string_view, std::string_view>> names) {
    auto out = Value::object();
    for (const auto& [name, key] : names)
        if (const auto value = from.get(name); value.present() && !value.is_null())
            out.set(key, value);
    return out;
}

std::optional<Node> node_of(const Value& step) {
    if (const auto turn = step.get("llm_turn"); turn.present()) {
        const bool guarded = step.get("guarded").boolean().value_or(false);
        auto config = picked(step, {{"llm_role", "llm_role"}});
        if (guarded)
            config = picked(step, {{"llm_role", "llm_role"}, {"guard", "guard"}, {"validate", "validate"}});
        return Node{guarded ? "llm_guarded" : "llm_flexible", config.set("goal", turn)};
    }
    if (const auto call = step.get("plugin_call"); call.is_object())
        return Node{"tool_plugin",
                    picked(call, {{"alias", "plugin"}, {"method", "method"}, {"args", "args"}})};
    if (const auto checkpoint = step.get("checkpoint"); checkpoint.is_object())
        return Node{checkpoint.get("queue").is_string() ? "hitl_review" : "checkpoint",
                    picked(checkpoint, {{"type", "type"},
                                        {"prompt", "prompt"},
                                        {"options", "options"},
                                        {"timeout", "timeout"},
                                        {"on_timeout", "on_timeout"},
                                        {"scope", "scope"},
                                        {"queue", "queue"}})};
    if (const auto rigid = step.get("rigid"); rigid.is_object())
        return Node{"llm_rigid", picked(rigid, {{"template", "template"}})};
    if (const auto set = step.get("set"); set.is_object())
        return Node{"data_variable_set", picked(set, {{"name", "name"}, {"value", "value"}})};
    return std::nullopt;
}

Value with_node(const Value& step, std::size_t number) {
    const auto meta = step.get("meta");
    if (!step.is_object() || meta.get("node_config").present() || meta.get("synthetic").present())
        return step;
    const auto node = node_of(step);
    if (!node)
        return step;
    auto told = Value::object();
    meta.each_member([&](std::string_view key, const Value& value) { told.set(key, value); });
    if (!meta.get("node_id").is_string())
        told.set("node_id", "step_" + std::to_string(number));
    if (!meta.get("node_kind").is_string())
        told.set("node_kind", node->kind);
    told.set("node_config", node->config);
    auto out = Value::object();
    step.each_member([&](std::string_view key, const Value& value) {
        if (key != "meta")
            out.set(key, value);
    });
    return out.set("meta", told);
}

/// A copy of an object with one member replaced; the original is shared with whoever gave it.
Value replaced(const Value& object, std::string_view name, const Value& with) {
    auto out = Value::object();
    object.each_member(
        [&](std::string_view key, const Value& value) { out.set(key, key == name ? with : value); });
    return out;
}

} // namespace

Value with_nodes(const Value& manifest) {
    const auto core = manifest.get("core");
    if (!core.get("flows").is_array())
        return manifest;
    auto flows = Value::array();
    std::size_t number = 0;
    core.get("flows").each_item([&](const Value& flow) {
        if (!flow.get("steps").is_array()) {
            flows.push(flow);
            return;
        }
        auto steps = Value::array();
        flow.get("steps").each_item([&](const Value& step) { steps.push(with_node(step, ++number)); });
        flows.push(replaced(flow, "steps", steps));
    });
    auto out = replaced(core, "flows", flows);
    // Not every flow asks a model, but each names the one it would ask.
    if (out.member("model").empty() && out.get("scaiflow_meta").get("models").size() == 0)
        out.set("model", models::echo_slug);
    return replaced(manifest, "core", out);
}

} // namespace scaigrid::cores
