// Rate limits: 60-second sliding windows by key, user and tenant, the strictest counts (contract scaigrid.md
// 2.5). Counted in the memory of the process, in steps of a second. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace scaigrid {

/// One of the windows a request is counted in; a limit of 0 is none.
struct LimitedBy {
    std::string identity; ///< "key:<id>", "user:<tenant>/<id>", "tenant:<id>"
    std::int64_t limit = 0;
};

struct LimitState {
    static constexpr std::int64_t unlimited = 1'000'000'000;
    bool allowed = true;
    std::int64_t limit = unlimited, remaining = unlimited; ///< of the window that is nearest to its end
    std::int64_t reset_at = 0;                             ///< Unix seconds when that window is empty again
    std::int64_t retry_after = 0; ///< seconds until a request will pass, when refused
};

/// Thread-safe.
class Limits {
public:
    /// Counts one request in every window, or in none when one of them is full.
    LimitState take(const std::vector<LimitedBy>& windows, std::int64_t now);

private:
    static constexpr std::size_t seconds = 60;
    struct Window {
        std::array<std::uint32_t, seconds> counts{};
        std::int64_t newest = 0; ///< second of the newest count
        std::int64_t total = 0;
        void advance(std::int64_t now);
        std::int64_t wait_for(std::int64_t surplus, std::int64_t now) const;
    };
    void forget_idle(std::int64_t now);
    std::mutex mutex_;
    std::map<std::string, Window, std::less<>> windows_;
};

} // namespace scaigrid
