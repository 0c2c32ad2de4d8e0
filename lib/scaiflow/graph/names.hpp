// Which names an expression at a node can mean (contract scaiflow-model.md 3.2). Private to validation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/bindings.hpp"
#include "lib/scaiflow/graph/wiring.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace scaiflow::graph {

class Names {
public:
    Names(const Graph& graph, const ResultNames& results);

    bool is_variable(const std::string& name) const { return variables_.contains(name); }
    /// What is wrong with `root` at that node, "" when nothing is. A field of the input can have any name, so
    /// only names that are meant for a node are judged: spellings of one, and what starts with "node_".
    /// `after`: the node's own result is there already.
    std::string problem(const std::string& root, std::size_t node, bool after) const;

private:
    const Graph& graph_;
    Ancestors ancestors_;
    std::unordered_set<std::string> variables_, loop_items_;
    std::unordered_map<std::string, std::size_t> nodes_; ///< by every spelling
};

} // namespace scaiflow::graph
