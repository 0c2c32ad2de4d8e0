// When schedules are due. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/triggers/rules.hpp"

#include <boost/test/unit_test.hpp>

namespace {

std::string next(const std::string& cron, const std::string& zone, const std::string& after) {
    const auto due = scaigrid::triggers::next_due(cron, zone, *scai::parse_iso8601(after));
    return due ? scai::to_iso8601(*due) : "never";
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaigrid_schedule)

BOOST_AUTO_TEST_CASE(the_next_time_is_after_the_moment_asked_about) {
    BOOST_TEST(next("0 * * * *", "UTC", "2026-05-20T08:00:00Z") == "2026-05-20T09:00:00Z");
    BOOST_TEST(next("0 * * * *", "UTC", "2026-05-20T07:59:59.999999Z") == "2026-05-20T08:00:00Z");
    BOOST_TEST(next("*/15 * * * *", "UTC", "2026-12-31T23:50:00Z") == "2027-01-01T00:00:00Z");
    BOOST_TEST(next("5,35 9-17/4 * * mon-fri", "UTC", "2026-05-22T17:36:00Z") == "2026-05-25T09:05:00Z");
    BOOST_TEST(next("0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z") == "2028-02-29T00:00:00Z");
    BOOST_TEST(next("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z") == "2104-02-29T00:00:00Z");
    BOOST_TEST(next("0 0 * * 7", "UTC", "2026-05-20T08:00:00Z") == "2026-05-24T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(day_of_month_and_day_of_week_are_either_or_when_both_are_given) {
    BOOST_TEST(next("0 12 13 * fri", "UTC", "2026-05-14T00:00:00Z") == "2026-05-15T12:00:00Z");
    BOOST_TEST(next("0 12 13 * fri", "UTC", "2026-06-12T13:00:00Z") == "2026-06-13T12:00:00Z");
    BOOST_TEST(next("0 12 * * fri", "UTC", "2026-05-12T13:00:00Z") == "2026-05-15T12:00:00Z");
    BOOST_TEST(next("0 12 13 * *", "UTC", "2026-05-13T13:00:00Z") == "2026-06-13T12:00:00Z");
}

BOOST_AUTO_TEST_CASE(times_are_those_of_the_zone) {
    BOOST_TEST(next("30 2 * * *", "Europe/Amsterdam", "2026-01-10T02:00:00Z") == "2026-01-11T01:30:00Z");
    BOOST_TEST(next("30 2 * * *", "Europe/Amsterdam", "2026-07-10T02:00:00Z") == "2026-07-11T00:30:00Z");
    BOOST_TEST(next("0 0 * * *", "Asia/Kathmandu", "2026-01-10T00:00:00Z") == "2026-01-10T18:15:00Z");
}

BOOST_AUTO_TEST_CASE(an_hour_that_is_skipped_is_due_when_it_has_been_skipped) {
    // 29 March 2026: 02:00 becomes 03:00 in Amsterdam, which is 01:00 UTC.
    BOOST_TEST(next("30 2 * * *", "Europe/Amsterdam", "2026-03-28T12:00:00Z") == "2026-03-29T01:00:00Z");
    BOOST_TEST(next("30 2 * * *", "Europe/Amsterdam", "2026-03-29T01:00:00Z") == "2026-03-30T00:30:00Z");
    // Every hour: there is none to make up for.
    BOOST_TEST(next("30 * * * *", "Europe/Amsterdam", "2026-03-29T00:30:00Z") == "2026-03-29T01:30:00Z");
}

BOOST_AUTO_TEST_CASE(an_hour_that_comes_twice_is_due_once_unless_every_hour_is) {
    // 25 October 2026: 03:00 becomes 02:00 in Amsterdam; 02:30 is 00:30 and 01:30 UTC.
    BOOST_TEST(next("30 2 * * *", "Europe/Amsterdam", "2026-10-24T12:00:00Z") == "2026-10-25T00:30:00Z");
    BOOST_TEST(next("30 2 * * *", "Europe/Amsterdam", "2026-10-25T00:30:00Z") == "2026-10-26T01:30:00Z");
    BOOST_TEST(next("30 * * * *", "Europe/Amsterdam", "2026-10-25T00:30:00Z") == "2026-10-25T01:30:00Z");
    BOOST_TEST(next("30 * * * *", "Europe/Amsterdam", "2026-10-25T01:30:00Z") == "2026-10-25T02:30:00Z");
}

BOOST_AUTO_TEST_CASE(what_is_no_schedule_is_never_due) {
    for (const auto* cron : {"", "* * * *", "61 * * * *", "0 0 30 2 *", "x * * * *"})
        BOOST_TEST(next(cron, "UTC", "2026-05-20T08:00:00Z") == "never", cron);
    BOOST_TEST(next("* * * * *", "Mars/Olympus", "2026-05-20T08:00:00Z") == "never");
    BOOST_TEST(next("* * * * *", "../../etc/passwd", "2026-05-20T08:00:00Z") == "never");
}

BOOST_AUTO_TEST_SUITE_END()
