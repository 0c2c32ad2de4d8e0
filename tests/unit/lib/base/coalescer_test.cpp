// SPDX-License-Identifier: Apache-2.0
#include "lib/base/coalescer.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace {

using Lookups = scai::Coalescer<std::string, int>;
using Names = Lookups::Questions;

/// A call that ends when it is told to, and what was asked in each.
struct Source {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::pair<std::string, Names>> calls;
    int may_end = 0;

    Lookups::Answers operator()(const std::string& lane, const Names& names) {
        std::unique_lock lock(mutex);
        calls.emplace_back(lane, names);
        std::sort(calls.back().second.begin(), calls.back().second.end());
        const auto number = static_cast<int>(calls.size());
        changed.notify_all();
        changed.wait(lock, [&] { return may_end >= number; });
        if (lane == "broken")
            throw std::runtime_error("no source");
        return Lookups::Answers(names.size(), number);
    }
    void await_calls(std::size_t wanted) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return calls.size() >= wanted; });
    }
    void let_end(int up_to) {
        {
            const std::lock_guard lock(mutex);
            may_end = up_to;
        }
        changed.notify_all();
    }
};

struct Fixture {
    Source source;
    Lookups lookups{[this](const std::string& lane, const Names& names) { return source(lane, names); }};

    auto ask(const std::string& lane, const std::string& name) {
        return std::async(std::launch::async, [=, this] { return lookups.ask(lane, name); });
    }
    void await_waiting(const std::string& lane, std::size_t wanted) {
        while (lookups.waiting(lane) < wanted)
            std::this_thread::yield();
    }
};

BOOST_AUTO_TEST_SUITE(lib_base_coalescer)

BOOST_FIXTURE_TEST_CASE(who_comes_while_a_call_runs_is_asked_for_in_the_next_one_with_all_others, Fixture) {
    auto first = ask("t1", "a");
    source.await_calls(1);
    auto second = ask("t1", "b");
    auto third = ask("t1", "c");
    auto again = ask("t1", "a");
    await_waiting("t1", 3);
    source.let_end(1);
    source.await_calls(2);
    source.let_end(2);
    BOOST_TEST(first.get() == 1);
    BOOST_TEST(second.get() == 2);
    BOOST_TEST(third.get() == 2);
    BOOST_TEST(again.get() == 2); // not what the first call, begun before, has read
    BOOST_TEST(source.calls.size() == 2U);
    BOOST_TEST((source.calls[1].second == Names{"a", "b", "c"}));
}

BOOST_FIXTURE_TEST_CASE(lanes_do_not_wait_for_each_other, Fixture) {
    auto first = ask("t1", "a");
    source.await_calls(1);
    auto other = ask("t2", "a");
    source.await_calls(2);
    source.let_end(2);
    BOOST_TEST(first.get() == 1);
    BOOST_TEST(other.get() == 2);
}

BOOST_FIXTURE_TEST_CASE(what_the_call_throws_each_of_its_callers_gets_and_the_next_call_runs, Fixture) {
    auto first = ask("broken", "a");
    source.await_calls(1);
    auto second = ask("broken", "b");
    auto third = ask("broken", "c");
    await_waiting("broken", 2);
    source.let_end(3);
    BOOST_CHECK_THROW(first.get(), std::runtime_error);
    BOOST_CHECK_THROW(second.get(), std::runtime_error);
    BOOST_CHECK_THROW(third.get(), std::runtime_error);
    BOOST_TEST(source.calls.size() == 2U);
    BOOST_CHECK_THROW(lookups.ask("broken", "d"), std::runtime_error); // the lane is free again
}

BOOST_AUTO_TEST_CASE(under_load_each_gets_his_own_answer_read_after_he_asked) {
    using Lookup = scai::Coalescer<int, std::pair<int, int>>; // the question again, and when it was answered
    std::atomic<int> clock{0};
    Lookup lookup([&](const std::string&, const Lookup::Questions& questions) {
        const int now = ++clock;
        Lookup::Answers out;
        for (const int question : questions)
            out.emplace_back(question, now);
        return out;
    });
    constexpr int threads = 8, each = 2'000;
    std::atomic<int> wrong{0};
    std::vector<std::thread> workers;
    workers.reserve(threads);
    for (int i = 0; i < threads; ++i)
        workers.emplace_back([&, i] {
            for (int k = 0; k < each; ++k) {
                const int before = clock;
                const auto [question, at] = lookup.ask("t", i * each + k);
                if (question != i * each + k || at <= before)
                    ++wrong;
            }
        });
    for (auto& worker : workers)
        worker.join();
    BOOST_TEST(wrong == 0);
    BOOST_TEST(clock <= threads * each);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
