// Collects diagnostics, up to a limit: a hostile flow of 5 MB can hold millions, and nobody reads more than a
// thousand. Errors and warnings are counted apart, so that warnings never hide an error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/diagnostic.hpp"

#include <array>

namespace scaiflow::graph {

class Problems {
public:
    static constexpr std::size_t limit = 1'000; ///< of each severity

    /// False when this severity is full: then the caller may stop looking.
    bool add(Diagnostic diagnostic) {
        std::size_t& count = counts_[static_cast<std::size_t>(diagnostic.severity)];
        if (count > limit)
            return false;
        if (count++ == limit)
            diagnostic.message = "there are more problems than are listed here";
        list_.push_back(std::move(diagnostic));
        return true;
    }
    bool full(Severity severity) const { return counts_[static_cast<std::size_t>(severity)] > limit; }
    bool empty() const { return list_.empty(); }
    Diagnostics take() { return std::move(list_); }

private:
    Diagnostics list_;
    std::array<std::size_t, 2> counts_{};
};

} // namespace scaiflow::graph
