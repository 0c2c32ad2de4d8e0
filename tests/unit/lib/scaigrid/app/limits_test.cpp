// Sliding windows of a minute. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/limits.hpp"

#include <boost/test/unit_test.hpp>

using scaigrid::LimitedBy;
using scaigrid::Limits;
using scaigrid::LimitState;

BOOST_AUTO_TEST_SUITE(lib_scaigrid_app_limits)

BOOST_AUTO_TEST_CASE(no_limit_is_no_limit) {
    Limits limits;
    for (int i = 0; i < 1'000; ++i)
        BOOST_TEST_REQUIRE(limits.take({{"user:a", 0}}, 1'000).allowed);
    BOOST_TEST(limits.take({{"user:a", 0}}, 1'000).limit == LimitState::unlimited);
}

BOOST_AUTO_TEST_CASE(a_window_slides_by_the_second) {
    Limits limits;
    const std::vector<LimitedBy> by{{"user:a", 2}};
    BOOST_TEST(limits.take(by, 1'000).allowed);
    BOOST_TEST(limits.take(by, 1'030).allowed);
    auto refused = limits.take(by, 1'059);
    BOOST_TEST(!refused.allowed);
    BOOST_TEST(refused.remaining == 0);
    BOOST_TEST(refused.retry_after == 1); // the first leaves at 1,060
    BOOST_TEST(limits.take(by, 1'060).allowed);
    refused = limits.take(by, 1'061);
    BOOST_TEST(!refused.allowed);
    BOOST_TEST(refused.retry_after == 29); // the second leaves at 1,090
    BOOST_TEST(limits.take(by, 1'090).allowed);
}

BOOST_AUTO_TEST_CASE(the_strictest_window_counts_and_a_refused_request_in_none) {
    Limits limits;
    const std::vector<LimitedBy> mia{{"user:mia", 10}, {"tenant:t", 3}};
    const std::vector<LimitedBy> tom{{"user:tom", 2}, {"tenant:t", 3}};
    BOOST_TEST(limits.take(tom, 5).remaining == 1);
    BOOST_TEST(limits.take(tom, 5).remaining == 0);
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(!limits.take(tom, 5).allowed);
    const auto state = limits.take(mia, 5);
    BOOST_TEST(state.allowed);
    BOOST_TEST(state.limit == 3);
    BOOST_TEST(state.remaining == 0);
    BOOST_TEST(!limits.take(mia, 5).allowed);
}

BOOST_AUTO_TEST_CASE(a_long_pause_or_a_clock_that_steps_back_forgets_and_keeps_what_it_should) {
    Limits limits;
    const std::vector<LimitedBy> by{{"k", 1}};
    BOOST_TEST(limits.take(by, 1'000'000).allowed);
    BOOST_TEST(!limits.take(by, 999'990).allowed);
    BOOST_TEST(limits.take(by, 2'000'000).allowed);
    BOOST_TEST(!limits.take(by, 2'000'059).allowed);
    BOOST_TEST(limits.take(by, 2'000'060).allowed);
}

BOOST_AUTO_TEST_SUITE_END()
