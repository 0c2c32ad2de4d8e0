// Arithmetic of a token bucket kept as one number: the time at which it is full again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace scaivault::limits {

/// What is left after an attempt to take tokens. The same numbers come from Redis and from a process's own
/// bucket.
struct Taken {
    std::int64_t got = 0;
    std::int64_t remaining = 0;  ///< whole tokens
    std::int64_t full_in = 0;    ///< microseconds
    std::int64_t another_in = 0; ///< microseconds until there is a token; 0 when there is one
};

inline constexpr std::int64_t minute_us = 60'000'000;

/// `per_minute` tokens fit and flow in again over a minute. `full_at` and `now` are microseconds of one
/// clock.
constexpr Taken take(std::int64_t& full_at, std::int64_t now, std::int64_t per_minute, std::int64_t wanted) {
    const double gap = static_cast<double>(minute_us) / static_cast<double>(per_minute);
    const auto missing = static_cast<double>(std::clamp<std::int64_t>(full_at - now, 0, minute_us));
    constexpr double rounding = 1e-6;
    const double there = std::max(0.0, (static_cast<double>(minute_us) - missing) / gap + rounding);
    Taken out;
    out.got = std::min(wanted, static_cast<std::int64_t>(there));
    full_at = now + static_cast<std::int64_t>(missing + static_cast<double>(out.got) * gap);
    out.remaining = static_cast<std::int64_t>(there) - out.got;
    out.full_in = full_at - now;
    if (out.remaining == 0)
        out.another_in = static_cast<std::int64_t>((1.0 - (there - static_cast<double>(out.got))) * gap) + 1;
    return out;
}

} // namespace scaivault::limits
