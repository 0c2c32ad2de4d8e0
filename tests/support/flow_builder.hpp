// Flows by hand, for tests: nodes in rows, edges by id. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaiflow/graph/kinds.hpp"

#include <map>
#include <string>
#include <vector>

namespace scai::test {

class FlowBuilder {
public:
    explicit FlowBuilder(std::string name = "Test Flow") : name_(std::move(name)) {}

    /// `id` without "node_"; ports are the kind's own.
    FlowBuilder& node(const std::string& id, const std::string& kind,
                      const json::Value& config = json::Value::object()) {
        const auto& definition = scaiflow::graph::definition(scaiflow::graph::kind_of(kind).value());
        if (!definition.outputs.empty())
            last_ports_[id] = definition.outputs.back().id;
        const auto row = static_cast<std::int64_t>(nodes_.size());
        nodes_.push(json::Value::object({{"id", "node_" + id},
                                         {"type", kind},
                                         {"label", "Label of " + id},
                                         {"position", json::Value::object({{"x", 40}, {"y", row * 90}})},
                                         {"config", config},
                                         {"inputs", ports(definition.inputs)},
                                         {"outputs", ports(definition.outputs)}}));
        return *this;
    }
    FlowBuilder& entry(const std::string& id = "start") { return node(id, "entry_api"); }
    /// A node that does nothing but run.
    FlowBuilder& step(const std::string& id) {
        return node(id, "data_variable_set", json::Value::object({{"name", "v"}, {"value", "'" + id + "'"}}));
    }

    /// `from` may name a port: "loop.body"; else the kind's last output. A condition makes it conditional.
    FlowBuilder& edge(const std::string& from, const std::string& to, const std::string& condition = "") {
        const auto dot = from.find('.');
        const std::string source = from.substr(0, dot);
        const std::string port = dot == std::string::npos ? last_port(source) : from.substr(dot + 1);
        json::Value out = json::Value::object(
            {{"id", "edge_" + std::to_string(edges_.size() + 1)},
             {"type", condition.empty() ? "sequential" : "conditional"},
             {"source", json::Value::object({{"node", "node_" + source}, {"port", port}})},
             {"target", json::Value::object({{"node", "node_" + to}, {"port", "in"}})}});
        if (!condition.empty())
            out.set("condition", condition);
        edges_.push(out);
        return *this;
    }
    /// Edges along a line: chain({"a", "b", "c"}).
    FlowBuilder& chain(const std::vector<std::string>& ids) {
        for (std::size_t i = 1; i < ids.size(); ++i)
            edge(ids[i - 1], ids[i]);
        return *this;
    }
    FlowBuilder& config(const char* key, const json::Value& value) {
        config_.set(key, value);
        return *this;
    }
    FlowBuilder& member(const char* key, const json::Value& value) {
        more_.set(key, value);
        return *this;
    }

    json::Value content() const {
        json::Value config = json::Value::object(
            {{"core_identity",
              json::Value::object({{"name", name_},
                                   {"models", json::Value::array({json::Value::object(
                                                  {{"role", "primary"},
                                                   {"ref", "scaigrid"},
                                                   {"model", "scailabs/poolnoodle-omni"},
                                                   {"modalities", json::Value::array({"text"})}})})}})}});
        config_.each_member([&](std::string_view key, const json::Value& value) { config.set(key, value); });
        json::Value out = json::Value::object({{"$schema", "https://scailabs.com/schemas/scaiflow/v2.json"},
                                               {"id", "flow_test"},
                                               {"name", name_},
                                               {"version", "1.0.3"},
                                               {"scaicore_target", "0.2"},
                                               {"nodes", nodes_},
                                               {"edges", edges_},
                                               {"config", config}});
        more_.each_member([&](std::string_view key, const json::Value& value) { out.set(key, value); });
        return out;
    }

private:
    static json::Value ports(std::span<const scaiflow::graph::PortDef> list) {
        json::Value out = json::Value::array();
        for (const auto& port : list)
            out.push(json::Value::object({{"id", port.id}, {"label", port.label}, {"type", port.type}}));
        return out;
    }
    std::string last_port(const std::string& id) const {
        const auto found = last_ports_.find(id);
        return found == last_ports_.end() ? "out" : found->second;
    }

    std::string name_;
    std::map<std::string, std::string> last_ports_;
    json::Value nodes_ = json::Value::array();
    json::Value edges_ = json::Value::array();
    json::Value config_ = json::Value::object();
    json::Value more_ = json::Value::object();
};

} // namespace scai::test
