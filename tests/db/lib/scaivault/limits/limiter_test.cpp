// Rate limits over a real Redis, without one, and while it comes and goes. SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaivault/app/settings.hpp"
#include "lib/scaivault/limits/limiter.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/redis.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace scaivault;

namespace {

/// A process: its own settings, counters and buckets.
struct Process {
    explicit Process(std::map<std::string, std::string> values, scai::test::FakeClock& time)
        : settings(*scai::config::Settings::from_values(settings_table, std::move(values))),
          metrics("", "test"), limiter(settings, metrics, time) {}
    scai::config::Settings settings;
    scai::web::Metrics metrics;
    limits::Limiter limiter;

    int allowed(const std::string& category, const std::string& identity, int attempts) {
        int out = 0;
        for (int i = 0; i < attempts; ++i)
            out += limiter.take(category, identity).allowed ? 1 : 0;
        return out;
    }
};

std::map<std::string, std::string> with(const test::Redis& redis,
                                        const std::string& name = "RATE_LIMIT_SECRETS_READ",
                                        const std::string& value = "100") {
    return {{"REDIS_URL", redis.url()}, {name, value}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_limits)

BOOST_AUTO_TEST_CASE(an_empty_bucket_refuses_and_says_when_to_come_back) {
    const test::Redis redis;
    scai::test::FakeClock clock;
    Process process(with(redis, "RATE_LIMIT_AUDIT_EXPORT", "5"), clock);
    for (int i = 0; i < 5; ++i) {
        const auto verdict = process.limiter.take("audit_export", "t/user:a");
        BOOST_TEST(verdict.allowed);
        BOOST_TEST(verdict.limit == 5);
        BOOST_TEST(verdict.remaining == 4 - i);
        BOOST_TEST(verdict.retry_after == 0);
    }
    const auto refused = process.limiter.take("audit_export", "t/user:a");
    BOOST_TEST(!refused.allowed);
    BOOST_TEST(refused.remaining == 0);
    BOOST_TEST((refused.retry_after >= 11 && refused.retry_after <= 12), refused.retry_after);
    BOOST_TEST((refused.reset >= clock.seconds() + 58 && refused.reset <= clock.seconds() + 60),
               refused.reset);
    // Another identity and another category have buckets of their own.
    BOOST_TEST(process.limiter.take("audit_export", "t/user:b").allowed);
    BOOST_TEST(process.limiter.take("audit_query", "t/user:a").allowed);
    BOOST_TEST(process.metrics.render().find(
                   "scaivault_rate_limit_hits_total{binary=\"test\",category=\"audit_export\"} 1") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_bucket_that_runs_low_is_shown_until_it_has_filled_again) {
    scai::test::FakeClock clock;
    Process process({{"RATE_LIMIT_AUDIT_EXPORT", "10"}}, clock);
    const auto shown = [&](const std::string& value) {
        return process.metrics.render().find(
                   "scaivault_rate_limit_bucket_fill{binary=\"test\",category=\"audit_"
                   "export\",identity=\"t/user:a\"} " +
                   value + "\n") != std::string::npos;
    };
    process.allowed("audit_export", "t/user:a", 8);
    BOOST_TEST(!shown("2"));
    process.allowed("audit_export", "t/user:a", 2);
    BOOST_TEST(shown("0"));
    clock.advance(std::chrono::minutes(1));
    process.allowed("audit_export", "t/user:a", 1);
    BOOST_TEST(shown("9"));
}

BOOST_AUTO_TEST_CASE(while_a_bucket_is_empty_redis_is_left_alone) {
    const test::Redis redis;
    scai::test::FakeClock clock;
    Process process(with(redis, "RATE_LIMIT_AUDIT_EXPORT", "5"), clock);
    process.allowed("audit_export", "x", 6);
    const auto before = redis.ask({"INFO", "commandstats"});
    BOOST_TEST(process.allowed("audit_export", "x", 100) == 0);
    const auto count = [](const std::string& text) {
        const auto at = text.find("cmdstat_evalsha:calls=");
        return text.substr(at, text.find(',', at) - at);
    };
    BOOST_TEST(count(redis.ask({"INFO", "commandstats"})) == count(before));
}

BOOST_AUTO_TEST_CASE(several_processes_share_a_limit_and_never_exceed_it) {
    const test::Redis redis;
    scai::test::FakeClock clock;
    constexpr int limit = 1000, processes = 4;
    std::vector<std::unique_ptr<Process>> all;
    for (int i = 0; i < processes; ++i)
        all.push_back(
            std::make_unique<Process>(with(redis, "RATE_LIMIT_SECRETS_READ", std::to_string(limit)), clock));
    std::atomic<int> allowed = 0;
    std::vector<std::thread> running;
    const auto started = std::chrono::steady_clock::now();
    for (auto& process : all)
        for (int t = 0; t < 2; ++t)
            running.emplace_back(
                [&allowed, &process] { allowed += process->allowed("secrets_read", "t/sa:x", 400); });
    for (auto& thread : running)
        thread.join();
    // Redis has its own clock: what flowed in meanwhile is allowed too.
    const auto minutes =
        std::chrono::duration<double, std::ratio<60>>(std::chrono::steady_clock::now() - started).count();
    BOOST_TEST(allowed <= limit + static_cast<int>(minutes * limit) + 1);
    // What a process may hold back: a fiftieth.
    BOOST_TEST(allowed >= limit - processes * limit / 50);
}

BOOST_AUTO_TEST_CASE(a_busy_identity_costs_a_round_trip_every_few_requests_only) {
    const test::Redis redis;
    scai::test::FakeClock clock;
    Process process(with(redis, "RATE_LIMIT_SECRETS_READ", "1000"), clock);
    BOOST_TEST(process.allowed("secrets_read", "t/sa:x", 500) == 500);
    const auto stats = redis.ask({"INFO", "commandstats"});
    const auto at = stats.find("cmdstat_evalsha:calls=") + 22;
    BOOST_TEST(std::stoi(stats.substr(at)) < 40);
    // Tokens nobody used in time are brought back.
    clock.advance(std::chrono::seconds(2));
    const auto verdict = process.limiter.take("secrets_read", "t/sa:x");
    BOOST_TEST((verdict.remaining >= 499 && verdict.remaining <= 540), verdict.remaining);
}

BOOST_AUTO_TEST_CASE(tokens_flow_back_in_with_time) {
    scai::test::FakeClock clock;
    Process process({{"RATE_LIMIT_SECRETS_WRITE", "60"}}, clock); // no Redis: the clock is ours
    BOOST_TEST(process.allowed("secrets_write", "x", 100) == 60);
    clock.advance(std::chrono::seconds(10));
    BOOST_TEST(process.allowed("secrets_write", "x", 100) == 10);
    clock.advance(std::chrono::minutes(5));
    BOOST_TEST(process.allowed("secrets_write", "x", 100) == 60);
}

BOOST_AUTO_TEST_CASE(zero_and_unknown_categories_are_not_limited) {
    scai::test::FakeClock clock;
    Process process({{"RATE_LIMIT_SECRETS_READ", "0"}}, clock);
    BOOST_TEST(process.limiter.take("secrets_read", "x").limit == 0);
    BOOST_TEST(process.allowed("secrets_read", "x", 2000) == 2000);
    BOOST_TEST(process.allowed("", "x", 2000) == 2000);
    BOOST_TEST(process.limiter.status().error == "REDIS_URL is not set");
}

BOOST_AUTO_TEST_CASE(without_redis_requests_go_on_with_buckets_of_the_process_and_without_waiting) {
    test::Redis redis;
    scai::test::FakeClock clock;
    Process process(with(redis), clock);
    BOOST_TEST(process.allowed("secrets_read", "x", 10) == 10);
    BOOST_TEST(process.limiter.status().reachable);
    BOOST_TEST(process.limiter.status().memory_bytes.value_or(0) > 0);
    redis.freeze(true); // the worst kind of down
    const auto started = std::chrono::steady_clock::now();
    clock.advance(std::chrono::seconds(2)); // what it holds is no longer good
    BOOST_TEST(process.allowed("secrets_read", "x", 300) == 100);
    BOOST_TEST(
        (std::chrono::steady_clock::now() - started < std::chrono::seconds(2))); // one deadline, not 300
    const auto metrics = process.metrics.render();
    BOOST_TEST(
        metrics.find("scaivault_rate_limit_fallback_total{binary=\"test\",category=\"secrets_read\"} 300") !=
        std::string::npos);
    const auto down = process.limiter.status();
    BOOST_TEST(!down.reachable);
    BOOST_TEST(down.error == "Redis did not answer in time");

    redis.freeze(false);
    BOOST_TEST(!process.limiter.take("secrets_read", "x").allowed); // the pause is not over
    clock.advance(std::chrono::seconds(9));
    const auto back = process.limiter.take("secrets_read", "x");
    BOOST_TEST(back.allowed);
    BOOST_TEST(back.remaining > 80); // of the shared bucket, of which ten were taken
    BOOST_TEST(process.limiter.status().reachable);
}

BOOST_AUTO_TEST_CASE(a_redis_that_was_started_anew_gets_the_script_again) {
    test::Redis redis;
    scai::test::FakeClock clock;
    Process process(with(redis), clock);
    BOOST_TEST(process.allowed("secrets_read", "x", 1) == 1);
    redis.stop();
    redis.start();
    clock.advance(std::chrono::seconds(2));
    BOOST_TEST(process.limiter.take("secrets_read", "x").allowed);
    BOOST_TEST(process.metrics.render().find("fallback_total") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_redis_that_refuses_is_like_none) {
    const test::Redis redis({"--maxmemory", "1"});
    scai::test::FakeClock clock;
    Process process(with(redis), clock);
    BOOST_TEST(process.allowed("secrets_read", "x", 300) == 100);
    BOOST_TEST(process.metrics.render().find("scaivault_rate_limit_fallback_total") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(keys_go_when_their_bucket_is_full) {
    const test::Redis redis;
    scai::test::FakeClock clock;
    Process process(with(redis, "RATE_LIMIT_SECRETS_READ", "1000000"), clock);
    process.limiter.take("secrets_read", "x");
    for (int i = 0; i < 200 && redis.ask({"DBSIZE"}) != "0\n"; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    BOOST_TEST(redis.ask({"DBSIZE"}) == "0\n");
}

BOOST_AUTO_TEST_CASE(a_redis_url_nobody_can_read_stops_the_start) {
    scai::test::FakeClock clock;
    BOOST_CHECK_THROW(Process({{"REDIS_URL", "tcp://nowhere"}}, clock), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
