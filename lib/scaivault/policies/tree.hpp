// Many patterns merged into one tree: which of them match a path, at a cost that follows the path's segments
// and the wildcards beside them, not the number of patterns. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/policies/pattern.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scaivault::policies {

class PatternTree {
public:
    PatternTree() : nodes_(1) {}
    void add(const Pattern& pattern, std::uint32_t value);
    /// Values of all patterns that match, each once, in no order.
    void match(const std::vector<std::string_view>& path, std::vector<std::uint32_t>& values) const;

private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    struct Node {
        std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> literals;
        std::vector<std::pair<std::string, std::uint32_t>> globs;
        std::uint32_t one = 0;            ///< child of `*`; 0 = none
        std::uint32_t any = 0;            ///< child of a `**` that something follows
        bool loops = false;               ///< this node is such a child: it takes any further segment
        std::vector<std::uint32_t> here;  ///< patterns that end here
        std::vector<std::uint32_t> below; ///< patterns that end in `/**` here: here and everywhere below
    };
    std::uint32_t child(std::uint32_t node, const Pattern::Segment& segment);
    std::uint32_t new_node();
    void enter(std::uint32_t node, std::vector<std::uint32_t>& active) const;

    std::vector<Node> nodes_;
};

} // namespace scaivault::policies
