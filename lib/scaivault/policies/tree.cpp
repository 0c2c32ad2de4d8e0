// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/tree.hpp"

#include <algorithm>

namespace scaivault::policies {

std::uint32_t PatternTree::new_node() {
    nodes_.emplace_back();
    return static_cast<std::uint32_t>(nodes_.size() - 1);
}

std::uint32_t PatternTree::child(std::uint32_t node, const Pattern::Segment& segment) {
    // new_node() moves the nodes: no reference is kept over it.
    switch (segment.kind) {
    case Pattern::Kind::literal: {
        const auto found = nodes_[node].literals.find(segment.text);
        if (found != nodes_[node].literals.end())
            return found->second;
        const auto made = new_node();
        nodes_[node].literals.emplace(segment.text, made);
        return made;
    }
    case Pattern::Kind::one:
        if (nodes_[node].one == 0) {
            const auto made = new_node();
            nodes_[node].one = made;
        }
        return nodes_[node].one;
    case Pattern::Kind::glob: {
        for (const auto& [text, there] : nodes_[node].globs)
            if (text == segment.text)
                return there;
        const auto made = new_node();
        nodes_[node].globs.emplace_back(segment.text, made);
        return made;
    }
    case Pattern::Kind::any:
        if (nodes_[node].any == 0) {
            const auto made = new_node();
            nodes_[made].loops = true;
            nodes_[node].any = made;
        }
        return nodes_[node].any;
    }
    return node;
}

void PatternTree::add(const Pattern& pattern, std::uint32_t value) {
    const auto& segments = pattern.segments();
    const bool below = segments.back().kind == Pattern::Kind::any;
    std::uint32_t node = 0;
    for (std::size_t i = 0; i + (below ? 1 : 0) < segments.size(); ++i)
        node = child(node, segments[i]);
    (below ? nodes_[node].below : nodes_[node].here).push_back(value);
}

/// The node, and the `**` behind it, which may stand for nothing.
void PatternTree::enter(std::uint32_t node, std::vector<std::uint32_t>& active) const {
    for (; node != 0; node = nodes_[node].any) {
        if (std::find(active.begin(), active.end(), node) != active.end())
            return;
        active.push_back(node);
    }
}

void PatternTree::match(const std::vector<std::string_view>& path, std::vector<std::uint32_t>& values) const {
    std::vector<std::uint32_t> active{0};
    std::vector<std::uint32_t> next;
    std::vector<std::uint32_t> counted; // nodes whose `below` is in already
    const auto count_below = [&](std::uint32_t node) {
        const auto& below = nodes_[node].below;
        if (below.empty() || std::find(counted.begin(), counted.end(), node) != counted.end())
            return;
        counted.push_back(node);
        values.insert(values.end(), below.begin(), below.end());
    };
    count_below(0);
    for (std::size_t i = 0; i < path.size() && !active.empty(); ++i) {
        next.clear();
        for (const auto index : active) {
            const auto& node = nodes_[index];
            if (const auto found = node.literals.find(path[i]); found != node.literals.end())
                enter(found->second, next);
            enter(node.one, next);
            for (const auto& [text, there] : node.globs)
                if (glob_matches(text, path[i]))
                    enter(there, next);
            if (node.loops)
                enter(index, next);
            else if (index == 0)
                enter(node.any, next); // a leading ** takes one segment at least
        }
        active.swap(next);
        for (const auto index : active)
            count_below(index);
    }
    for (const auto index : active)
        values.insert(values.end(), nodes_[index].here.begin(), nodes_[index].here.end());
}

} // namespace scaivault::policies
