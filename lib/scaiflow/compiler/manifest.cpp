// The YAML manifest (contract scaiflow-model.md 5.1 - 5.4) as a JSON tree. Steps are nested as the flow runs:
//   decision: {branches: [{when, steps}], else}   foreach: {over, as, steps}   while: {condition,
//   max_iterations, steps}   parallel: {max_concurrent?, fail_fast, branches: [{name, steps}]}
// so a reader sees the real control flow, in the order of the IR. A step without a node of its own (a join's
// flag, a branch behind a node that is no decision, a breakpoint) has meta {node_id, synthetic: true}.
// Texts stay as the user wrote them ({{...}}); node_config is the node's own config, untouched.
// scaiflow_meta.graph holds the rest of the flow, so that import gives back every member.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/compiler/lower.hpp"

#include <array>
#include <optional>
#include <unordered_map>

namespace scaiflow::compiler {

using graph::Category;
using graph::Kind;
using scai::json::Value;

namespace {

/// The flow as it was read. What the manifest says in the same words is taken from there: making it again and
/// giving it back costs more than writing it.
class AsRead {
public:
    AsRead(const graph::Graph& graph, const Value& content)
        : graph_(graph), nodes_(content.get("nodes")), edges_(content.get("edges")) {}

    Value id(const graph::Node& node) const { return text(node, "id", node.id); }
    Value label(const graph::Node& node) const { return text(node, "label", node.label); }
    /// Absent unless every edge has its members in the order they are written in.
    Value edges() const {
        bool good = edges_.size() == graph_.edges.size();
        edges_.each_item([&](const Value& edge) { good = good && in_order(edge); });
        return good ? edges_ : Value();
    }
    /// The same for one side of a node.
    Value ports(const graph::Node& node, std::string_view side) const {
        const Value list = read(node).get(side);
        bool good = list.is_array();
        list.each_item([&](const Value& port) { good = good && ordered(port, {"id", "label", "type"}, 1); });
        return good ? list : Value();
    }

private:
    Value read(const graph::Node& node) const { return nodes_.at(graph_.index_of(node)); }
    Value text(const graph::Node& node, std::string_view key, const std::string& made) const {
        Value out = read(node).get(key);
        return out.is_string() ? out : Value(made);
    }
    /// Texts under these names in this order; of those behind the first `required` any may be missing.
    static bool ordered(const Value& object, std::initializer_list<std::string_view> names,
                        std::size_t required) {
        const auto* next = names.begin();
        bool good = object.size() >= required;
        object.each_member([&](std::string_view key, const Value& value) {
            const bool fixed = next < names.begin() + required;
            while (!fixed && next != names.end() && *next != key)
                ++next;
            good = good && next != names.end() && *next == key && value.is_string();
            if (next != names.end())
                ++next;
        });
        return good;
    }
    static bool in_order(const Value& edge) {
        constexpr std::array<std::string_view, 5> names{"id", "type", "source", "target", "condition"};
        std::size_t at = 0;
        bool good = true;
        edge.each_member([&](std::string_view key, const Value& value) {
            good = good && at < names.size() && key == names[at] &&
                   (at == 2 || at == 3 ? ordered(value, {"node", "port"}, 2) : value.is_string());
            ++at;
        });
        return good && at >= 4;
    }

    const graph::Graph& graph_;
    Value nodes_, edges_;
};

Value meta_of(const graph::Node& node, const AsRead& as_read) {
    Value out = Value::object({{"node_id", as_read.id(node)},
                               {"node_kind", graph::name_of(node.kind)},
                               {"node_label", as_read.label(node)}});
    if (node.config.present())
        out.set("node_config", node.config);
    return out;
}

/// The members of `from` but the first two, kind and node_id, and those in `without`.
Value options_of(const Value& from, std::string_view without) {
    Value out = Value::object();
    from.each_member([&](std::string_view key, const Value& value) {
        if (key != "kind" && key != "node_id" && key != without)
            out.set(key, value);
    });
    return out;
}

class Steps {
public:
    Steps(const Context& context, const AsRead& as_read) : context_(context), as_read_(as_read) {
        for (const auto& [node, name] : triggers_of(context.graph()))
            triggers_.emplace(node->id, name);
    }
    Value list(const Body& body) const;

private:
    void add(const Item& item, Value& out) const;
    Value leaf(const graph::Node& node) const;
    Value logic(const Item& item) const;
    Value decision(const Item& item) const;
    static Value plugin_call(const Value& block);

