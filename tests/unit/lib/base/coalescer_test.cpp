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

using Lookups = scai::Coalescer<int>;
using Names = std::vector<std::string>;

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
        Lookups::Answers out;
        for (const auto& name : names)
            if (name != "nobody")
                out[name] = number;
        return out;
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
        return std::async(std::launch::async, [=, this] { return lookups.find(lane, name); });
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
    BOOST_TEST(first.get().value() == 1);
    BOOST_TEST(second.get().value() == 2);
    BOOST_TEST(third.get().value() == 2);
    BOOST_TEST(again.get().value() == 2); // not what the first call, begun before, has read
    BOOST_TEST(source.calls.size() == 2U);
    BOOST_TEST((source.calls[1].second == Names{"a", "b", "c"}));
}

BOOST_FIXTURE_TEST_CASE(lanes_do_not_wait_for_each_other, Fixture) {
    auto first = ask("t1", "a");
    source.await_calls(1);
    auto other = ask("t2", "a");
    source.await_calls(2);
    source.let_end(2);
    BOOST_TEST(first.get().has_value());
    BOOST_TEST(other.get().has_value());
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
    BOOST_CHECK_THROW(lookups.find("broken", "d"), std::runtime_error); // the lane is free again
}

BOOST_FIXTURE_TEST_CASE(what_is_not_among_the_answers_does_not_exist, Fixture) {
    source.let_end(1);
    BOOST_TEST(!lookups.find("t1", "nobody").has_value());
}

BOOST_AUTO_TEST_CASE(under_load_each_gets_his_own_answer_read_after_he_asked) {
    std::atomic<int> clock{0}, calls{0};
    Lookups lookups([&](const std::string&, const Names& names) {
        ++calls;
        const int now = ++clock;
        Lookups::Answers out;
        for (const auto& name : names)
            out[name] = now;
        return out;
    });
    constexpr int threads = 8, each = 2'000;
    std::atomic<int> wrong{0};
    std::vector<std::thread> workers;
    workers.reserve(threads);
    for (int i = 0; i < threads; ++i)
        workers.emplace_back([&, name = "n" + std::to_string(i)] {
            for (int k = 0; k < each; ++k) {
                const int before = clock;
                const auto got = lookups.find("t", name);
                if (!got || *got <= before)
                    ++wrong;
            }
        });
    for (auto& worker : workers)
        worker.join();
    BOOST_TEST(wrong == 0);
    BOOST_TEST(calls <= threads * each);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
