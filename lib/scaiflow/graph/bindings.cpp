// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/bindings.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

namespace scaiflow::graph {

namespace {

constexpr std::string_view prefix = "node_";
/// Words of the expression language and names it resolves first.
constexpr std::array<std::string_view, 7> reserved{"true",  "false",   "null",  "in",
                                                   "input", "trigger", "result"};

std::string bare(std::string_view id) {
    if (id.starts_with(prefix))
        id.remove_prefix(prefix.size());
    return std::string(id);
}

std::string as_name(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            c = '_';
    return out;
}

bool usable(std::string_view name) {
    return !name.empty() && (name.front() < '0' || name.front() > '9') &&
           std::ranges::find(reserved, name) == reserved.end();
}

std::unordered_set<std::string> variable_names(const Graph& graph) {
    std::unordered_set<std::string> names;
    graph.variables.each_item(
        [&](const scai::json::Value& variable) { names.insert(variable.member("name")); });
    return names;
}

} // namespace

std::map<std::string, std::string> bindings_of(const Graph& graph) {
    std::unordered_set<std::string> taken = variable_names(graph);
    std::unordered_map<std::string, int> wanted;
    for (const Node& node : graph.nodes)
        if (!is_entry(node.kind))
            ++wanted[as_name(bare(node.id))];
    std::map<std::string, std::string> out;
    std::vector<const Node*> clashing;
    for (const Node& node : graph.nodes) {
        if (is_entry(node.kind))
            continue;
        std::string name = as_name(bare(node.id));
        if (wanted[name] == 1 && usable(name) && !taken.contains(name)) {
            taken.insert(name);
            out.emplace(node.id, std::move(name));
        } else {
            clashing.push_back(&node);
        }
    }
    std::unordered_map<std::string, int> suffixes; ///< last one tried, by stem
    for (const Node* node : clashing) {
        std::string name = as_name(node->id);
        if (!usable(name))
            name.insert(0, prefix);
        const std::string stem = name;
        for (int& last = suffixes.try_emplace(stem, 1).first->second; !taken.insert(name).second;)
            name = stem + "_" + std::to_string(++last);
        out.emplace(node->id, std::move(name));
    }
    return out;
}

std::map<std::string, std::string, std::less<>>
spellings_of(const Graph& graph, const std::map<std::string, std::string>& bindings) {
    std::map<std::string, std::string, std::less<>> out(bindings.begin(), bindings.end());
    for (const auto& [id, binding] : bindings)
        out.emplace(binding, binding);
    for (const auto& [id, binding] : bindings)
        out.emplace(bare(id), binding);
    for (const std::string& variable : variable_names(graph))
        out.erase(variable);
    return out;
}

ResultNames result_names_of(const Graph& graph) {
    auto bindings = bindings_of(graph);
    auto spellings = spellings_of(graph, bindings);
    return {.bindings = std::move(bindings), .spellings = std::move(spellings)};
}

} // namespace scaiflow::graph
