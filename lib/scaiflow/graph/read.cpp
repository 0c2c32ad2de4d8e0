// Stage 1. One walk over the definition in fields.cpp collects every problem; the graph is built only from a
// flow that has none, so building needs no checks. SPDX-License-Identifier: Apache-2.0
#include "lib/json/path.hpp"
#include "lib/json/view.hpp"
#include "lib/scaiflow/graph/fields.hpp"
#include "lib/scaiflow/graph/graph.hpp"
#include "lib/scaiflow/graph/problems.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>

namespace scaiflow::graph {

using scai::json::Path;
using scai::json::Value;

namespace {

std::size_t characters(std::string_view utf8) {
    std::size_t count = 0;
    for (const char c : utf8)
        count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    return count;
}

std::string number_text(double number) {
    return std::to_string(static_cast<long long>(number));
}

class Checker {
public:
    Problems problems;

    void check_flow(const Value& content) {
        if (!content.is_object())
            return add("the flow must be an object");
        check_object(flow_object(), content);
    }

private:
    const Path root_{};
    const Path* path_ = &root_; ///< of the value looked at
    Value node_id_, edge_id_;

    void add(std::string message) {
        problems.add({Severity::error, "FLOW_SCHEMA", std::move(message), path_->text(), node_id_.text_or(""),
                      edge_id_.text_or("")});
    }

    /// The path one step deeper, as long as this lives.
    class Step {
    public:
        Step(const Path*& path, std::string_view member) : Step(path, *path / clipped(member)) {}
        Step(const Path*& path, std::size_t index) : Step(path, (*path)[index]) {}
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step() { path_ = outer_; }

    private:
        Step(const Path*& path, const Path& here) : here_(here), path_(path), outer_(path) { path = &here_; }
        const Path here_;
        const Path*& path_;
        const Path* const outer_;
    };

    std::string last_step() const {
        const std::string path = path_->text();
        const std::size_t dot = path.rfind('.');
        return "'" + path.substr(dot == std::string::npos ? 0 : dot + 1) + "'";
    }

    /// Walks what is there: most fields of the definition are absent most of the time.
    void check_object(const ObjectDef& def, const Value& value) {
        std::uint64_t present = 0;
        const auto visit = [&](std::string_view name, const Value& member) {
            const FieldDef* field = find_field(def, name);
            if (field != nullptr)
                present |= std::uint64_t{1} << (field - def.fields.data());
            else if (!def.closed)
                return;
            const Step step(path_, name);
            if (field != nullptr)
                check_value(*field, member);
            else
                add("unknown member '" + std::string(clipped(name)) +
                    (clipped(name).size() < name.size() ? "...'" : "'"));
        };
        value.each_member(std::ref(visit)); // by reference: std::function keeps it without an allocation
        for (std::size_t i = 0; i < def.fields.size(); ++i)
            if (def.fields[i].required && (present >> i & 1U) == 0) {
                const Step step(path_, def.fields[i].name);
                add("'" + std::string(def.fields[i].name) + "' is required");
            }
        if (&def == &node_object())
            check_settings(value);
    }

    /// Known keys of `config`, as the kind of the node wants them; others are kept as they are.
    void check_settings(const Value& node) {
        const Value config = node.get("config");
        const auto kind = config.size() > 0 ? kind_of(node.member("type")) : std::nullopt;
        if (!kind || !config.is_object())
            return;
        const Step into_config(path_, "config");
        config.each_member([&](std::string_view name, const Value& member) {
            const ConfigKey* key = find_key(*kind, name);
            if (key == nullptr || member.is_null())
                return;
            const Step step(path_, name);
            check_type(json_type(key->shape), member);
        });
    }

    bool check_type(Type type, const Value& value) {
        const bool fits = type == Type::any || (type == Type::text && value.is_string()) ||
                          (type == Type::object && value.is_object()) ||
                          (type == Type::list && value.is_array()) ||
                          (type == Type::boolean && value.boolean().has_value()) ||
                          (type == Type::number && value.number().has_value()) ||
                          (type == Type::integer && value.integer().has_value());
        if (!fits)
            add(last_step() + " must be " + std::string(describe(type)));
        return fits;
    }

