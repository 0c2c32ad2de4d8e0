// Clock interface: rules and services take time from here, so tests own it. Times are UTC.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace scai {

/// UTC with microseconds, the resolution PostgreSQL keeps.
using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    virtual UtcTime now() const = 0;
};

class SystemClock final : public Clock {
public:
    UtcTime now() const override;
};

/// RFC 3339, always `Z`; fraction printed only when not zero. "2026-05-20T08:00:00Z"
std::string to_iso8601(UtcTime time);

/// RFC 3339 date-time with `Z` or a numeric offset and optional fraction (truncated to microseconds).
/// Anything else, including a date that does not exist, gives nullopt.
std::optional<UtcTime> parse_iso8601(std::string_view text);

std::int64_t unix_seconds(UtcTime time);
UtcTime from_unix_seconds(std::int64_t seconds);

} // namespace scai
