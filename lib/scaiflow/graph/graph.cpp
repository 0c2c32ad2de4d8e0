// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/graph.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/graph/formats.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace scaiflow::graph {

using scai::json::Value;

namespace {

bool has_port(const std::optional<std::vector<Port>>& ports, std::string_view id) {
    return ports && std::ranges::any_of(*ports, [&](const Port& port) { return port.id == id; });
}

/// Parsed default of every config key, by the address of its row in the table.
const Value& default_of(const ConfigKey& key) {
    static const std::unordered_map<const ConfigKey*, Value> parsed = [] {
        std::unordered_map<const ConfigKey*, Value> out;
        for (const KindDef& kind : definitions())
            for (const ConfigKey& each : kind.config)
                if (!each.default_json.empty())
                    out.emplace(&each, scai::json::parse(each.default_json).value());
        return out;
    }();
    static const Value none;
    const auto found = parsed.find(&key);
    return found == parsed.end() ? none : found->second;
}

void set_present(Value& object, std::string_view key, const Value& value) {
    if (value.present())
        object.set(key, value);
}

void set_present(Value& object, std::string_view key, const std::optional<std::string>& text) {
    if (text)
        object.set(key, *text);
}

void set_ports(Value& node, std::string_view key, const std::optional<std::vector<Port>>& ports) {
    if (!ports)
        return;
    Value list = Value::array();
    for (const Port& port : *ports) {
        Value out = Value::object({{"id", port.id}});
        set_present(out, "label", port.label);
        set_present(out, "type", port.type);
        list.push(std::move(out));
    }
    node.set(key, std::move(list));
}

Value node_json(const Node& node) {
    Value out = Value::object(
        {{"id", node.id}, {"type", name_of(node.kind)}, {"label", node.label}, {"position", node.position}});
    set_present(out, "config", node.config);
    set_ports(out, "inputs", node.inputs);
    set_ports(out, "outputs", node.outputs);
    return out;
}

Value edge_json(const Edge& edge) {
    Value out =
        Value::object({{"id", edge.id},
                       {"type", name_of(edge.type)},
                       {"source", Value::object({{"node", edge.source_node}, {"port", edge.source_port}})},
                       {"target", Value::object({{"node", edge.target_node}, {"port", edge.target_port}})}});
    set_present(out, "condition", edge.condition);
    return out;
}

bool is_number(std::string_view text) { ///< without leading zeros
    return !text.empty() && std::ranges::all_of(text, is_digit) && (text.size() == 1 || text.front() != '0');
}

bool is_identifier(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
}

bool is_prerelease(std::string_view text) {
    return is_identifier(text) && (!std::ranges::all_of(text, is_digit) || is_number(text));
}

/// Every part between dots fits.
template<class Fits>
bool dotted(std::string_view text, Fits fits) {
    for (;;) {
        const std::size_t dot = text.find('.');
        if (!fits(text.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

/// Text before the pre-release and build parts.
std::string_view core_of(std::string_view version) {
    return version.substr(0, version.find_first_of("-+"));
}

} // namespace

bool Node::has_input(std::string_view port) const {
    return has_port(inputs, port);
}

bool Node::has_output(std::string_view port) const {
    return has_port(outputs, port);
}

Value Node::setting(std::string_view key) const {
    if (Value value = config.get(key); value.present() && !value.is_null())
        return value;
    const ConfigKey* known = find_key(kind, key);
    return known == nullptr ? Value() : default_of(*known);
}

std::string Node::text(std::string_view key) const {
    return setting(key).text_or("");
}

const Node* Graph::find(std::string_view node_id) const {
    const auto found = node_index.find(std::string(node_id));
    return found == node_index.end() ? nullptr : &nodes[found->second];
}

std::string_view name_of(EdgeType type) {
    switch (type) {
    case EdgeType::sequential:
        return "sequential";
    case EdgeType::conditional:
        return "conditional";
    case EdgeType::data:
        return "data";
    }
    return "";
}

Value to_json(const Graph& graph) {
    Value out = Value::object();
    set_present(out, "$schema", graph.schema);
    out.set("id", graph.id).set("name", graph.name).set("version", graph.version);
    set_present(out, "scaicore_target", graph.scaicore_target);
    set_present(out, "metadata", graph.metadata);
    Value nodes = Value::array();
    for (const Node& node : graph.nodes)
        nodes.push(node_json(node));
    Value edges = Value::array();
    for (const Edge& edge : graph.edges)
        edges.push(edge_json(edge));
    out.set("nodes", std::move(nodes)).set("edges", std::move(edges));
    set_present(out, "variables", graph.variables);
    set_present(out, "config", graph.config);
    set_present(out, "tests", graph.tests);
    return out;
}

std::string format(const Graph& graph) {
    return to_json(graph).dump_pretty() + "\n";
}

std::string new_id(std::string_view prefix) {
    return std::string(prefix) + scai::crypto::random_id(10);
}

// semver.org 2.0.0, section 2, 9 and 10.
bool valid_semver(std::string_view version) {
    std::string_view rest = version;
    if (const std::size_t plus = rest.find('+'); plus != std::string_view::npos) {
        if (!dotted(rest.substr(plus + 1), is_identifier))
            return false;
        rest = rest.substr(0, plus);
    }
    if (const std::size_t dash = rest.find('-'); dash != std::string_view::npos) {
        if (!dotted(rest.substr(dash + 1), is_prerelease))
            return false;
        rest = rest.substr(0, dash);
    }
    return std::ranges::count(rest, '.') == 2 && dotted(rest, is_number);
}

std::string bump_patch(std::string_view version) {
    if (!valid_semver(version))
        return "1.0.0";
    std::string out(core_of(version));
    std::size_t at = out.size();
    while (out[at - 1] == '9')
        out[--at] = '0';
    if (is_digit(out[at - 1]))
        ++out[at - 1];
    else
        out.insert(at, "1");
    return out;
}

} // namespace scaiflow::graph
