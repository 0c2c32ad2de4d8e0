// SPDX-License-Identifier: Apache-2.0
#include "tests/support/flow_json.hpp"

#include "lib/scaiflow/graph/kinds.hpp"

#include <stdexcept>

namespace scai::test {

using json::Value;
namespace graph = scaiflow::graph;

namespace {

Value ports(std::span<const graph::PortDef> defs) {
    Value list = Value::array();
    for (const graph::PortDef& port : defs)
        list.push(Value::object({{"id", port.id}, {"label", port.label}, {"type", port.type}}));
    return list;
}

Value end(std::string_view text, std::string_view usual_port) {
    const std::size_t dot = text.find('.');
    return Value::object({{"node", text.substr(0, dot)},
                          {"port", dot == std::string_view::npos ? usual_port : text.substr(dot + 1)}});
}

} // namespace

Value json(std::string_view text) {
    auto parsed = json::parse(text);
    if (!parsed)
        throw std::invalid_argument("not JSON: " + std::string(text));
    return std::move(parsed).value();
}

Value node(std::string_view id, std::string_view type, std::string_view config) {
    const auto kind = graph::kind_of(type);
    if (!kind)
        throw std::invalid_argument("no kind " + std::string(type));
    Value out = Value::object({{"id", id},
                               {"type", type},
                               {"label", "L " + std::string(id)},
                               {"position", Value::object({{"x", 0}, {"y", 0}})}});
    if (!config.empty())
        out.set("config", json(config));
    out.set("inputs", ports(graph::definition(*kind).inputs));
    out.set("outputs", ports(graph::definition(*kind).outputs));
    return out;
}

Value edge(std::string_view from, std::string_view to, std::string_view condition) {
    std::string id = "edge_";
    id.append(from).append("_").append(to);
    Value out = Value::object({{"id", id},
                               {"type", condition.empty() ? "sequential" : "conditional"},
                               {"source", end(from, "out")},
                               {"target", end(to, "in")}});
    if (!condition.empty())
        out.set("condition", condition);
    return out;
}

Value flow(std::vector<Value> nodes, std::vector<Value> edges) {
    return Value::object({{"id", "flow_test"},
                          {"name", "Test flow"},
                          {"version", "1.0.0"},
                          {"scaicore_target", "0.2"},
                          {"nodes", Value::array_of(nodes)},
                          {"edges", Value::array_of(edges)},
                          {"config", json(R"({"core_identity":{"name":"Test","models":[
                              {"role":"primary","ref":"scaigrid","model":"scailabs/poolnoodle-omni"}]}})")}});
}

Value copy(const Value& value) {
    return json(value.dump());
}

} // namespace scai::test
