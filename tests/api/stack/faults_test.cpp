// Parts of the stack go away under load: clients see clear answers, and everything recovers by itself.
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

namespace {

/// Asks for one path again and again on a few threads and counts the answers.
class Load {
public:
    Load(const test::Stack& stack, std::string path, test::Stack::Headers headers) {
        for (int i = 0; i < 4; ++i)
            threads_.emplace_back([this, &stack, path, headers] {
                while (!stop_) {
                    const auto answer = stack.get(path, headers);
                    const std::lock_guard guard(mutex_);
                    ++answers_[answer.status];
                    if (answer.status != 200)
                        last_bad_ = answer.body;
                }
            });
    }
    ~Load() { finish(); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    const std::map<int, int>& finish() {
        stop_ = true;
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
        return answers_;
    }
    int count(int status) {
        const std::lock_guard guard(mutex_);
        return answers_[status];
    }
    const std::string& last_bad() const { return last_bad_; }

private:
    std::atomic<bool> stop_ = false;
    std::mutex mutex_;
    std::map<int, int> answers_;
    std::string last_bad_;
    std::vector<std::thread> threads_;
};

std::string member_token(const test::Stack& stack) {
    const auto person = test::demo_member();
    return stack.sign_in(person.email, person.password).access_token;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_stack_faults)

BOOST_AUTO_TEST_CASE(a_database_restart_costs_only_503s_and_heals) {
    auto& stack = test::stack();
    const auto token = member_token(stack);
    Load load(stack, "/v1/me", {test::bearer(token)});
    BOOST_TEST(test::eventually([&] { return load.count(200) > 50; }));
    BOOST_TEST(stack.service("restart", "postgres").status == 0);
    const int before = load.count(200);
    BOOST_TEST(test::eventually([&] { return load.count(200) > before + 50; }), "no recovery");
    // A crash: no goodbye, recovery at the next start.
    ::kill(stack.pid_of("postgres"), SIGKILL);
    BOOST_TEST(test::eventually([&] { return load.count(503) > 0; }), "nobody noticed the crash");
    const int after_crash = load.count(200);
    BOOST_TEST(test::eventually([&] { return load.count(200) > after_crash + 50; }),
               "no recovery from the crash");
    for (const auto& [status, count] : load.finish())
        BOOST_TEST((status == 200 || status == 503),
                   count << " answers " << status << ": " << load.last_bad());
    // Pooled sessions, cron and the embedded ScaiKey are whole again, too. In a while: a busy session of
    // PostgreSQL outlives its postmaster, and until it falls idle no new one starts.
    BOOST_TEST(test::eventually([&] { return stack.program("scaiflow-job-sync", {"--json"}).status == 0; },
                                std::chrono::seconds(60)),
               "no sweep after the crash");
}

BOOST_AUTO_TEST_CASE(a_handler_told_to_stop_answers_what_it_has_begun) {
    auto& stack = test::stack();
    const auto token = member_token(stack);
    Load load(stack, "/v1/me", {test::bearer(token)});
    for (int round = 0; round < 5; ++round) {
        const int before = load.count(200);
        BOOST_TEST(test::eventually([&] { return load.count(200) > before + 50; }));
        BOOST_TEST(stack.service("restart", "scaiflow-auth").status == 0);
    }
    const int before = load.count(200);
    BOOST_TEST(test::eventually([&] { return load.count(200) > before + 50; }));
    // While nobody listens nginx says 502; no request that a handler took is dropped.
    for (const auto& [status, count] : load.finish())
        BOOST_TEST((status == 200 || status == 502),
                   count << " answers " << status << ": " << load.last_bad());
    for (const char* trace : {"prematurely closed", "reset by peer", "broken pipe"})
        BOOST_TEST(stack.log("nginx").find(trace) == std::string::npos, trace);
}

BOOST_AUTO_TEST_CASE(without_the_database_every_group_says_503) {
    auto& stack = test::stack();
    const auto token = member_token(stack);
    BOOST_TEST_REQUIRE(stack.service("stop", "postgres").status == 0);
    BOOST_TEST(stack.get("/v1/health").status == 200);
    BOOST_TEST(stack.get("/v1/health/ready").status == 503);
    BOOST_TEST(stack.get("/v1/me", {test::bearer(token)}).status == 503);
    BOOST_TEST(stack.get("/v1/admin/users", {test::bearer(token)}).status == 503);
    BOOST_TEST(stack.service("start", "postgres").status == 0);
    BOOST_TEST(test::eventually([&] { return stack.get("/v1/me", {test::bearer(token)}).status == 200; }));
}

BOOST_AUTO_TEST_SUITE_END()
