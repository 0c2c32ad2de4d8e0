// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/wiring.hpp"

namespace scaiflow::graph {

Wiring::Wiring(const Graph& graph) : first_(graph.nodes.size() + 1) {
    links_.reserve(graph.edges.size());
    for (std::size_t i = 0; i < graph.edges.size(); ++i) {
        const Edge& edge = graph.edges[i];
        const auto from = graph.node_index.find(edge.source_node);
        const auto to = graph.node_index.find(edge.target_node);
        if (from != graph.node_index.end() && to != graph.node_index.end())
            links_.push_back({from->second, to->second, i, edge.type != EdgeType::data});
    }
    for (const Link& link : links_)
        ++first_[link.from + 1];
    for (std::size_t node = 1; node < first_.size(); ++node)
        first_[node] += first_[node - 1];
    by_node_.resize(links_.size());
    std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
    for (std::size_t i = 0; i < links_.size(); ++i)
        by_node_[next[links_[i].from]++] = i;
}

std::span<const std::size_t> Wiring::leaving(std::size_t node) const {
    return std::span(by_node_).subspan(first_[node], first_[node + 1] - first_[node]);
}

std::vector<std::size_t> Wiring::order(bool with_data) const {
    std::vector<std::size_t> waiting(size());
    for (const Link& link : links_)
        waiting[link.to] += with_data || link.control ? 1 : 0;
    std::vector<std::size_t> ready;
    ready.reserve(size());
    for (std::size_t node = 0; node < size(); ++node)
        if (waiting[node] == 0)
            ready.push_back(node);
    for (std::size_t at = 0; at < ready.size(); ++at)
        for (const std::size_t link : leaving(ready[at]))
            if ((with_data || links_[link].control) && --waiting[links_[link].to] == 0)
                ready.push_back(links_[link].to);
    if (ready.size() != size())
        ready.clear();
    return ready;
}

Ancestors::Ancestors(const Wiring& wiring, std::size_t nodes) : words_((nodes + 63) / 64) {
    bool with_data = true;
    std::vector<std::size_t> order = wiring.order(with_data);
    if (order.empty()) {
        with_data = false;
        order = wiring.order(with_data);
    }
    known_ = order.size() == nodes;
    if (!known_)
        return;
    rows_.resize(nodes * words_);
    for (const std::size_t node : order)
        for (const std::size_t index : wiring.leaving(node)) {
            const Wiring::Link& link = wiring.links()[index];
            if (!with_data && !link.control)
                continue;
            for (std::size_t word = 0; word < words_; ++word)
                rows_[link.to * words_ + word] |= rows_[node * words_ + word];
            rows_[link.to * words_ + node / 64] |= std::uint64_t{1} << (node % 64);
        }
}

} // namespace scaiflow::graph
