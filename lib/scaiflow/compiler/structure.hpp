// The control flow of a flow as a tree: which node comes after which, inside which branch (rules: head of
// compile.hpp). Lowering and the manifest walk the same tree, so both show the same flow. Private to the
// compiler.
//
// Every branch of a choice, of a logic_parallel and of a loop is a container. A node hangs on the innermost
// container or node that holds every edge into it, and comes after it: first all that hangs on one node, then
// its next sibling; siblings follow the depth-first order of the edges (their order in the flow decides,
// positions never do). A node that is not reached on every way through the container is wrapped in a guard:
// its flag is set where an edge into it is taken, and all that hangs on it sits inside the guard. Choices
// more than max_choice_depth deep are not nested further: what follows is guarded at the outer level, so a
// chain of two thousand conditional edges stays flat. Loops and parallels cannot be flattened; nested beyond
// max_depth the flow is refused. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/graph.hpp"

#include <map>
#include <string>
#include <vector>

namespace scaiflow::compiler {

inline constexpr std::uint32_t max_choice_depth = 12;
inline constexpr std::uint32_t max_depth = 26;

struct Item;
using Body = std::vector<Item>;

struct Branch {
    const graph::Edge* edge = nullptr; ///< of a choice or a parallel
    std::string name;                  ///< of a parallel's branch; of a trigger
    Body body;
};

struct Item {
    enum class Kind {
        node,       ///< the node's own block; a decision holds its first choice, a loop and a parallel their
                    ///< bodies in `branches`
        breakpoint, ///< before the node's block
        choice,     ///< conditional edges of one port: branches, otherwise
        triggers,   ///< which entry the flow was started by: branches, named
        guard,      ///< branches[0] runs when flags[0] is set
        mark,       ///< sets flags
        reset,      ///< clears flags: at the start of a round of a loop
    };
    Kind kind;
    const graph::Node* node; ///< whose block it is or, for the synthetic ones, which node it serves
    std::vector<Branch> branches;
    Body otherwise;
    std::vector<std::string> flags;
    bool has_choice = false; ///< of a decision: branches and otherwise are its choice
};

struct Structure {
    Body body;
    std::vector<std::string> flags;        ///< names of all flags, in order of first use
    std::vector<bool> reached;             ///< by index of node: has a place in the tree (entries too)
    const graph::Node* too_deep = nullptr; ///< the first node that cannot be placed; then body is empty
};

/// `names`: what flags and branches are called after (bindings_of). The graph has no errors.
Structure structure_of(const graph::Graph& graph, const std::map<std::string, std::string>& names);

} // namespace scaiflow::compiler