    void check_value(const FieldDef& field, const Value& value) {
        if ((field.nullable && value.is_null()) || !check_type(field.type, value))
            return;
        switch (field.type) {
        case Type::text:
            return check_text(field, scai::json::view_of(value));
        case Type::number:
        case Type::integer:
            if (field.bounded && (*value.number() < field.min || *value.number() > field.max))
                add(last_step() + " must be between " + number_text(field.min) + " and " +
                    number_text(field.max));
            return;
        case Type::object:
            if (field.object != nullptr)
                check_object(*field.object, value);
            return;
        case Type::list:
            return check_list(field, value);
        case Type::boolean:
        case Type::any:
            return;
        }
    }

    void check_text(const FieldDef& field, std::string_view text) {
        if (!field.one_of.empty() && !one_of(field.one_of, text))
            add(last_step() + " must be one of: " + listed(field.one_of));
        if (text.size() < field.min_length)
            add(last_step() + " must not be empty");
        if (field.max_length > 0 && text.size() > field.max_length && characters(text) > field.max_length)
            add(last_step() + " must have at most " + std::to_string(field.max_length) + " characters");
        if (field.form != nullptr && !field.form->matches(text))
            add(last_step() + " must be " + std::string(field.form->what));
    }

    void check_list(const FieldDef& field, const Value& list) {
        if (list.size() < field.min_items)
            add(last_step() + " must have at least " + std::to_string(field.min_items) + " item");
        if (field.max_items > 0 && list.size() > field.max_items)
            return add(last_step() + " must have at most " + std::to_string(field.max_items) + " items");
        for (std::size_t i = 0; i < list.size() && !problems.full(Severity::error); ++i) {
            const Value item = list.at(i);
            const Step step(path_, i);
            const ObjectDef* def = field.items->object;
            if (def == &node_object())
                node_id_ = item.get("id");
            else if (def == &edge_object())
                edge_id_ = item.get("id");
            check_value(*field.items, item);
        }
        if (field.items->object == &node_object())
            node_id_ = {};
        else if (field.items->object == &edge_object())
            edge_id_ = {};
    }
};

std::optional<std::vector<Port>> ports(const Value& list) {
    if (!list.present())
        return std::nullopt;
    std::vector<Port> out;
    out.reserve(list.size());
    list.each_item([&](const Value& port) {
        out.push_back({port.member("id"), port.get("label").text(), port.get("type").text()});
    });
    return out;
}

Edge read_edge(const Value& edge) {
    const std::string type = edge.member("type");
    const Value source = edge.get("source");
    const Value target = edge.get("target");
    return {.id = edge.member("id"),
            .type = type == "conditional" ? EdgeType::conditional
                    : type == "data"      ? EdgeType::data
                                          : EdgeType::sequential,
            .source_node = source.member("node"),
            .source_port = source.member("port"),
            .target_node = target.member("node"),
            .target_port = target.member("port"),
            .condition = edge.get("condition").text()};
}

Graph build(const Value& content) {
    Graph graph;
    graph.schema = content.get("$schema").text();
    graph.id = content.member("id");
    graph.name = content.member("name");
    graph.version = content.member("version");
    graph.scaicore_target = content.get("scaicore_target").text();
    graph.metadata = content.get("metadata");
    graph.variables = content.get("variables");
    graph.config = content.get("config");
    graph.tests = content.get("tests");
    const Value nodes = content.get("nodes");
    graph.nodes.reserve(nodes.size());
    graph.node_index.reserve(nodes.size());
    nodes.each_item([&](const Value& node) {
        graph.nodes.push_back({.id = node.member("id"),
                               .kind = *kind_of(node.member("type")),
                               .label = node.member("label"),
                               .position = node.get("position"),
                               .config = node.get("config"),
                               .inputs = ports(node.get("inputs")),
                               .outputs = ports(node.get("outputs"))});
        graph.node_index.emplace(graph.nodes.back().id, graph.nodes.size() - 1);
    });
    const Value edges = content.get("edges");
    graph.edges.reserve(edges.size());
    edges.each_item([&](const Value& edge) { graph.edges.push_back(read_edge(edge)); });
    return graph;
}

} // namespace

Read read(const Value& content) {
    Checker checker;
    checker.check_flow(content);
    Read out;
    out.diagnostics = checker.problems.take();
    if (out.diagnostics.empty())
        out.graph = build(content);
    return out;
}

} // namespace scaiflow::graph
