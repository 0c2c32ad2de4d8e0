// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"

#include <boost/test/unit_test.hpp>
#include <utility>
#include <vector>

using scai::from_unix_seconds;
using scai::parse_iso8601;
using scai::to_iso8601;

BOOST_AUTO_TEST_SUITE(lib_base_clock)

BOOST_AUTO_TEST_CASE(good_times_are_read) {
    const std::vector<std::pair<const char*, const char*>> cases{
        {"2026-05-20T08:00:00Z", "2026-05-20T08:00:00Z"},
        {"2026-05-20T08:00:00+02:00", "2026-05-20T06:00:00Z"},
        {"2026-05-20T08:00:00-0530", "2026-05-20T13:30:00Z"},
        {"2026-05-20 08:00:00Z", "2026-05-20T08:00:00Z"},
        {"2026-05-20T08:00:00.5Z", "2026-05-20T08:00:00.500000Z"},
        {"2026-05-20T08:00:00.123456789Z", "2026-05-20T08:00:00.123456Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
        {"1969-12-31T23:59:59.250000Z", "1969-12-31T23:59:59.250000Z"},
    };
    for (const auto& [text, expected] : cases) {
        const auto time = parse_iso8601(text);
        BOOST_TEST_REQUIRE(time.has_value(), text);
        BOOST_TEST(to_iso8601(*time) == expected);
    }
}

BOOST_AUTO_TEST_CASE(bad_times_are_refused) {
    for (const char* text :
         {"", "2026-05-20", "2026-05-20T08:00:00", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
          "2026-05-20T24:61:00Z", "2026-05-20T08:00:00.Z", "2026-05-20T08:00:00+2:00",
          "2026-05-20T08:00:00+99:00", "2026-05-20T08:00:00Zjunk", " 2026-05-20T08:00:00Z",
          "+026-05-20T08:00:00Z", "1779264000", "2026-05-20T08:00:00+02:0x"})
        BOOST_TEST(!parse_iso8601(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(unix_seconds_round_trip) {
    BOOST_TEST(to_iso8601(from_unix_seconds(1779264000)) == "2026-05-20T08:00:00Z");
    BOOST_TEST(scai::unix_seconds(*parse_iso8601("2026-05-20T08:00:00.9Z")) == 1779264000);
}

BOOST_AUTO_TEST_SUITE_END()