    const Context& context_;
    const AsRead& as_read_;
    std::map<std::string, std::string> triggers_;
};

Value Steps::plugin_call(const Value& block) {
    const Value call = block.get("statements").at(0);
    return Value::object({{"plugin_call", Value::object({{"alias", call.get("plugin")},
                                                         {"method", call.get("method")},
                                                         {"args", call.get("args")}})}});
}

Value Steps::leaf(const graph::Node& node) const {
    if (node.kind == Kind::llm_rigid)
        return Value::object({{"rigid", Value::object({{"template", node.setting("template")}})}});
    if (node.kind == Kind::data_variable_set)
        return Value::object(
            {{"set", Value::object({{"name", node.setting("name")}, {"value", node.setting("value")}})}});
    const Value block = lower_leaf(context_, node);
    const std::string kind = block.member("kind");
    if (kind == "rigid")
        return plugin_call(block);
    if (kind == "core_call")
        return Value::object({{"core_call", options_of(block, "")}});
    if (kind == "checkpoint") {
        Value options = Value::object({{"type", block.get("checkpoint_type")}});
        if (const Value target = block.get("hitl_target"); target.present())
            options.set("scope", target.get("scope")).set("queue", target.get("queue"));
        options_of(block, "hitl_target").each_member([&](std::string_view key, const Value& value) {
            if (key != "checkpoint_type")
                options.set(key, value);
        });
        return Value::object({{"checkpoint", options}});
    }
    Value out = Value::object({{"llm_turn", block.get("goal")}});
    if (kind == "guarded") {
        out.set("guarded", true);
        for (const char* key : {"guard", "validate"})
            if (const Value value = block.get(key); value.present())
                out.set(key, value);
    }
    return out.set("llm_role", block.get("llm_role"));
}

Value Steps::decision(const Item& item) const {
    Value branches = Value::array();
    for (const Branch& branch : item.branches) {
        std::string when;
        if (branch.edge != nullptr)
            when = branch.edge->condition.value_or("true");
        else if (item.kind == Item::Kind::triggers)
            when = "trigger.name == '" + triggers_.at(branch.name) + "'";
        else
            when = item.flags.front();
        branches.push(Value::object({{"when", when}, {"steps", list(branch.body)}}));
    }
    Value out = Value::object();
    if (item.kind == Item::Kind::node)
        out.set("style", item.node->setting("style"));
    out.set("branches", branches);
    if (!item.otherwise.empty())
        out.set("else", list(item.otherwise));
    return Value::object({{"decision", out}});
}

Value Steps::logic(const Item& item) const {
    const graph::Node& node = *item.node;
    if (node.kind == Kind::logic_decision)
        return decision(item);
    Value out = Value::object();
    if (node.kind == Kind::logic_parallel) {
        context_.copy(out, node, {"max_concurrent", "fail_fast"});
        Value branches = Value::array();
        for (const Branch& branch : item.branches)
            branches.push(Value::object({{"name", branch.name}, {"steps", list(branch.body)}}));
        return Value::object({{"parallel", out.set("branches", branches)}});
    }
    const bool loops_while = node.text("style") == "while";
    if (loops_while)
        context_.copy(out, node, {"condition", "max_iterations"});
    else
        out.set("over", node.setting("collection")).set("as", node.setting("item"));
    out.set("steps", item.branches.empty() ? Value::array() : list(item.branches.front().body));
    return Value::object({{loops_while ? "while" : "foreach", out}});
}

void Steps::add(const Item& item, Value& out) const {
    const auto mark = [&] {
        return Value::object({{"node_id", as_read_.id(*item.node)}, {"synthetic", true}});
    };
    switch (item.kind) {
    case Item::Kind::node: {
        const bool logic_node = graph::definition(item.node->kind).category == Category::logic;
        Value step = logic_node ? logic(item) : leaf(*item.node);
        out.push(step.set("meta", meta_of(*item.node, as_read_)));
        return;
    }
    case Item::Kind::breakpoint:
        out.push(
            Value::object({{"checkpoint", Value::object({{"type", "debug_breakpoint"}})}, {"meta", mark()}}));
        return;
    case Item::Kind::choice:
    case Item::Kind::triggers:
    case Item::Kind::guard:
        out.push(decision(item).set("meta", mark()));
        return;
    case Item::Kind::mark:
    case Item::Kind::reset:
        for (const std::string& flag : item.flags)
            out.push(Value::object(
                {{"set", Value::object({{"name", flag}, {"value", item.kind == Item::Kind::mark}})},
                 {"meta", mark()}}));
        return;
    }
}

Value Steps::list(const Body& body) const {
    Value out = Value::array();
    for (const Item& item : body)
        add(item, out);
    return out;
}

Value trigger_of(const graph::Node& node, const std::string& name, const AsRead& as_read) {
    Value out = Value::object({{"type", graph::name_of(node.kind).substr(6)}});
    if (!name.empty())
        out.set("name", name);
    for (const std::string_view key : {"method", "path", "auth", "cron", "timezone"})
        if (const Value value = node.setting(key); node.kind != Kind::entry_api && value.present())
            out.set(key, value);
    return out.set("meta", meta_of(node, as_read));
}

/// Lists of ports as JSON; equal lists are one value, since most nodes have the ports of their kind.
class Ports {
public:
    explicit Ports(const AsRead& as_read) : as_read_(as_read) {}

