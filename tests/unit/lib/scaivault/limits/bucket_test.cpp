// A bucket that is one number. SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/limits/bucket.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaivault::limits;

BOOST_AUTO_TEST_SUITE(lib_scaivault_limits_bucket)

BOOST_AUTO_TEST_CASE(a_full_bucket_gives_its_limit_and_then_waits_for_the_next_token) {
    std::int64_t full_at = 0;
    const std::int64_t now = 1'000'000'000;
    for (int i = 0; i < 5; ++i) {
        const auto taken = take(full_at, now, 5, 1);
        BOOST_TEST(taken.got == 1);
        BOOST_TEST(taken.remaining == 4 - i);
    }
    const auto empty = take(full_at, now, 5, 1);
    BOOST_TEST(empty.got == 0);
    BOOST_TEST(empty.full_in == minute_us);
    BOOST_TEST((empty.another_in > 11'999'900 && empty.another_in <= 12'000'001), empty.another_in);
    BOOST_TEST(take(full_at, now + empty.another_in - 1000, 5, 1).got == 0);
    BOOST_TEST(take(full_at, now + empty.another_in, 5, 1).got == 1);
    BOOST_TEST(take(full_at, now + empty.another_in, 5, 1).got == 0);
}

BOOST_AUTO_TEST_CASE(over_an_hour_nobody_gets_more_than_the_limit_a_minute_and_one_bucket) {
    for (const std::int64_t limit : {1, 7, 100, 1000, 10'000'000}) {
        std::int64_t full_at = 0, got = 0;
        for (std::int64_t now = 5'000'000; now <= 5'000'000 + 60 * minute_us; now += 997'000)
            got += take(full_at, now, limit, limit).got;
        BOOST_TEST(got <= 61 * limit);
        BOOST_TEST(got >= 60 * limit);
    }
}

BOOST_AUTO_TEST_CASE(a_clock_that_goes_back_neither_blocks_nor_overfills) {
    std::int64_t full_at = 0;
    BOOST_TEST(take(full_at, 10 * minute_us, 10, 10).got == 10);
    BOOST_TEST(take(full_at, 2 * minute_us, 10, 1).got == 0);
    BOOST_TEST(take(full_at, 3 * minute_us, 10, 20).got == 10);
}

BOOST_AUTO_TEST_SUITE_END()
