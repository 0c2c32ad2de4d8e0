// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/limits/limiter.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace scaivault::limits {

namespace {

constexpr double seconds_per_minute = 60.0;
constexpr std::size_t most_buckets = 10'000;

struct Bucket {
    double tokens;
    scai::UtcTime filled_at;
};

std::string setting_of(std::string_view category) {
    std::string out = "RATE_LIMIT_";
    for (const char c : category)
        out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

} // namespace

struct Limiter::Impl {
    const scai::config::Settings& settings;
    const scai::Clock& clock;
    std::mutex mutex;
    std::map<std::string, Bucket> buckets;
    Impl(const scai::config::Settings& s, const scai::Clock& c) : settings(s), clock(c) {}
};

Limiter::Limiter(const scai::config::Settings& settings, scai::web::Metrics&, const scai::Clock& clock)
    : impl_(std::make_unique<Impl>(settings, clock)) {}
Limiter::~Limiter() = default;

Verdict Limiter::take(std::string_view category, std::string_view identity) {
    const auto limit = impl_->settings.integer(setting_of(category));
    if (limit == 0)
        return {};
    const auto now = impl_->clock.now();
    const double full = static_cast<double>(limit);
    const double per_second = full / seconds_per_minute;
    const std::lock_guard lock(impl_->mutex);
    if (impl_->buckets.size() > most_buckets)
        impl_->buckets.clear();
    auto& bucket = impl_->buckets.try_emplace(std::string(category) + " " + std::string(identity), full, now)
                       .first->second;
    const std::chrono::duration<double> passed = now - bucket.filled_at;
    bucket.tokens = std::min(full, bucket.tokens + std::max(0.0, passed.count()) * per_second);
    bucket.filled_at = now;
    Verdict out{.allowed = bucket.tokens >= 1, .limit = limit};
    if (out.allowed)
        bucket.tokens -= 1;
    else
        out.retry_after =
            std::max<std::int64_t>(1, static_cast<std::int64_t>((1 - bucket.tokens) / per_second) + 1);
    out.remaining = static_cast<std::int64_t>(bucket.tokens);
    out.reset = scai::unix_seconds(now) + static_cast<std::int64_t>((full - bucket.tokens) / per_second);
    return out;
}

RedisStatus Limiter::status() {
    RedisStatus out;
    out.error = "REDIS_URL is not set";
    return out;
}

} // namespace scaivault::limits
