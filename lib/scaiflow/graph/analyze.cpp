// Stage 2. Everything here is linear and free of recursion: a flow may be one chain of 2,000 nodes.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/problems.hpp"
#include "lib/scaiflow/graph/validate.hpp"
#include "lib/scaiflow/graph/wiring.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>

namespace scaiflow::graph {

namespace {

constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();

std::string at(std::string_view list, std::size_t index, std::string_view rest = {}) {
    return std::string(list) + "[" + std::to_string(index) + "]" + std::string(rest);
}

class Analysis {
public:
    explicit Analysis(const Graph& graph) : graph_(graph), wiring_(graph) {}

    Diagnostics run() {
        check_nodes();
        check_edges();
        check_entries();
        check_cycles();
        check_reach();
        check_ports();
        return problems_.take();
    }

private:
    const Graph& graph_;
    Wiring wiring_;
    Problems problems_;

    void at_node(Severity severity, std::string code, std::string message, std::size_t node,
                 std::string_view rest = {}) {
        problems_.add({severity,
                       std::move(code),
                       std::move(message),
                       at("nodes", node, rest),
                       graph_.nodes[node].id,
                       {}});
    }
    void at_edge(std::string code, std::string_view message, std::size_t edge, std::string_view rest,
                 Severity severity = Severity::error) {
        problems_.add({severity,
                       std::move(code),
                       "edge '" + graph_.edges[edge].id + "': " + std::string(message),
                       at("edges", edge, rest),
                       {},
                       graph_.edges[edge].id});
    }

    void check_nodes() {
        std::unordered_set<std::string_view> seen;
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            const Node& node = graph_.nodes[i];
            if (!seen.insert(node.id).second)
                at_node(Severity::error, "DUP_ID", "duplicate node id '" + node.id + "'", i, ".id");
            check_port_ids(i, node.inputs, "input", ".inputs");
            check_port_ids(i, node.outputs, "output", ".outputs");
        }
    }

    void check_port_ids(std::size_t node, const std::optional<std::vector<Port>>& ports,
                        std::string_view side, std::string_view list) {
        if (!ports || ports->size() < 2)
            return;
        std::unordered_set<std::string_view> seen;
        for (std::size_t i = 0; i < ports->size(); ++i)
            if (!seen.insert((*ports)[i].id).second)
                at_node(Severity::error, "DUP_ID",
                        "node '" + graph_.nodes[node].id + "': duplicate " + std::string(side) + " port '" +
                            (*ports)[i].id + "'",
                        node, at(list, i, ".id"));
    }

    void check_edges() {
        std::unordered_set<std::string_view> seen;
        for (std::size_t i = 0; i < graph_.edges.size() && !problems_.full(Severity::error); ++i) {
            const Edge& edge = graph_.edges[i];
            if (!seen.insert(edge.id).second)
                problems_.add({Severity::error,
                               "DUP_ID",
                               "duplicate edge id '" + edge.id + "'",
                               at("edges", i, ".id"),
                               {},
                               edge.id});
            check_source(edge, i);
            check_target(edge, i);
            check_condition(edge, i);
        }
    }

    void check_source(const Edge& edge, std::size_t index) {
        const Node* source = graph_.find(edge.source_node);
        if (source == nullptr)
            at_edge("EDGE_NODE", "source node '" + edge.source_node + "' does not exist", index,
                    ".source.node");
        else if (!source->has_output(edge.source_port))
            at_edge("EDGE_PORT_SOURCE",
                    "source node '" + source->id + "' has no output port '" + edge.source_port + "'", index,
                    ".source.port");
    }

    void check_target(const Edge& edge, std::size_t index) {
        const Node* target = graph_.find(edge.target_node);
        if (target == nullptr)
            at_edge("EDGE_NODE", "target node '" + edge.target_node + "' does not exist", index,
                    ".target.node");
        else if (is_entry(target->kind))
            at_edge("EDGE_ENTRY", "target node '" + target->id + "' is an entry point, nothing leads to it",
                    index, ".target.node");
        else if (!target->has_input(edge.target_port))
            at_edge("EDGE_PORT_TARGET",
                    "target node '" + target->id + "' has no input port '" + edge.target_port + "'", index,
                    ".target.port");
    }

    void check_condition(const Edge& edge, std::size_t index) {
        const bool conditional = edge.type == EdgeType::conditional;
        if (conditional && edge.condition.value_or("").empty())
            at_edge("EDGE_CONDITION", "a conditional edge needs a condition", index, ".condition");
        else if (!conditional && edge.condition)
            at_edge("EDGE_CONDITION",
                    "the condition has no effect, the edge is " + std::string(name_of(edge.type)), index,
                    ".condition", Severity::warning);
    }

    void check_entries() {
        if (std::ranges::none_of(graph_.nodes, [](const Node& node) { return is_entry(node.kind); }))
            problems_.add({Severity::error, "NO_ENTRY", "flow has no entry-point node", "nodes", {}, {}});
    }

    /// One cycle of every knot of nodes that lead to each other.
    void check_cycles() {
        const std::vector<std::size_t> knot = knots();
        std::vector<bool> told(graph_.nodes.size());
        std::vector<std::size_t> place(graph_.nodes.size(), no_index); // in the walk through a knot
        for (std::size_t node = 0; node < graph_.nodes.size(); ++node)
            if (knot[node] != no_index && !told[knot[node]]) {
                told[knot[node]] = true;
                tell_cycle(node, knot, place);
            }
    }

