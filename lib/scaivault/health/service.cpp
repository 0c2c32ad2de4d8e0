// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/health/service.hpp"

#include "lib/log/log.hpp"
#include "lib/scaivault/app/bootstrap.hpp"
#include "lib/scaivault/health/object_store.hpp"
#include "lib/scaivault/health/store.hpp"

#include <chrono>
#include <functional>

namespace scaivault::health {

namespace {

using scai::json::Value;
using Steady = std::chrono::steady_clock;

const auto started = Steady::now(); // of the process

std::int64_t milliseconds_since(Steady::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - start).count();
}

struct Check {
    std::string error; ///< ours; "" = ok
    std::int64_t latency_ms = 0;
    bool configured = true; ///< false: it is not there, and nothing misses it
    bool ok() const { return error.empty(); }
    const char* word() const { return !configured ? "not_configured" : ok() ? "ok" : "error"; }
    /// The report of this check in GET /v1/health/detailed: `more` between its state and what is wrong.
    Value report(const Value& more = Value::object()) const {
        auto out = Value::object({{"status", word()}, {"latency_ms", latency_ms}});
        more.each_member([&out](std::string_view name, const Value& value) { out.set(name, value); });
        if (!ok())
            out.set("error", error);
        return out;
    }
};

Check timed(const std::function<std::string()>& work) {
    const auto start = Steady::now();
    Check out;
    out.error = work();
    out.latency_ms = milliseconds_since(start);
    return out;
}

Check check_database(Context& context) {
    return timed([&]() -> std::string {
        try {
            touch(context.pool);
            return {};
        } catch (const scai::db::Error& error) {
            scai::log::warn("health_check_failed", {{"check", "database"}, {"sqlstate", error.sqlstate()}});
            return "the database is not available";
        }
    });
}

Check check_redis(const Context& context, const limits::RedisStatus& status) {
    Check out;
    out.latency_ms = status.latency_us / 1000;
    out.configured = context.settings.has("REDIS_URL"); // without it each process counts alone
    if (!out.configured)
        return out;
    if (!status.reachable)
        out.error = status.error.empty() ? "Redis is not available" : status.error;
    return out;
}

Check check_encryption(Context& context) {
    return timed([&]() -> std::string {
        const auto status = context.kms->check();
        return status ? std::string() : status.error().message;
    });
}

Value bootstrap_report(Context& context) {
    auto out = Value::array();
    for (const auto& grant : bootstrap::list(context.pool))
        out.push(Value::object(
            {{"identity", grant.identity},
             {"tenant_id", grant.tenant_id.empty() ? Value(nullptr) : Value(grant.tenant_id)},
             {"state", grant.state},
             {"user_id", grant.user_id.empty() ? Value(nullptr) : Value(grant.user_id)},
             {"granted_at", grant.granted_at ? Value(scai::to_iso8601(*grant.granted_at)) : Value(nullptr)},
             {"next_step", bootstrap::next_step(grant, context.settings)}}));
    return out;
}

/// Prometheus text escapes.
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"')
            out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

std::string read_gauges(Context& context) {
    std::string out = "# TYPE scaivault_secrets_total gauge\n";
    for (const auto& [tenant, count] : secrets_by_tenant(context.pool))
        out += "scaivault_secrets_total{tenant=\"" + escaped(tenant) + "\"} " + std::to_string(count) + "\n";
    const auto waiting = queues(context.pool);
    out += "# TYPE scaivault_rotation_queue_depth gauge\nscaivault_rotation_queue_depth " +
           std::to_string(waiting.rotations) + "\n";
    out += "# TYPE scaivault_webhook_queue_depth gauge\nscaivault_webhook_queue_depth " +
           std::to_string(waiting.webhooks) + "\n";
    return out;
}

} // namespace

Readiness check_readiness(Context& context) {
    const std::vector<std::pair<const char*, Check>> checks{
        {"database", check_database(context)},
        {"redis", check_redis(context, context.limiter.status())},
        {"encryption", check_encryption(context)}};
    Readiness out;
    out.ready = true;
    auto words = Value::object();
    auto errors = Value::object();
    for (const auto& [name, check] : checks) {
        words.set(name, check.word());
        if (check.ok())
            continue;
        out.ready = false;
        errors.set(name, check.error);
    }
    out.report = Value::object({{"status", out.ready ? "ready" : "not_ready"}, {"checks", words}});
    if (!out.ready)
        out.report.set("errors", errors);
    return out;
}

Value detailed(Context& context) {
    const auto database = check_database(context);
    const auto redis_status = context.limiter.status();
    const auto redis = check_redis(context, redis_status);
    const auto encryption = check_encryption(context);
    const auto keys = context.keyring.status();
    const auto pool = context.pool.status();
    auto checks = Value::object(
        {{"database", database.report(Value::object(
                          {{"pool_size", pool.size}, {"pool_available", pool.size - pool.in_use}}))},
         {"redis",
          redis.report(Value::object(
              {{"memory_used_mb", redis_status.memory_bytes ? Value(*redis_status.memory_bytes / (1 << 20))
                                                            : Value(nullptr)}}))},
         {"encryption",
          encryption.report(Value::object(
              {{"provider", context.kms->provider()},
               {"key_status", keys.key_status},
               {"last_rotation",
                keys.last_rotation ? Value(scai::to_iso8601(*keys.last_rotation)) : Value(nullptr)}}))}});
    bool healthy = database.ok() && redis.ok() && encryption.ok();
    if (has_object_store(context.settings)) {
        const auto s3 =
            timed([&] { return check_object_store(context.settings, *context.http, *context.clock); });
        checks.set("s3", s3.report());
        healthy = healthy && s3.ok();
    }
    auto out = Value::object({{"status", healthy ? "healthy" : "degraded"},
                              {"version", std::string_view(SCAI_VERSION)},
                              {"uptime_seconds", milliseconds_since(started) / 1000},
                              {"checks", checks}});
    if (database.ok())
        out.set("bootstrap", bootstrap_report(context));
    return out;
}

std::string gauges(Context& context) {
    try {
        return read_gauges(context);
    } catch (const scai::db::Error& error) {
        scai::log::warn("gauges_failed", {{"sqlstate", error.sqlstate()}, {"what", error.what()}});
        return {};
    }
}

} // namespace scaivault::health
