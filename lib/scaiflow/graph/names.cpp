// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/names.hpp"

namespace scaiflow::graph {

Names::Names(const Graph& graph, const ResultNames& results)
    : graph_(graph), ancestors_(Wiring(graph), graph.nodes.size()) {
    graph.variables.each_item(
        [&](const scai::json::Value& variable) { variables_.insert(variable.member("name")); });
    std::unordered_map<std::string, std::size_t> by_binding;
    by_binding.reserve(results.bindings.size());
    nodes_.reserve(results.spellings.size());
    for (const auto& [id, binding] : results.bindings)
        by_binding.emplace(binding, graph.node_index.at(id));
    for (const auto& [spelling, binding] : results.spellings)
        nodes_.emplace(spelling, by_binding.at(binding));
    for (const Node& node : graph.nodes)
        if (node.kind == Kind::logic_loop)
            loop_items_.insert(node.text("item"));
}

std::string Names::problem(const std::string& root, std::size_t node, bool after) const {
    if (variables_.contains(root) || loop_items_.contains(root))
        return {};
    if (const Node* named = graph_.find(root); named != nullptr && is_entry(named->kind))
        return "'" + root + "' is an entry point and has no result, use 'input'";
    const auto found = nodes_.find(root);
    if (found == nodes_.end())
        return root.starts_with("node_") ? "there is no node '" + root + "'" : std::string();
    if (!ancestors_.known() || (after && found->second == node) || ancestors_.before(found->second, node))
        return {};
    return "'" + root + "' is not upstream, it has no result here";
}

} // namespace scaiflow::graph
