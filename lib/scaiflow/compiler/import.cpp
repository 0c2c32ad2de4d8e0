// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/import.hpp"

#include "lib/scaiflow/graph/graph.hpp"
#include "lib/scaiflow/graph/kinds.hpp"
#include "lib/yaml/yaml.hpp"

#include <map>
#include <optional>
#include <set>

namespace scaiflow::compiler {

using graph::Kind;
using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;

namespace {

constexpr int step_height = 120; ///< px between stacked nodes (contract 5.5)

Error refuse(std::string message) {
    return Error{.kind = ErrorKind::bad_request,
                 .code = {},
                 .message = std::move(message),
                 .fix = {},
                 .fields = {},
                 .extra = {},
                 .retry_after_seconds = {}};
}

/// A node as its step tells it.
struct Told {
    std::string id, label;
    Kind kind;
    Value config; ///< absent when the node has none
};

std::optional<Told> told_by(const Value& meta) {
    const auto id = meta.get("node_id").text();
    const auto kind = graph::kind_of(meta.member("node_kind"));
    if (!id || id->empty() || !kind)
        return std::nullopt;
    Value config = meta.get("node_config");
    if (config.present() && !config.is_object())
        return std::nullopt;
    const std::string label = meta.get("node_label").text_or(graph::definition(*kind).label);
    return Told{*id, label, *kind, std::move(config)};
}

/// Lists of steps inside a step.
template<class Visit>
void each_nested(const Value& step, const Visit& visit) {
    for (const char* keyword : {"decision", "parallel"}) {
        const Value inner = step.get(keyword);
        inner.get("branches").each_item([&](const Value& branch) { visit(branch.get("steps")); });
        visit(inner.get("else"));
    }
    for (const char* keyword : {"foreach", "while"})
        visit(step.get(keyword).get("steps"));
}

class Import {
public:
    explicit Import(const Value& core)
        : core_(core), meta_(core.get("scaiflow_meta")), graph_(meta_.get("graph")) {}
    Result<Imported> run();

private:
    struct Flow {
        std::vector<std::size_t> chain; ///< indices of told_, entry first
    };
    void collect();
    std::size_t add(Told told);
    void add_trigger(const Value& trigger, Flow& flow);
    void add_steps(const Value& steps, Flow& flow);
    Value exact();
    Value stacked();
    Value node_of(const Told& told, const Value& layout, std::size_t row) const;
    Value chained() const;
    Value models() const;
    Value config() const;
    Value with_unknown(Value metadata) const;