    void set(Value& out, const graph::Node& node, const char* key,
             const std::optional<std::vector<graph::Port>>& ports) {
        if (!ports)
            return;
        if (Value list = as_read_.ports(node, key); list.present()) {
            out.set(key, std::move(list));
            return;
        }
        std::string signature;
        for (const graph::Port& port : *ports)
            for (const auto& part : {std::optional(port.id), port.label, port.type})
                signature += (part ? std::to_string(part->size()) + ":" + *part : "-") + ",";
        Value& list = lists_[signature];
        if (!list.present())
            list = list_of(*ports);
        out.set(key, list);
    }

private:
    static Value list_of(const std::vector<graph::Port>& ports) {
        Value list = Value::array();
        for (const graph::Port& port : ports) {
            Value out = Value::object({{"id", port.id}});
            if (port.label)
                out.set("label", *port.label);
            if (port.type)
                out.set("type", *port.type);
            list.push(std::move(out));
        }
        return list;
    }
    const AsRead& as_read_;
    std::unordered_map<std::string, Value> lists_;
};

Value edge_of(const graph::Edge& edge) {
    Value out =
        Value::object({{"id", edge.id},
                       {"type", graph::name_of(edge.type)},
                       {"source", Value::object({{"node", edge.source_node}, {"port", edge.source_port}})},
                       {"target", Value::object({{"node", edge.target_node}, {"port", edge.target_port}})}});
    if (edge.condition)
        out.set("condition", *edge.condition);
    return out;
}

/// What the steps do not hold. Nodes that are no step (unreachable ones) are here in full.
Value graph_of(const graph::Graph& graph, const std::vector<bool>& reached, const AsRead& as_read) {
    Value nodes = Value::array();
    Ports ports(as_read);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const graph::Node& node = graph.nodes[i];
        const bool whole = !reached[i] && !graph::is_entry(node.kind);
        Value out = Value::object({{"id", as_read.id(node)}});
        if (whole)
            out.set("type", graph::name_of(node.kind)).set("label", node.label);
        out.set("position", node.position);
        if (whole && node.config.present())
            out.set("config", node.config);
        ports.set(out, node, "inputs", node.inputs);
        ports.set(out, node, "outputs", node.outputs);
        nodes.push(std::move(out));
    }
    Value edges = as_read.edges();
    if (!edges.present()) {
        edges = Value::array();
        for (const graph::Edge& edge : graph.edges)
            edges.push(edge_of(edge));
    }
    Value out = Value::object({{"graph_format", 1}});
    if (graph.schema)
        out.set("$schema", *graph.schema);
    out.set("name", graph.name);
    if (graph.scaicore_target)
        out.set("scaicore_target", *graph.scaicore_target);
    if (graph.metadata.present())
        out.set("metadata", graph.metadata);
    out.set("nodes", nodes).set("edges", edges);
    for (const auto& [key, value] :
         {std::pair{"variables", graph.variables}, {"config", graph.config}, {"tests", graph.tests}})
        if (value.present())
            out.set(key, value);
    return out;
}

Value scaiflow_meta(const Context& context, const Structure& structure, const AsRead& as_read) {
    const graph::Graph& graph = context.graph();
    const Value groups = graph.config.get("model_visibility_group_ids");
    const Value models = graph.config.get("core_identity").get("models");
    Value out =
        Value::object({{"source_id", graph.id},
                       {"source_version", graph.version},
                       {"scaicore_target", graph.target()},
                       {"publish_as_model", graph.config.get("publish_as_model").boolean().value_or(false)},
                       {"model_visibility_group_ids", groups.is_array() ? groups : Value::array()},
                       {"models", models.is_array() ? models : Value::array()}});
    const auto triggers = triggers_of(graph);
    if (triggers.size() > 1) {
        Value extra = Value::array();
        for (std::size_t i = 1; i < triggers.size(); ++i)
            extra.push(trigger_of(*triggers[i].first, triggers[i].second, as_read));
        out.set("extra_triggers", extra);
    }
    return out.set("graph", graph_of(graph, structure.reached, as_read));
}

} // namespace

Value manifest(const Context& context, const Structure& structure, const Value& content) {
    const graph::Graph& graph = context.graph();
    const AsRead as_read(graph, content);
    const std::string name = slug(graph.name);
    const Value model = graph.config.get("core_identity").get("models").at(0);
    Value core =
        Value::object({{"name", name},
                       {"mode", mode_of(graph)},
                       {"runtime_version", graph.target()},
                       {"identity", Value::object({{"provider", "scaikey"}, {"persona", persona_of(graph)}})},
                       {"model", model.member("ref") + "/" + model.member("model")},
                       {"plugins", plugins_of(graph, structure.reached)}});
    if (const Value capabilities = capabilities_of(graph); capabilities.present())
        core.set("capabilities", capabilities);
    if (const Value queues = graph.config.get("scaiqueue"); queues.is_object())
        core.set("scaiqueue", queues);
    const auto triggers = triggers_of(graph);
    const Value flow =
        Value::object({{"name", name},
                       {"trigger", trigger_of(*triggers.front().first,
                                              triggers.size() > 1 ? triggers.front().second : "", as_read)},
                       {"steps", Steps(context, as_read).list(structure.body)}});
    core.set("flows", Value::array({flow})).set("scaiflow_meta", scaiflow_meta(context, structure, as_read));
    return Value::object({{"core", core}});
}

} // namespace scaiflow::compiler
