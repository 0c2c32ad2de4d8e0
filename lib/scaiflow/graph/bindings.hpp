// Names of results (contract scaiflow-model.md 3.2, 3.4): node_classify is bound to `classify`, and an
// expression may say either. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/graph.hpp"

#include <map>
#include <string>

namespace scaiflow::graph {

/// node id -> binding: the id without a leading "node_", everything outside [a-z0-9_] an underscore, the full
/// id (made a name likewise) on a clash with another node's or a variable's name. Entries have none.
std::map<std::string, std::string> bindings_of(const Graph& graph);
/// Every spelling a user may write -> binding: binding, full id, id without "node_".
std::map<std::string, std::string, std::less<>>
spellings_of(const Graph& graph, const std::map<std::string, std::string>& bindings);

/// Both, for the stages that need them.
struct ResultNames {
    std::map<std::string, std::string> bindings;
    std::map<std::string, std::string, std::less<>> spellings;
};
ResultNames result_names_of(const Graph& graph);

} // namespace scaiflow::graph
