// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"
#include "lib/scir/expression.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/view.hpp"

#include <algorithm>

namespace scaiflow::compiler {

using graph::Shape;
using scai::json::Value;
using scai::scir::Dialect;
using scai::scir::Expression;
using scai::scir::Template;

namespace {

/// map<K, V> -> map[K, V]
std::string scaicore_type(const std::string& type) {
    std::string out;
    int open = 0;
    for (std::size_t at = 0; at < type.size(); ++at) {
        const bool opens = type[at] == '<' && out.ends_with("map");
        const bool closes = type[at] == '>' && open > 0;
        open += (opens ? 1 : 0) - (closes ? 1 : 0);
        out += opens ? '[' : closes ? ']' : type[at];
    }
    return out;
}

/// What is left of 200 levels below the deepest step: five levels of YAML for each of the flow's.
constexpr std::size_t max_value_nesting = 200 - 5 * (max_depth + 2) - 10;

bool deeper_than(const Value& value, std::size_t levels) {
    bool deeper = false;
    const auto visit = [&](const Value& inner) {
        if (!deeper && (inner.is_object() || inner.is_array()))
            deeper = levels <= 1 || deeper_than(inner, levels - 1);
    };
    if (value.is_array())
        value.each_item(visit);
    else
        value.each_member([&](std::string_view, const Value& inner) { visit(inner); });
    return deeper;
}

} // namespace

Context::Context(const graph::Graph& graph, graph::ResultNames results, Text text, graph::Parsed parsed)
    : graph_(graph), text_(text), parsed_(std::move(parsed)), results_(std::move(results)),
      first_role_(graph.config.get("core_identity").get("models").at(0).member("role")),
      scope_(graph.config.get("scaiqueue").member("scope")) {}

std::string Context::binding(const graph::Node& node) const {
    const auto found = results_.bindings.find(node.id);
    return found == results_.bindings.end() ? std::string() : found->second;
}

std::string Context::renamed(const std::string& name) const {
    if (std::ranges::find(locals_, name) != locals_.end())
        return name;
    const auto found = results_.spellings.find(name);
    return found == results_.spellings.end() ? name : found->second;
}

std::string Context::condition(const graph::Edge& edge) const {
    return edge.condition ? expression(*edge.condition, &edge) : "true";
}

std::string Context::expression(std::string_view text, const void* source) const {
    const auto renaming = [this](const std::string& name) { return renamed(name); };
    if (const auto known = parsed_.expressions.find(source); known != parsed_.expressions.end())
        return known->second.renamed(renaming).text(Dialect::scaicore);
    const auto parsed = Expression::parse(text, Dialect::flow);
    return parsed ? parsed->renamed(renaming).text(Dialect::scaicore) : std::string(text);
}

std::optional<Template> Context::parsed(const Value& value) const {
    if (const auto known = parsed_.templates.find(value.raw()); known != parsed_.templates.end())
        return known->second;
    auto parsed = Template::parse(value, Dialect::flow);
    return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

Value Context::templates(const Value& value) const {
    const auto found = parsed(value);
    if (!found)
        return value;
    return found->renamed([this](const std::string& name) { return renamed(name); })
        .source(Dialect::scaicore);
}

std::string Context::template_expression(const Value& text) const {
    const auto found = parsed(text);
    const auto whole = found ? found->as_expression() : std::nullopt;
    if (!whole)
        return Value(text.text_or("")).dump();
    return whole->renamed([this](const std::string& name) { return renamed(name); }).text(Dialect::scaicore);
}

Value Context::setting(const graph::Node& node, std::string_view key) const {
    const Value value = node.setting(key);
    const graph::ConfigKey* known = graph::find_key(node.kind, key);
    if (!value.present() || known == nullptr || text_ == Text::as_written)
        return value;
    switch (known->shape) {
    case Shape::expression:
        return expression(scai::json::view_of(value), value.raw());
    case Shape::template_text:
    case Shape::template_value:
    case Shape::template_object:
    case Shape::template_list:
        return templates(value);
    default:
        return value;
    }
}

void Context::copy(Value& to, const graph::Node& node, std::initializer_list<std::string_view> keys) const {
    for (const std::string_view key : keys)
        if (const Value value = setting(node, key); value.present())
            to.set(key, value);
}

Value Context::argument(const graph::Node& node, std::string_view key) const {
    const Value value = setting(node, key);
    const graph::ConfigKey* known = graph::find_key(node.kind, key);
    if (!value.present() || known == nullptr || text_ == Text::as_written)
        return value;
    switch (known->shape) {
    case Shape::text:
    case Shape::list:
    case Shape::object:
    case Shape::any:
        return templates(value);
    default:
        return value;
    }
}

void Context::copy_arguments(Value& to, const graph::Node& node,
                             std::initializer_list<std::string_view> keys) const {
    for (const std::string_view key : keys)
        if (const Value value = argument(node, key); value.present())
            to.set(key, value);
}

std::string Context::role(const graph::Node& node) const {
    for (const std::string_view key : {"llm_role", "model"})
        if (const std::string role = node.text(key); !role.empty())
            return role;
    return first_role_;
}

std::string Context::scope(const graph::Node& node) const {
    const std::string own = node.text("scope");
    return own.empty() ? scope_ : own;
}

Value block(std::string_view kind, const graph::Node& node) {
    return Value::object({{"kind", kind}, {"node_id", node.id}});
}

Value plugin_block(const graph::Node& node, std::string_view plugin, std::string_view method, Value args,
                   Value timeout_s) {
    Value call = Value::object(
        {{"kind", "plugin_call"}, {"plugin", plugin}, {"method", method}, {"args", std::move(args)}});
    if (timeout_s.present())
        call.set("timeout_s", std::move(timeout_s));
    return block("rigid", node).set("statements", Value::array({call}));
}

Value types(const Value& value) {
    if (const auto text = value.text())
        return scaicore_type(*text);
    if (value.is_array()) {
        Value out = Value::array();
        value.each_item([&](const Value& item) { out.push(types(item)); });
        return out;
    }
    if (value.is_object()) {
        Value out = Value::object();
        value.each_member([&](std::string_view key, const Value& item) { out.set(key, types(item)); });
        return out;
    }
    return value;
}

Value seconds(const Value& duration) {
    const std::string text = duration.text_or("");
    if (text.empty())
        return duration.integer() ? duration : Value();
    const auto count = scai::parse_int(std::string_view(text).substr(0, text.size() - 1));
    const std::string_view units = "smhdw";
    constexpr std::int64_t unit_seconds[] = {1, 60, 3600, 86'400, 604'800};
    const std::size_t unit = units.find(text.back());
    constexpr std::int64_t most = 1'000'000'000;
    if (!count || unit == std::string_view::npos || *count < 0 || *count > most)
        return {};
    return *count * unit_seconds[unit];
}

graph::Diagnostics depth_problems(const graph::Graph& graph, const Structure& structure) {
    graph::Diagnostics out;
    const auto complain = [&](const graph::Node* node, const std::string& path) {
        graph::Diagnostic problem;
        problem.code = "NESTING";
        problem.message = "flow is nested too deeply";
        if (node != nullptr) {
            problem.message += ": at node '" + node->id + "'";
            problem.node_id = node->id;
        }
        problem.path = path;
        out.push_back(std::move(problem));
    };
    if (structure.too_deep != nullptr)
        complain(structure.too_deep, "nodes[" + std::to_string(graph.index_of(*structure.too_deep)) + "]");
    for (const graph::Node& node : graph.nodes)
        if (deeper_than(node.config, max_value_nesting))
            complain(&node, "nodes[" + std::to_string(graph.index_of(node)) + "].config");
    for (const auto& [key, value] : {std::pair{"metadata", graph.metadata},
                                     {"variables", graph.variables},
                                     {"config", graph.config},
                                     {"tests", graph.tests}})
        if (deeper_than(value, max_value_nesting))
            complain(nullptr, key);
    return out;
}

} // namespace scaiflow::compiler
