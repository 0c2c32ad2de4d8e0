// Difference of two flows, node- and edge-wise. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/graph.hpp"

namespace scaiflow::graph {

struct Change {
    enum class Kind { added, removed, changed } kind;
    std::string what; ///< "node", "edge", "variable", "test", or the top-level member ("name", "config", ...)
    std::string id;   ///< of node/edge; name of variable; id of test; "" otherwise
    std::string label;
    bool layout_only = false;         ///< nothing but a position changed
    std::vector<std::string> members; ///< of a change: "label", "config.goal", "source.port", ...
    scai::json::Value before, after;  ///< absent for added / removed
};

/// Top-level members first, then nodes, edges, variables and tests, each in the order of `after`, what was
/// removed last. A changed order of a list is one change, member "order": the order of edges has a meaning.
/// `version` is left out, it differs between any two versions.
std::vector<Change> diff(const scai::json::Value& before, const scai::json::Value& after);
/// {summary {nodes, edges, other: {added, removed, changed, layout_only}}, changes [{kind, what, id|null,
/// label|null, layout_only, members, before|null, after|null}]}; `changed` does not count layout_only.
scai::json::Value to_json(const std::vector<Change>& changes);

} // namespace scaiflow::graph
