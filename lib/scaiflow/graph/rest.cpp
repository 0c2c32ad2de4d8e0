// A flow with a fault in its shape is checked on without the parts that are at fault: in their place stands
// something without meaning, and whatever is then found about them, or may follow from them, is left out.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/problems.hpp"
#include "lib/scaiflow/graph/validate.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <set>

namespace scaiflow::graph {

using scai::json::Value;

namespace {

/// Where a diagnostic points to: "nodes[3].config.goal" is {nodes, 3, .config.goal}.
struct Place {
    std::string_view list;
    std::size_t index;
    std::string_view rest;
};

std::optional<Place> place_of(std::string_view path) {
    for (const std::string_view list : {std::string_view("nodes"), std::string_view("edges")}) {
        if (!path.starts_with(list) || path.substr(list.size(), 1) != "[")
            continue;
        const std::string_view number = path.substr(list.size() + 1);
        std::size_t index = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), index);
        const auto read = static_cast<std::size_t>(end - number.data());
        if (error == std::errc() && number.substr(read, 1) == "]")
            return Place{list, index, number.substr(read + 1)};
    }
    return std::nullopt;
}

/// Is `path` the member `name`, or something in it?
bool within(std::string_view path, std::string_view name) {
    return path.starts_with(name) &&
           (path.size() == name.size() || path[name.size()] == '.' || path[name.size()] == '[');
}

struct NodeFault {
    bool id = false, kind = false, config = false, ports = false;
};

/// What stage 1 found, by the parts that cannot be relied on.
class Faults {
public:
    explicit Faults(const Diagnostics& found) {
        for (const Diagnostic& each : found)
            add(each.path);
    }

    bool lists = false; ///< `nodes`, or the whole flow
    bool edge_list = false, config = false, variables = false;

    NodeFault node(std::size_t index) const {
        const auto found = nodes_.find(index);
        return found == nodes_.end() ? NodeFault{} : found->second;
    }
    bool edge(std::size_t index) const { return edges_.contains(index); }
    bool any_id() const {
        return std::ranges::any_of(nodes_, [](const auto& each) { return each.second.id; });
    }
    bool any_kind() const {
        return std::ranges::any_of(nodes_, [](const auto& each) { return each.second.kind; });
    }

private:
    std::map<std::size_t, NodeFault> nodes_;
    std::set<std::size_t> edges_;

    void add(std::string_view path) {
        if (const auto place = place_of(path))
            place->list == "nodes" ? add_node(*place) : add_edge(*place);
        lists = lists || path.empty() || path == "nodes";
        edge_list = edge_list || path == "edges";
        config = config || within(path, "config");
        variables = variables || within(path, "variables");
    }
    void add_node(const Place& place) {
        NodeFault& fault = nodes_[place.index];
        const bool all = place.rest.empty();
        fault.id = fault.id || all || within(place.rest, ".id");
        fault.kind = fault.kind || all || within(place.rest, ".type");
        fault.config = fault.config || all || within(place.rest, ".config");
        fault.ports = fault.ports || all || within(place.rest, ".inputs") || within(place.rest, ".outputs");
    }
    void add_edge(const Place& place) {
        if (place.rest.empty())
            edges_.insert(place.index);
        for (const std::string_view part : {".id", ".type", ".source", ".target", ".condition"})
            if (within(place.rest, part))
                edges_.insert(place.index);
    }
};

/// No id that anybody chose looks like this; a fault tells with what it is about.
std::string stand_in(std::size_t index) {
    return "\x01" + std::to_string(index);
}

Value sound_node(const Value& node, const NodeFault& fault, std::size_t index) {
    Value out =
        Value::object({{"id", fault.id ? stand_in(index) : node.member("id")},
                       {"type", fault.kind ? std::string(name_of(Kind::llm_rigid)) : node.member("type")},
                       {"label", "-"},
                       {"position", Value::object({{"x", 0}, {"y", 0}})}});
    if (const Value config = node.get("config"); config.present() && !fault.config && !fault.kind)
        out.set("config", config);
    for (const char* side : {"inputs", "outputs"})
        if (const Value ports = node.get(side); ports.present() && !fault.ports)
            out.set(side, ports);
    return out;
}

