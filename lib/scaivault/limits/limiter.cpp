// A process takes tokens from Redis in small batches, so that an identity it serves often costs a round trip
// every few requests only. It holds at most a fiftieth of the limit (64 at most), for a second at most:
// nobody gets more than the limit, and who moves to another process may find that fiftieth missing for as
// long. Measured on two cores: a take from Redis 60 us, from the batch 0.4 us. SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaivault/limits/limiter.hpp"

#include "lib/base/strings.hpp"
#include "lib/log/log.hpp"
#include "lib/log/parts.hpp"
#include "lib/redis/client.hpp"
#include "lib/scaivault/limits/bucket.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace scaivault::limits {

namespace {

namespace redis = scai::redis;
using scai::Result;
using std::chrono::microseconds;

constexpr std::string_view setting_prefix = "RATE_LIMIT_";
constexpr std::size_t most_low = 1024;
constexpr std::string_view key_prefix = "scaivault:rate:";
constexpr std::int64_t second_us = 1'000'000;

constexpr std::int64_t lease_us = second_us; ///< a batch is good for
constexpr std::int64_t largest_batch = 64;
constexpr std::int64_t batches_a_limit = 50;

constexpr std::int64_t first_pause_us = second_us; ///< after a failure nobody asks Redis for
constexpr std::int64_t longest_pause_us = 8 * second_us;

/// KEYS[1]: the bucket, the time it is full again (lib/scaivault/limits/bucket.hpp). ARGV: microseconds
/// between tokens, tokens wanted, tokens brought back. The key goes when the bucket is full.
constexpr std::string_view script = R"(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local gap = tonumber(ARGV[1])
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)
local missing = math.min(math.max(full_at - now - ARGV[3] * gap, 0), 60000000)
local there = (60000000 - missing) / gap + 0.000001
local got = math.min(tonumber(ARGV[2]), math.floor(there))
missing = missing + got * gap
if missing > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', now + missing), 'PX', math.ceil(missing / 1000))
else
  redis.call('DEL', KEYS[1])
end
local another = 0
if there - got < 1 then another = math.ceil((1 - (there - got)) * gap) end
return {got, math.floor(there) - got, math.ceil(missing), another}
)";

std::int64_t micros(scai::UtcTime time) {
    return time.time_since_epoch().count();
}

std::int64_t seconds_up(std::int64_t us) {
    return (us + second_us - 1) / second_us;
}

Verdict verdict(std::int64_t limit, bool allowed, std::int64_t remaining, std::int64_t full_at,
                std::int64_t now, std::int64_t another_in) {
    Verdict out;
    out.allowed = allowed;
    out.limit = limit;
    out.remaining = std::clamp<std::int64_t>(remaining, 0, limit);
    out.reset = seconds_up(std::max(full_at, now));
    out.retry_after = allowed ? 0 : std::max<std::int64_t>(1, seconds_up(another_in));
    return out;
}

std::unique_ptr<redis::Client> make_client(const scai::config::Settings& settings) {
    if (!settings.has("REDIS_URL"))
        return nullptr;
    auto address = redis::parse_address(settings.text("REDIS_URL"));
    if (!address)
        throw std::runtime_error("REDIS_URL: " + address.error().message);
    return std::make_unique<redis::Client>(std::move(*address), redis::Timeouts{});
}

} // namespace

struct Limiter::Impl {
    /// What this process knows of a bucket.
    struct Share {
        std::int64_t tokens = 0; ///< taken from Redis, not handed out
        std::int64_t batch = 1;  ///< to take next time
        std::int64_t good_until = 0;
        std::int64_t empty_until = 0;
        std::int64_t remaining = 0; ///< in Redis
        std::int64_t full_at = 0;
        bool fetching = false;
        std::int64_t own_full_at = 0; ///< this process's own bucket, for the time without Redis

        bool forgettable(std::int64_t now) const {
            return !fetching && good_until < now && empty_until < now && own_full_at < now;
        }
    };

    /// A part of the shares under a lock of its own.
    struct Shard {
        std::mutex mutex;
        std::unordered_map<std::string, Share> shares;
        std::size_t sweep_at = 1024;

        Share& share(const std::string& key, std::int64_t now) {
            if (shares.size() >= sweep_at) {
                std::erase_if(shares, [now](const auto& item) { return item.second.forgettable(now); });
                sweep_at = std::max<std::size_t>(1024, shares.size() * 2);
            }
            return shares[key];
        }
    };

