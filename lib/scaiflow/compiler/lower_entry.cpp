// entry_api, entry_webhook, entry_schedule: triggers, never steps (contract scaiflow-model.md 2.1, 3.11).
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"

#include <set>

namespace scaiflow::compiler {

using graph::Kind;
using scai::json::Value;

namespace {

/// node_Inbound-mail -> inbound_mail
std::string trigger_name(std::string_view id) {
    if (id.starts_with("node_"))
        id.remove_prefix(5);
    std::string out;
    for (const char c : id) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        out += upper ? static_cast<char>(c - 'A' + 'a') : plain ? c : '_';
    }
    if (out.empty() || (out[0] >= '0' && out[0] <= '9'))
        out.insert(0, "entry_");
    return out;
}

} // namespace

std::vector<std::pair<const graph::Node*, std::string>> triggers_of(const graph::Graph& graph) {
    std::vector<std::pair<const graph::Node*, std::string>> out;
    std::set<std::string> used;
    for (const graph::Node& node : graph.nodes) {
        if (!graph::is_entry(node.kind))
            continue;
        const std::string stem = trigger_name(node.id);
        std::string name = stem;
        for (int suffix = 2; !used.insert(name).second; ++suffix)
            name = stem + "_" + std::to_string(suffix);
        out.emplace_back(&node, name);
    }
    return out;
}

Value lower_trigger(const graph::Node& node, std::string_view name, std::string_view flow) {
    const std::string_view kind = graph::name_of(node.kind).substr(std::string_view("entry_").size());
    Value out = Value::object({{"kind", kind}, {"name", name}, {"target_flow", flow}, {"node_id", node.id}});
    for (const std::string_view key : {"method", "path", "auth", "cron", "timezone"})
        if (const Value value = node.setting(key); value.present() && graph::find_key(node.kind, key))
            out.set(key, value);
    return out;
}

} // namespace scaiflow::compiler
