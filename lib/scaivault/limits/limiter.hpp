// Rate limits: a token bucket per identity and category in Redis, refilled continuously, taken from by one
// Lua script (contract scaivault.md 8.2). Without Redis requests go on with buckets of this process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/config/settings.hpp"
#include "lib/web/metrics.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace scaivault::limits {

struct Verdict {
    bool allowed = true;
    std::int64_t limit = 0, remaining = 0;
    std::int64_t reset = 0;       ///< Unix seconds when the bucket is full again
    std::int64_t retry_after = 0; ///< seconds; 0 when allowed
};

struct RedisStatus {
    bool reachable = false;
    std::int64_t latency_us = 0;
    std::optional<std::int64_t> memory_bytes;
    std::string error; ///< of the last failure, ours
};

/// Thread-safe.
class Limiter {
public:
    /// REDIS_URL (redis://, rediss://, unix://path), RATE_LIMIT_<CATEGORY> (per minute, 0 = not limited).
    /// Connects lazily.
    Limiter(const scai::config::Settings& settings, scai::web::Metrics& metrics, const scai::Clock& clock);
    ~Limiter();
    /// Never throws, never takes longer than the Redis timeout (100 ms, then the process's own buckets for a
    /// while).
    Verdict take(std::string_view category, std::string_view identity);
    RedisStatus status();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scaivault::limits