    Value core_, meta_, graph_;
    std::vector<Told> told_;
    std::map<std::string, std::size_t> by_id_;
    std::vector<Flow> flows_;
    std::vector<Value> unknown_;
    std::vector<std::string> notes_;
};

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

std::size_t Import::add(Told told) {
    const auto [found, fresh] = by_id_.emplace(told.id, told_.size());
    if (!fresh) {
        notes_.push_back("node '" + told.id + "' comes twice; the first one counts");
        return nowhere;
    }
    told_.push_back(std::move(told));
    return found->second;
}

void Import::add_trigger(const Value& trigger, Flow& flow) {
    if (!trigger.is_object())
        return;
    auto told = told_by(trigger.get("meta"));
    if (!told) {
        const auto kind = graph::kind_of("entry_" + trigger.member("type"));
        if (!kind || !graph::is_entry(*kind))
            return;
        Value config = Value::object();
        for (const graph::ConfigKey& key : graph::definition(*kind).config)
            if (const Value value = trigger.get(key.name); value.present())
                config.set(key.name, value);
        std::string id = "node_entry";
        for (int suffix = 2; by_id_.contains(id); ++suffix)
            id = "node_entry_" + std::to_string(suffix);
        told = Told{id, std::string(graph::definition(*kind).label), *kind, config};
    }
    if (const std::size_t index = add(std::move(*told)); index != nowhere)
        flow.chain.push_back(index);
}

/// The nesting of the text is bounded by yaml::parse.
void Import::add_steps(const Value& steps, Flow& flow) {
    steps.each_item([&](const Value& step) {
        const Value meta = step.get("meta");
        if (auto told = told_by(meta)) {
            if (const std::size_t index = add(std::move(*told)); index != nowhere)
                flow.chain.push_back(index);
        } else if (!(meta.get("synthetic").boolean().value_or(false) && meta.get("node_id").is_string())) {
            unknown_.push_back(step);
        }
        each_nested(step, [&](const Value& inner) { add_steps(inner, flow); });
    });
}

void Import::collect() {
    const Value flows = core_.get("flows");
    flows.each_item([&](const Value& from) {
        Flow flow;
        add_trigger(from.get("trigger"), flow);
        add_steps(from.get("steps"), flow);
        flows_.push_back(std::move(flow));
    });
    meta_.get("extra_triggers").each_item([&](const Value& trigger) {
        Flow flow;
        add_trigger(trigger, flow);
        // Without edges of its own an extra entry leads where the first one leads.
        if (!flow.chain.empty() && !flows_.empty() && flows_.front().chain.size() > 1)
            flow.chain.push_back(flows_.front().chain[1]);
        flows_.push_back(std::move(flow));
    });
}

Value default_ports(std::span<const graph::PortDef> ports) {
    Value out = Value::array();
    for (const graph::PortDef& port : ports)
        out.push(Value::object({{"id", port.id}, {"label", port.label}, {"type", port.type}}));
    return out;
}

/// `layout`: the node's part of scaiflow_meta.graph; absent: a place in the stack and the kind's own ports.
Value Import::node_of(const Told& told, const Value& layout, std::size_t row) const {
    const Value position = layout.get("position");
    const Value place = position.present()
                            ? position
                            : Value::object({{"x", 0}, {"y", static_cast<std::int64_t>(row) * step_height}});
    Value out = Value::object(
        {{"id", told.id}, {"type", graph::name_of(told.kind)}, {"label", told.label}, {"position", place}});
    if (told.config.present())
        out.set("config", told.config);
    if (!layout.present()) {
        const graph::KindDef& kind = graph::definition(told.kind);
        return out.set("inputs", default_ports(kind.inputs)).set("outputs", default_ports(kind.outputs));
    }
    for (const char* key : {"inputs", "outputs"})
        if (const Value ports = layout.get(key); ports.present())
            out.set(key, ports);
    return out;
}

Value Import::with_unknown(Value metadata) const {
    if (unknown_.empty())
        return metadata;
    Value out = Value::object();
    metadata.each_member([&](std::string_view key, const Value& value) { out.set(key, value); });
    Value steps = Value::array();
    metadata.get("unknown_steps").each_item([&](const Value& step) { steps.push(step); });
    for (const Value& step : unknown_)
        steps.push(step);
    return out.set("unknown_steps", steps);
}

/// The flow as scaiflow_meta.graph and the steps' meta tell it together.
Value Import::exact() {
    Value nodes = Value::array();
    std::set<std::string> present;
    std::set<std::string> dropped;
    graph_.get("nodes").each_item([&](const Value& layout) {
        const std::string id = layout.member("id");
        const auto found = by_id_.find(id);
        if (found == by_id_.end()) {
            if (layout.get("type").present()) {
                nodes.push(layout);
                present.insert(id);
            } else {
                dropped.insert(id);
                notes_.push_back("node '" + id + "' has no step any more and is left out");
            }
            return;
        }
        if (layout.get("type").present())
            notes_.push_back("node '" + id + "' is taken from its step, not from scaiflow_meta.graph");
        nodes.push(node_of(told_[found->second], layout, 0));
        present.insert(id);
    });
    for (const Told& told : told_)
        if (present.insert(told.id).second) {
            notes_.push_back("node '" + told.id +
                             "' is new: scaiflow_meta.graph has no place and no edges for it");
            nodes.push(node_of(told, {}, nodes.size()));
        }
    Value edges = Value::array();
    graph_.get("edges").each_item([&](const Value& edge) {
        if (!dropped.contains(edge.get("source").member("node")) &&
            !dropped.contains(edge.get("target").member("node")))
            edges.push(edge);
    });
    Value out = Value::object();
    if (const Value schema = graph_.get("$schema"); schema.present())
        out.set("$schema", schema);
    out.set("id", meta_.get("source_id"))
        .set("name", graph_.get("name"))
        .set("version", meta_.get("source_version"));
    if (const Value target = graph_.get("scaicore_target"); target.present())
        out.set("scaicore_target", target);
    if (const Value metadata = with_unknown(graph_.get("metadata")); metadata.present())
        out.set("metadata", metadata);
    out.set("nodes", nodes).set("edges", edges);
    for (const char* key : {"variables", "config", "tests"})
        if (const Value value = graph_.get(key); value.present())
            out.set(key, value);
    return out;
}

/// Sequential edges from each node of a flow to the next.
Value Import::chained() const {
    Value out = Value::array();
    for (const Flow& flow : flows_)
        for (std::size_t i = 1; i < flow.chain.size(); ++i) {
            const Told& from = told_[flow.chain[i - 1]];
            const Told& to = told_[flow.chain[i]];
            const auto ports = graph::definition(from.kind).outputs;
            const auto targets = graph::definition(to.kind).inputs;
            if (ports.empty() || targets.empty())
                continue;
            out.push(
                Value::object({{"id", "edge_" + std::to_string(out.size() + 1)},
                               {"type", "sequential"},
                               {"source", Value::object({{"node", from.id}, {"port", ports.back().id}})},
                               {"target", Value::object({{"node", to.id}, {"port", targets.front().id}})}}));
        }
    return out;
}

/// The registry; else one entry from core.model, whose first segment is the provider.
Value Import::models() const {
    if (const Value models = meta_.get("models"); models.size() > 0)
        return models;
    const std::string model = core_.member("model");
    const std::size_t slash = model.find('/');
    if (model.empty())
        return Value::array();
    const bool split = slash != std::string::npos && slash > 0 && slash + 1 < model.size();
    return Value::array({Value::object({{"role", "primary"},
                                        {"ref", split ? model.substr(0, slash) : "scaigrid"},
                                        {"model", split ? model.substr(slash + 1) : model}})});
}

Value Import::config() const {
    const std::string persona = core_.get("identity").member("persona");
    Value identity = Value::object({{"name", persona.empty() ? core_.member("name") : persona}});
    if (const std::string mode = core_.member("mode"); !mode.empty() && mode != "stateless")
        identity.set("mode", mode);
    Value out = Value::object({{"core_identity", identity.set("models", models())}});
    for (const char* key : {"plugins", "capabilities"})
        if (const Value value = core_.get(key); value.is_array())
            out.set(key, value);
    if (const Value queues = core_.get("scaiqueue"); queues.is_object())
        out.set("scaiqueue", queues);
    if (const Value publish = meta_.get("publish_as_model"); publish.boolean())
        out.set("publish_as_model", publish);
    if (const Value groups = meta_.get("model_visibility_group_ids"); groups.is_array())
        out.set("model_visibility_group_ids", groups);
    return out;
}

/// Best effort (contract 5.5): nodes of the steps, one below the other, in a chain.
Value Import::stacked() {
    const std::string id = meta_.member("source_id");
    const std::string version = meta_.member("source_version");
    std::string name = core_.get("identity").member("persona");
    if (name.empty())
        name = core_.member("name");
    Value out = Value::object({{"$schema", graph::schema_url},
                               {"id", id.empty() ? graph::new_id("flow_") : id},
                               {"name", name.empty() ? "Imported Flow" : name},
                               {"version", graph::valid_semver(version) ? version : "1.0.0"}});
    const Value target = core_.get("runtime_version");
    if (target.is_string() || target.number())
        out.set("scaicore_target", target.is_string() ? *target.text() : target.dump());
    if (const Value metadata = with_unknown({}); metadata.present())
        out.set("metadata", metadata);
    Value nodes = Value::array();
    for (const Told& told : told_)
        nodes.push(node_of(told, {}, nodes.size()));
    return out.set("nodes", nodes).set("edges", chained()).set("config", config());
}

Result<Imported> Import::run() {
    if (const Value flows = core_.get("flows"); flows.present() && !flows.is_array())
        return refuse("core.flows is no list");
    collect();
    if (graph_.present()) {
        const auto notes = notes_;
        if (graph_.get("graph_format").integer() == 1 && graph_.get("nodes").is_array() &&
            graph_.get("edges").is_array()) {
            Value content = exact();
            const graph::Read read = graph::read(content);
            if (read.graph)
                return Imported{content, notes_.empty() && unknown_.empty(), unknown_.size(), notes_};
        }
        notes_ = notes;
        notes_.push_back("core.scaiflow_meta.graph is not usable and was not used");
    }
    Value content = stacked();
    const graph::Read read = graph::read(content);
    if (read.graph)
        return Imported{content, false, unknown_.size(), notes_};
    if (models().size() == 0)
        return refuse("the manifest names no model: core.model, such as scaigrid/openai/gpt-4o");
    std::string what;
    for (const graph::Diagnostic& diagnostic : read.diagnostics)
        if (diagnostic.severity == graph::Severity::error && what.empty())
            what = diagnostic.path + ": " + diagnostic.message;
    return refuse("the manifest does not give a flow: " + what);
}

} // namespace

Result<Imported> import_yaml(std::string_view text) {
    SCAI_TRY(const Value tree, scai::yaml::parse(text));
    return import_manifest(tree);
}

Result<Imported> import_manifest(const Value& tree) {
    const Value core = tree.get("core");
    if (!core.is_object())
        return refuse("the manifest has no 'core'");
    return Import(core).run();
}

} // namespace scaiflow::compiler
