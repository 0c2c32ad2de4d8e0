// Random flows that are valid: validate() finds neither errors nor warnings in them. The same seed and size
// give the same flow on every machine. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace scai::test {

/// Reproducible numbers (splitmix64).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }
    bool chance(std::size_t percent) { return below(100) < percent; }
    template<class List>
    const auto& pick(const List& list) {
        return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
    }

private:
    std::uint64_t state_;
};

/// About `nodes` nodes (at least 2): chains, branches with and without fallthrough, joins across branches,
/// loops, parallel branches, fan-out, data edges, sub-flows, one to three entries, every spelling of a name.
/// From about 60 nodes on every kind is there.
json::Value generate_flow(std::uint64_t seed, std::size_t nodes);

/// The same flow laid out anew: only positions differ.
json::Value moved(const json::Value& flow, std::uint64_t seed);

/// A straight line of `nodes` nodes, the entry included.
json::Value chain_flow(std::size_t nodes);

/// Decision after decision, each inside the "else" of the one before: (nodes - 1) / 2 levels deep.
json::Value ladder_flow(std::size_t nodes);

} // namespace scai::test