    std::size_t next_in_knot(std::size_t node, const std::vector<std::size_t>& knot) const {
        for (const std::size_t link : wiring_.leaving(node))
            if (const auto& each = wiring_.links()[link]; each.control && knot[each.to] == knot[node])
                return link;
        return no_index;
    }

    void tell_cycle(std::size_t start, const std::vector<std::size_t>& knot,
                    std::vector<std::size_t>& place) {
        std::vector<std::size_t> walked;
        std::size_t node = start;
        std::size_t closing = no_index;
        while (place[node] == no_index) {
            place[node] = walked.size();
            walked.push_back(node);
            closing = next_in_knot(node, knot);
            node = wiring_.links()[closing].to;
        }
        std::vector<std::size_t> cycle(walked.begin() + static_cast<std::ptrdiff_t>(place[node]),
                                       walked.end());
        std::rotate(cycle.begin(), std::ranges::min_element(cycle),
                    cycle.end()); // clang 14 has no ranges::rotate
        constexpr std::size_t shown = 40;
        std::string message = "cycle detected: ";
        for (std::size_t i = 0; i < cycle.size(); ++i) {
            if (cycle.size() > shown && i == shown / 2) {
                message += "... -> ";
                i = cycle.size() - shown / 2;
            }
            message += graph_.nodes[cycle[i]].id + " -> ";
        }
        const std::size_t edge = wiring_.links()[closing].edge;
        problems_.add({Severity::error, "CYCLE", message + graph_.nodes[cycle[0]].id, at("edges", edge),
                       graph_.nodes[cycle[0]].id, graph_.edges[edge].id});
    }

    /// Number of the knot a node is part of (strongly connected over control edges; Tarjan, without
    /// recursion); `no_index` for nodes that lie on no cycle.
    std::vector<std::size_t> knots() const {
        const std::size_t count = graph_.nodes.size();
        std::vector<std::size_t> index(count, no_index), low(count), knot(count, no_index), used(count);
        std::vector<std::size_t> open, calls;
        std::vector<bool> is_open(count);
        std::size_t counter = 0, knot_count = 0;
        for (std::size_t root = 0; root < count; ++root) {
            if (index[root] == no_index)
                calls.push_back(root);
            while (!calls.empty()) {
                const std::size_t node = calls.back();
                if (index[node] == no_index) {
                    index[node] = low[node] = counter++;
                    open.push_back(node);
                    is_open[node] = true;
                }
                const auto links = wiring_.leaving(node);
                std::size_t child = no_index;
                for (; used[node] < links.size() && child == no_index; ++used[node]) {
                    const Wiring::Link& link = wiring_.links()[links[used[node]]];
                    if (link.control && index[link.to] == no_index)
                        child = link.to;
                    else if (link.control && is_open[link.to])
                        low[node] = std::min(low[node], low[link.to]);
                }
                if (child != no_index) {
                    --used[node]; // looked at again when the child is done
                    calls.push_back(child);
                    continue;
                }
                calls.pop_back();
                if (low[node] == index[node])
                    close_knot(node, open, is_open, knot, knot_count);
            }
        }
        return knot;
    }

    void close_knot(std::size_t head, std::vector<std::size_t>& open, std::vector<bool>& is_open,
                    std::vector<std::size_t>& knot, std::size_t& knot_count) const {
        const bool alone = open.back() == head;
        const bool own_loop = std::ranges::any_of(wiring_.leaving(head), [&](std::size_t link) {
            return wiring_.links()[link].control && wiring_.links()[link].to == head;
        });
        for (;;) {
            const std::size_t node = open.back();
            open.pop_back();
            is_open[node] = false;
            if (!alone || own_loop)
                knot[node] = knot_count;
            if (node == head)
                break;
        }
        ++knot_count;
    }

    void check_reach() {
        std::vector<std::size_t> reached;
        std::vector<bool> seen(graph_.nodes.size());
        const auto visit = [&](std::size_t node) {
            if (!seen[node])
                reached.push_back(node);
            seen[node] = true;
        };
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            if (is_entry(graph_.nodes[i].kind))
                visit(i);
        if (reached.empty())
            return; // NO_ENTRY says it all
        for (std::size_t i = 0; i < reached.size(); ++i)
            for (const std::size_t link : wiring_.leaving(reached[i]))
                if (wiring_.links()[link].control)
                    visit(wiring_.links()[link].to);
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            if (!seen[i] && graph_.find(graph_.nodes[i].id) == &graph_.nodes[i])
                at_node(Severity::warning, "UNREACHABLE",
                        "node '" + graph_.nodes[i].id + "' is not reachable from any entry point", i);
    }

    /// A node's only output may stay open: that is where a flow ends.
    void check_ports() {
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            const Node& node = graph_.nodes[i];
            if (!node.outputs || node.outputs->size() < 2)
                continue;
            std::unordered_set<std::string_view> used;
            for (const std::size_t link : wiring_.leaving(i))
                used.insert(graph_.edges[wiring_.links()[link].edge].source_port);
            for (std::size_t port = 0; port < node.outputs->size(); ++port)
                if (!used.contains((*node.outputs)[port].id))
                    at_node(Severity::warning, "UNUSED_PORT",
                            "node '" + node.id + "' has an unused output port '" + (*node.outputs)[port].id +
                                "'",
                            i, at(".outputs", port));
        }
    }
};

} // namespace

Diagnostics analyze(const Graph& graph) {
    return Analysis(graph).run();
}

} // namespace scaiflow::graph
