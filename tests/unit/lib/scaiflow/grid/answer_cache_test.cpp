// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/answer_cache.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using scaiflow::grid::AnswerCache;

namespace {

const scai::UtcTime start{std::chrono::sys_days{std::chrono::year{2026} / 5 / 20}};

AnswerCache::Outcome text(std::string what) {
    return std::make_shared<const std::string>(std::move(what));
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_grid)

BOOST_AUTO_TEST_CASE(an_answer_is_remembered_for_its_time_and_its_key) {
    AnswerCache cache;
    int asked = 0;
    const auto get = [&](const char* key, scai::UtcTime at) {
        return **cache.get(key, at, 5s, [&] { return text(std::to_string(++asked)); });
    };
    BOOST_TEST(get("a", start) == "1");
    BOOST_TEST(get("a", start + 4s) == "1");
    BOOST_TEST(get("b", start + 4s) == "2");
    BOOST_TEST(get("a", start + 5s) == "3");
}

BOOST_AUTO_TEST_CASE(errors_long_texts_and_a_time_of_zero_are_not_remembered) {
    AnswerCache cache;
    int asked = 0;
    const auto refused = [&]() -> AnswerCache::Outcome {
        ++asked;
        return scai::Error{.kind = scai::ErrorKind::upstream};
    };
    BOOST_TEST(!cache.get("a", start, 5s, refused));
    BOOST_TEST(!cache.get("a", start, 5s, refused));
    BOOST_TEST(asked == 2);
    for (int i = 0; i < 2; ++i)
        (void)cache.get("b", start, 0s, [&] { return ++asked, text("x"); });
    BOOST_TEST(asked == 4);
    for (int i = 0; i < 2; ++i)
        (void)cache.get("c", start, 5s,
                        [&] { return ++asked, text(std::string(AnswerCache::longest_text + 1, 'x')); });
    BOOST_TEST(asked == 6);
}

BOOST_AUTO_TEST_CASE(one_question_serves_all_who_ask_meanwhile) {
    AnswerCache cache;
    std::atomic<int> asked = 0;
    std::atomic<int> waiting = 0;
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            ++waiting;
            const auto outcome = cache.get("a", start, 5s, [&] {
                ++asked;
                while (waiting < 8)
                    std::this_thread::yield();
                std::this_thread::sleep_for(50ms); // the last of them is on its way into the cache
                return text("x");
            });
            right += outcome && **outcome == "x";
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(asked == 1);
    BOOST_TEST(right == 8);
}

BOOST_AUTO_TEST_CASE(a_question_that_throws_blocks_nobody) {
    AnswerCache cache;
    BOOST_CHECK_THROW(
        (void)cache.get("a", start, 5s, []() -> AnswerCache::Outcome { throw std::runtime_error("x"); }),
        std::runtime_error);
    BOOST_TEST(**cache.get("a", start, 5s, [] { return text("y"); }) == "y");
}

BOOST_AUTO_TEST_CASE(what_is_remembered_is_bounded) {
    AnswerCache cache;
    for (std::size_t i = 0; i <= AnswerCache::most_entries; ++i)
        (void)cache.get(std::to_string(i), start, 5s, [] { return text("x"); });
    int asked = 0;
    (void)cache.get("0", start, 5s, [&] { return ++asked, text("x"); });
    BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_SUITE_END()
