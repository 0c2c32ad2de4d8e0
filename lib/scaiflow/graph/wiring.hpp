// The edges of a flow by node index, and what comes before what. Linear to make; private to validation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/graph.hpp"

#include <cstdint>
#include <vector>

namespace scaiflow::graph {

class Wiring {
public:
    struct Link {
        std::size_t from, to, edge; ///< indices into nodes and edges
        bool control;               ///< no data edge
    };

    /// Edges that name a missing node are left out.
    explicit Wiring(const Graph& graph);

    const std::vector<Link>& links() const { return links_; }
    /// Links that leave a node, in list order.
    std::span<const std::size_t> leaving(std::size_t node) const;
    std::size_t size() const { return first_.size() - 1; }

    /// Node indices, each after everything that leads to it; empty when there is a cycle.
    std::vector<std::size_t> order(bool with_data) const;

private:
    std::vector<Link> links_;
    std::vector<std::size_t> first_, by_node_; ///< links of node n: by_node_[first_[n] .. first_[n + 1])
};

/// Which nodes lie before which, over all edges (control edges alone when data edges close a cycle).
class Ancestors {
public:
    Ancestors(const Wiring& wiring, std::size_t nodes);
    bool known() const { return known_; } ///< false: the control edges form a cycle
    bool before(std::size_t node, std::size_t later) const {
        return (rows_[later * words_ + node / 64] >> (node % 64) & 1U) != 0;
    }

private:
    std::size_t words_;
    bool known_ = false;
    std::vector<std::uint64_t> rows_; ///< one bit for every node, a row for every node
};

} // namespace scaiflow::graph