    /// Keeps everybody from waiting for a Redis that does not answer: after a failure one caller a pause
    /// tries.
    class Breaker {
    public:
        bool may_try(std::int64_t now) {
            auto until = closed_until_.load();
            if (until == 0)
                return true;
            // A clock that was set back must not keep it closed.
            if (now < until && until - now <= longest_pause_us)
                return false;
            return closed_until_.compare_exchange_strong(until, now + longest_pause_us);
        }
        /// True when it was the first failure in a row.
        bool failed(std::int64_t now) {
            const auto times = std::min(failures_++, 3);
            closed_until_ = now + std::min(first_pause_us << times, longest_pause_us);
            return times == 0;
        }
        /// True when it had failed before.
        bool succeeded() {
            if (failures_.load(std::memory_order_relaxed) == 0)
                return false;
            closed_until_ = 0;
            return failures_.exchange(0) != 0;
        }

    private:
        std::atomic<std::int64_t> closed_until_ = 0;
        std::atomic<int> failures_ = 0;
    };

    Impl(const scai::config::Settings& settings, scai::web::Metrics& counters, const scai::Clock& time)
        : metrics(counters), clock(time), client(make_client(settings)) {
        for (const auto& row : settings.table())
            if (row.name.starts_with(setting_prefix))
                limits.emplace(scai::to_lower(row.name.substr(setting_prefix.size())),
                               settings.integer(row.name));
    }

    Verdict take(std::string_view category, std::string_view identity) {
        const auto found = limits.find(category);
        if (found == limits.end() || found->second <= 0)
            return {};
        const auto limit = found->second;
        const auto now = micros(clock.now());
        std::string key(key_prefix);
        key.append(category).append(":").append(identity);
        auto& shard = shards[std::hash<std::string>{}(key) % shards.size()];
        auto out = client ? take_shared(shard, key, category, limit, now) : take_own(shard, key, limit, now);
        if (!out.allowed)
            metrics.add("scaivault_rate_limit_hits_total", {{"category", category}});
        show_fill(key, category, identity, limit, out.remaining);
        return out;
    }

    /// Only the buckets that run low, until they have filled again: a series for each of everybody's would
    /// fill the counters.
    void show_fill(const std::string& key, std::string_view category, std::string_view identity,
                   std::int64_t limit, std::int64_t remaining) {
        const bool is_low = remaining * 5 < limit;
        if (!is_low && !some_low.load(std::memory_order_relaxed))
            return;
        {
            const std::lock_guard lock(low_mutex);
            if (is_low && low.size() < most_low)
                low.insert(key);
            else if (is_low)
                return; // more than anybody looks at
            else if (low.erase(key) == 0)
                return;
            some_low.store(!low.empty(), std::memory_order_relaxed);
        }
        metrics.set("scaivault_rate_limit_bucket_fill", {{"category", category}, {"identity", identity}},
                    remaining);
    }

    /// What this process has in hand, else what Redis gives, else its own bucket.
    Verdict take_shared(Shard& shard, const std::string& key, std::string_view category, std::int64_t limit,
                        std::int64_t now) {
        std::int64_t wanted = 1, back = 0;
        bool batches = false;
        {
            const std::lock_guard lock(shard.mutex);
            auto& share = shard.share(key, now);
            const bool good = now < share.good_until;
            if (good && share.tokens > 0) {
                --share.tokens;
                return verdict(limit, true, share.remaining + share.tokens, share.full_at, now, 0);
            }
            if (now < share.empty_until) // nothing can have flowed in: Redis need not be asked
                return verdict(limit, false, 0, share.full_at, now, share.empty_until - now);
            if (!share.fetching) {
                const auto largest = std::clamp<std::int64_t>(limit / batches_a_limit, 1, largest_batch);
                share.batch = good ? std::min(share.batch * 2, largest) : 1;
                wanted = share.batch;
                back = std::exchange(share.tokens, 0);
                share.fetching = batches = true;
            }
        }
        const auto taken = ask(key, limit, wanted, back, now);
        const std::lock_guard lock(shard.mutex);
        auto& share = shard.share(key, now);
        if (batches)
            share.fetching = false;
        if (!taken) {
            metrics.add("scaivault_rate_limit_fallback_total", {{"category", category}});
            return from_own(share, limit, now);
        }
        share.remaining = taken->remaining;
        share.full_at = now + taken->full_in;
        if (taken->got == 0) {
            share.empty_until = now + taken->another_in;
            return verdict(limit, false, 0, share.full_at, now, taken->another_in);
        }
        share.empty_until = 0;
        if (batches) {
            share.tokens += taken->got - 1;
            share.good_until = now + lease_us;
        }
        return verdict(limit, true, share.remaining + share.tokens, share.full_at, now, 0);
    }

