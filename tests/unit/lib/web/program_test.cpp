// What every handler program decides before it serves. SPDX-License-Identifier: Apache-2.0
#include "lib/web/program.hpp"

#include <boost/test/unit_test.hpp>

using namespace scai::web;

BOOST_AUTO_TEST_SUITE(lib_web_program)

BOOST_AUTO_TEST_CASE(loopback_is_told_by_the_host_alone) {
    for (const auto* url : {"http://127.0.0.1:8083", "https://LOCALHOST/x", "http://[::1]:80",
                            "http://127.9.9.9", "http://a.localhost:1", "http://user@127.0.0.1/"})
        BOOST_TEST(is_loopback_url(url), url);
    for (const auto* url :
         {"http://127.evil.example", "http://10.0.0.1", "http://localhost.example", "http://[::2]",
          "http://example/?127.0.0.1", "http://127.0.0.1@evil.example", "127.0.0.1", ""})
        BOOST_TEST(!is_loopback_url(url), url);
}

BOOST_AUTO_TEST_CASE(a_mismatch_says_both_numbers_and_what_to_do) {
    BOOST_TEST(
        schema_mismatch(5, 4, "x-job-migrate") ==
        "the database schema is at version 5, this program knows version 4: install the newer program");
    BOOST_TEST(schema_mismatch(3, 4, "x-job-migrate").ends_with("run x-job-migrate"));
}

BOOST_AUTO_TEST_SUITE_END()