Value sound_edge(const Value& edge, bool fault, std::size_t index) {
    const Value nowhere = Value::object({{"node", stand_in(index)}, {"port", "-"}});
    Value out = Value::object({{"id", fault ? stand_in(index) : edge.member("id")},
                               {"type", fault ? std::string("data") : edge.member("type")},
                               {"source", fault ? nowhere : edge.get("source")},
                               {"target", fault ? nowhere : edge.get("target")}});
    if (const Value condition = edge.get("condition"); condition.present() && !fault)
        out.set("condition", condition);
    return out;
}

Value sound_flow(const Value& content, const Faults& faults) {
    Value nodes = Value::array();
    Value edges = Value::array();
    std::size_t index = 0;
    content.get("nodes").each_item([&](const Value& node) {
        nodes.push(sound_node(node, faults.node(index), index));
        ++index;
    });
    index = 0;
    if (!faults.edge_list)
        content.get("edges").each_item([&](const Value& edge) {
            edges.push(sound_edge(edge, faults.edge(index), index));
            ++index;
        });
    const Value any_model = Value::object({{"role", "-"}, {"ref", "-"}, {"model", "-"}});
    const Value identity = Value::object({{"name", "-"}, {"models", Value::array({any_model})}});
    Value out = Value::object({{"id", "-"}, {"name", "-"}, {"version", "1.0.0"}});
    out.set("nodes", nodes).set("edges", edges);
    if (faults.config)
        out.set("config", Value::object({{"core_identity", identity}}));
    else if (const Value config = content.get("config"); config.present())
        out.set("config", config);
    if (const Value variables = content.get("variables"); variables.present() && !faults.variables)
        out.set("variables", variables);
    return out;
}

/// Whether a finding stands whatever the parts at fault are meant to be.
bool stands(const Diagnostic& found, const Graph& graph, const Faults& faults) {
    if (found.severity != Severity::error || (found.code == "NO_ENTRY" && faults.any_kind()))
        return false;
    if (faults.config &&
        (within(found.path, "config") || found.code == "ROLE_UNDECLARED" || found.code == "HITL_SCOPE"))
        return false;
    const auto place = place_of(found.path);
    if (!place)
        return true;
    if (place->list == "nodes") {
        const NodeFault fault = faults.node(place->index);
        return !fault.id && !fault.kind && !(fault.config && within(place->rest, ".config")) &&
               !(fault.ports && !within(place->rest, ".config") && !within(place->rest, ".id"));
    }
    if (faults.edge(place->index) || (found.code == "EDGE_NODE" && faults.any_id()))
        return false;
    const auto ends_well = [&](const std::string& id) {
        const Node* node = graph.find(id);
        const NodeFault fault = node == nullptr ? NodeFault{} : faults.node(graph.index_of(*node));
        return !fault.kind && !fault.ports;
    };
    const Edge& edge = graph.edges[place->index];
    return (found.code != "EDGE_PORT_SOURCE" || ends_well(edge.source_node)) &&
           ((found.code != "EDGE_PORT_TARGET" && found.code != "EDGE_ENTRY") || ends_well(edge.target_node));
}

} // namespace

Diagnostics check_rest(const Value& content, const Diagnostics& found) {
    const Faults faults(found);
    if (faults.lists || found.size() >= Problems::limit)
        return {};
    const Read read = graph::read(sound_flow(content, faults));
    if (!read.graph)
        return {};
    Diagnostics out;
    const auto keep = [&](const Diagnostic& each) { return stands(each, *read.graph, faults); };
    std::ranges::copy_if(analyze(*read.graph), std::back_inserter(out), keep);
    std::ranges::copy_if(check_settings(*read.graph, result_names_of(*read.graph)), std::back_inserter(out),
                         keep);
    return out;
}

} // namespace scaiflow::graph