    static Verdict from_own(Share& share, std::int64_t limit, std::int64_t now) {
        const auto taken = limits::take(share.own_full_at, now, limit, 1);
        return verdict(limit, taken.got == 1, taken.remaining, share.own_full_at, now, taken.another_in);
    }
    static Verdict take_own(Shard& shard, const std::string& key, std::int64_t limit, std::int64_t now) {
        const std::lock_guard lock(shard.mutex);
        return from_own(shard.share(key, now), limit, now);
    }

    std::optional<Taken> ask(const std::string& key, std::int64_t limit, std::int64_t wanted,
                             std::int64_t back, std::int64_t now) {
        if (!breaker.may_try(now))
            return std::nullopt;
        const auto started = std::chrono::steady_clock::now();
        auto taken = run_script(key, limit, wanted, back);
        if (taken) {
            metrics.observe(
                "scaivault_redis_latency_seconds", {},
                std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
            if (breaker.succeeded())
                scai::log::info("redis_back", {});
            return *taken;
        }
        note_failure(taken.error(), now);
        return std::nullopt;
    }

    Result<Taken> run_script(const std::string& key, std::int64_t limit, std::int64_t wanted,
                             std::int64_t back) {
        std::array<char, 32> gap;
        std::snprintf(gap.data(), gap.size(), "%.6f",
                      static_cast<double>(minute_us) / static_cast<double>(limit));
        const scai::log::Timed part("redis", "take tokens");
        const auto want = std::to_string(wanted), bring = std::to_string(back);
        for (bool loaded = false;; loaded = true) {
            SCAI_TRY(const auto name, script_sha(loaded));
            SCAI_TRY(const auto reply, client->command({"EVALSHA", name, "1", key, gap.data(), want, bring}));
            if (reply.kind == redis::Reply::Kind::error && reply.text.starts_with("NOSCRIPT") && !loaded)
                continue; // Redis was started anew
            const auto& items = reply.items;
            if (reply.kind != redis::Reply::Kind::array || items.size() != 4)
                return refused(reply);
            return Taken{items[0].integer, items[1].integer, items[2].integer, items[3].integer};
        }
    }

    Result<std::string> script_sha(bool load_again) {
        {
            const std::lock_guard lock(sha_mutex);
            if (!sha.empty() && !load_again)
                return sha;
        }
        SCAI_TRY(const auto reply, client->command({"SCRIPT", "LOAD", script}));
        if (reply.kind != redis::Reply::Kind::text)
            return refused(reply);
        const std::lock_guard lock(sha_mutex);
        sha = reply.text;
        return sha;
    }

    /// The first word of Redis's own error (LOADING, OOM, READONLY ...) is all that is kept of it.
    static scai::Error refused(const redis::Reply& reply) {
        return {.kind = scai::ErrorKind::unavailable,
                .code = "refused",
                .message = "Redis refused: " + reply.text.substr(0, reply.text.find(' '))};
    }

    void note_failure(const scai::Error& error, std::int64_t now) {
        if (breaker.failed(now))
            scai::log::warn("redis_unavailable", {{"error", error.code}, {"detail", error.message}});
    }

    RedisStatus status() {
        RedisStatus out;
        if (!client) {
            out.error = "REDIS_URL is not set";
            return out;
        }
        const auto started = std::chrono::steady_clock::now();
        const auto pong = client->command({"PING"});
        out.latency_us =
            std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - started).count();
        if (!pong || pong->kind == redis::Reply::Kind::error) {
            out.error = pong ? refused(*pong).message : pong.error().message;
            return out;
        }
        out.reachable = true;
        breaker.succeeded();
        if (const auto info = client->command({"INFO", "memory"}); info) {
            constexpr std::string_view name = "used_memory:";
            const auto at = info->text.find(name);
            if (at != std::string::npos) {
                const auto end = info->text.find('\r', at);
                out.memory_bytes = scai::parse_int(
                    std::string_view(info->text).substr(at + name.size(), end - at - name.size()));
            }
        }
        return out;
    }

    scai::web::Metrics& metrics;
    const scai::Clock& clock;
    std::map<std::string, std::int64_t, std::less<>> limits; ///< per minute, by category
    const std::unique_ptr<redis::Client> client;
    Breaker breaker;
    std::array<Shard, 16> shards;
    std::mutex low_mutex;
    std::unordered_set<std::string> low; ///< keys that the gauge shows as nearly empty
    std::atomic<bool> some_low = false;
    std::mutex sha_mutex;
    std::string sha;
};

Limiter::Limiter(const scai::config::Settings& settings, scai::web::Metrics& metrics,
                 const scai::Clock& clock)
    : impl_(std::make_unique<Impl>(settings, metrics, clock)) {}
Limiter::~Limiter() = default;

Verdict Limiter::take(std::string_view category, std::string_view identity) {
    return impl_->take(category, identity);
}

RedisStatus Limiter::status() {
    return impl_->status();
}

} // namespace scaivault::limits
