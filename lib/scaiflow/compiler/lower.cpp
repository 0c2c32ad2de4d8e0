// Flow -> IR module (contract scaiflow-model.md 6.1, shape: lib/scir/ir.hpp). SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"

#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scir/ir.hpp"

#include <set>

namespace scaiflow::compiler {

using graph::Category;
using graph::Kind;
using scai::json::Value;

namespace {

class Lowering {
public:
    explicit Lowering(Context& context) : context_(context) {
        for (const auto& [node, name] : triggers_of(context.graph()))
            triggers_.emplace(node->id, name);
    }
    Value body(const Body& body);

private:
    Value item(const Item& item);
    Value node(const Item& item);
    Value choice(const Item& item);
    std::vector<LoweredBranch> branches(const Item& item);

    Context& context_;
    std::map<std::string, std::string> triggers_;
};

Value synthetic(std::string_view kind, const graph::Node& node) {
    return block(kind, node).set("synthetic", true);
}

Value assign(const Item& item, const char* value) {
    Value statements = Value::array();
    for (const std::string& flag : item.flags)
        statements.push(Value::object({{"kind", "assign"}, {"name", flag}, {"value", value}}));
    return synthetic("rigid", *item.node).set("statements", statements);
}

std::vector<LoweredBranch> Lowering::branches(const Item& item) {
    std::vector<LoweredBranch> out;
    for (const Branch& branch : item.branches) {
        LoweredBranch lowered;
        lowered.name = branch.name;
        if (branch.edge != nullptr) {
            lowered.when = context_.condition(*branch.edge);
            lowered.edge_id = branch.edge->id;
        } else if (item.kind == Item::Kind::triggers) {
            lowered.when = "trigger.name == " + Value(triggers_.at(branch.name)).dump();
        } else if (item.kind == Item::Kind::guard) {
            lowered.when = item.flags.front();
        }
        lowered.body = body(branch.body);
        out.push_back(std::move(lowered));
    }
    return out;
}

Value Lowering::choice(const Item& item) {
    Value arms = Value::array();
    for (const LoweredBranch& branch : branches(item)) {
        Value arm = Value::object({{"when", branch.when}});
        if (!branch.edge_id.empty())
            arm.set("edge_id", branch.edge_id);
        arms.push(arm.set("body", branch.body));
    }
    return synthetic("match", *item.node).set("arms", arms).set("otherwise", body(item.otherwise));
}

Value Lowering::node(const Item& item) {
    const graph::Node& node = *item.node;
    Value out;
    if (graph::definition(node.kind).category == Category::logic) {
        const bool names_item = node.kind == Kind::logic_loop && node.text("style") != "while";
        if (names_item)
            context_.push_local(node.text("item"));
        const auto lowered = branches(item);
        if (names_item)
            context_.pop_local();
        out = lower_logic(context_, item, lowered, body(item.otherwise));
    } else {
        out = lower_leaf(context_, node);
    }
    return out.set("result_binding", context_.binding(node));
}

Value Lowering::item(const Item& item) {
    switch (item.kind) {
    case Item::Kind::node:
        return node(item);
    case Item::Kind::breakpoint:
        return synthetic("checkpoint", *item.node)
            .set("checkpoint_type", "debug_breakpoint")
            .set("on_timeout", "fail");
    case Item::Kind::choice:
    case Item::Kind::triggers:
    case Item::Kind::guard:
        return choice(item);
    case Item::Kind::mark:
        return assign(item, "true");
    case Item::Kind::reset:
        return assign(item, "false");
    }
    return {};
}

Value Lowering::body(const Body& body) {
    Value out = Value::array();
    for (const Item& each : body)
        out.push(item(each));
    return out;
}

Value models_of(const Context& context) {
    Value out = Value::array();
    context.graph().config.get("core_identity").get("models").each_item([&](const Value& from) {
        Value entry = Value::object(
            {{"role", from.get("role")}, {"ref", from.get("ref")}, {"model", from.get("model")}});
        if (const Value temperature = from.get("temperature"); temperature.number())
            entry.set("temperature", temperature);
        const Value modalities = from.get("modalities");
        entry.set("modalities", modalities.is_array() ? modalities : Value::array({"text"}));
        if (const Value system = from.get("system_context"); system.is_string())
            entry.set("system_context", context.templates(system));
        if (const Value fallback = from.get("fallback"); fallback.size() > 0)
            entry.set("fallback", fallback);
        out.push(std::move(entry));
    });
    return out;
}

Value variables_of(const graph::Graph& graph, const std::vector<std::string>& flags) {
    Value out = Value::array();
    graph.variables.each_item([&](const Value& from) {
        Value variable = Value::object({{"name", from.get("name")}, {"type", types(from.get("type"))}});
        if (const Value initial = from.get("default"); initial.present() && !initial.is_null())
            variable.set("default", initial);
        out.push(std::move(variable));
    });
    for (const std::string& flag : flags)
        out.push(Value::object({{"name", flag}, {"type", "bool"}, {"default", false}}));
    return out;
}

Value metadata_of(const graph::Graph& graph) {
    const Value groups = graph.config.get("model_visibility_group_ids");
    return Value::object(
        {{"producer", "scaiflow"},
         {"source_id", graph.id},
         {"source_version", graph.version},
         {"runtime_version", graph.target()},
         {"publish_as_model", graph.config.get("publish_as_model").boolean().value_or(false)},
         {"model_visibility_group_ids", groups.is_array() ? groups : Value::array()}});
}

Value module_of(Context& context, const Structure& structure) {
    const graph::Graph& graph = context.graph();
    const std::string name = slug(graph.name);
    Value out = Value::object(
        {{"schema_version", scai::scir::schema_version},
         {"name", name},
         {"version", graph.version},
         {"identity",
          Value::object({{"provider", "scaikey"}, {"persona", persona_of(graph)}, {"mode", mode_of(graph)}})},
         {"models", models_of(context)},
         {"plugins", plugins_of(graph, structure.reached)}});
    if (const Value capabilities = capabilities_of(graph); capabilities.present())
        out.set("capabilities", capabilities);
    if (const Value queues = graph.config.get("scaiqueue"); queues.is_object())
        out.set("scaiqueue", queues);
    Value triggers = Value::array();
    for (const auto& [node, trigger] : triggers_of(graph))
        triggers.push(lower_trigger(*node, trigger, name));
    const Value flow = Value::object({{"name", name},
                                      {"variables", variables_of(graph, structure.flags)},
                                      {"body", Lowering(context).body(structure.body)}});
    return out.set("types", Value::array())
        .set("triggers", triggers)
        .set("flows", Value::array({flow}))
        .set("metadata", metadata_of(graph));
}

} // namespace

Value lower_leaf(const Context& context, const graph::Node& node) {
    switch (graph::definition(node.kind).category) {
    case Category::llm:
        return lower_llm(context, node);
    case Category::tool:
    case Category::data:
        return lower_tool(context, node);
    case Category::compute:
        return lower_compute(context, node);
    case Category::subflow:
        return lower_subflow(context, node);
    case Category::checkpoint:
        return lower_hitl(context, node);
    case Category::queue:
        if (node.kind == Kind::hitl_review || node.kind == Kind::hitl_decision)
            return lower_hitl(context, node);
        return lower_queue(context, node);
    case Category::entry:
    case Category::logic:
        break;
    }
    return {};
}

std::string plugin_of(const graph::Node& node) {
    switch (node.kind) {
    case Kind::tool_plugin:
        return node.text("plugin");
    case Kind::tool_http:
        return "http";
    case Kind::queue_publish:
    case Kind::queue_consume:
    case Kind::queue_escalation:
        return "scaiqueue";
    default:
        return graph::definition(node.kind).category == Category::compute ? "scaibunker" : "";
    }
}

Value plugins_of(const graph::Graph& graph, const std::vector<bool>& reached) {
    Value out = Value::array();
    std::set<std::string> known;
    const auto add = [&](const std::string& alias, const Value& declared) {
        if (alias.empty() || !known.insert(alias).second)
            return;
        const std::string endpoint = declared.member("endpoint");
        Value plugin = Value::object(
            {{"alias", alias}, {"endpoint", endpoint.empty() ? "plugin://" + alias : endpoint}});
        if (const Value version = declared.get("version"); version.is_string())
            plugin.set("version", version);
        out.push(std::move(plugin));
    };
    graph.config.get("plugins").each_item(
        [&](const Value& each) { add(each.is_string() ? *each.text() : each.member("alias"), each); });
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        if (reached[i])
            add(plugin_of(graph.nodes[i]), {});
    return out;
}

Value capabilities_of(const graph::Graph& graph) {
    Value out = Value::array();
    bool has_bunker = false;
    graph.config.get("capabilities").each_item([&](const Value& each) {
        has_bunker = has_bunker || each.get("bunker").present();
        out.push(each);
    });
    Value bunker = graph.config.get("bunker");
    if (!bunker.is_object()) {
        bunker = {};
        for (const graph::Node& node : graph.nodes)
            if (graph::definition(node.kind).category == Category::compute)
                bunker = Value::object({{"lifecycle", "ephemeral"}, {"image", "python-3.12"}});
    }
    if (bunker.present() && !has_bunker)
        out.push(Value::object({{"bunker", bunker}}));
    return out.size() > 0 ? out : Value();
}

std::string persona_of(const graph::Graph& graph) {
    const std::string name = graph.config.get("core_identity").member("name");
    return name.empty() ? graph.name : name;
}

std::string mode_of(const graph::Graph& graph) {
    const std::string mode = graph.config.get("core_identity").member("mode");
    return mode.empty() ? "stateless" : mode;
}

Value lower(Context& context, const Structure& structure) {
    return module_of(context, structure);
}

} // namespace scaiflow::compiler
