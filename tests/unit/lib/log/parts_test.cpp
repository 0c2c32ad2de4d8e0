// SPDX-License-Identifier: Apache-2.0
#include "lib/log/parts.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <thread>

using namespace scai::log;

BOOST_AUTO_TEST_SUITE(lib_log_parts)

BOOST_AUTO_TEST_CASE(nothing_is_kept_unless_somebody_asks) {
    BOOST_TEST(!recording());
    const Timed alone("db", "SELECT 1");
    Recording unwanted(false);
    BOOST_TEST(!recording());
    const Timed again("db", "SELECT 1");
    BOOST_TEST(unwanted.take().empty());
}

BOOST_AUTO_TEST_CASE(parts_know_what_they_are_within_and_whether_they_failed) {
    Recording wanted(true);
    BOOST_TEST(recording());
    {
        const Timed outer("audit", "commit");
        const Timed inner("db", "INSERT");
    }
    try {
        const Timed broken("db", "SELECT");
        throw std::runtime_error("gone");
    } catch (const std::runtime_error&) {
    }
    {
        Timed refused("kms", "decrypt");
        refused.fail();
    }
    const auto parts = wanted.take();
    BOOST_TEST_REQUIRE(parts.size() == 4U);
    BOOST_TEST(parts[0].kind == "audit");
    BOOST_TEST(parts[0].parent == -1);
    BOOST_TEST(parts[1].parent == 0);
    BOOST_TEST(parts[2].parent == -1);
    BOOST_TEST((parts[0].took >= parts[1].took));
    BOOST_TEST((parts[1].after >= parts[0].after));
    BOOST_TEST((!parts[0].failed && !parts[1].failed && parts[2].failed && parts[3].failed));
}

BOOST_AUTO_TEST_CASE(a_request_keeps_so_many_and_counts_the_rest) {
    Recording wanted(true);
    for (std::size_t i = 0; i < Recording::most_parts + 5; ++i)
        const Timed part("db", "SELECT");
    BOOST_TEST(wanted.dropped() == 5U);
    BOOST_TEST(wanted.take().size() == Recording::most_parts);
}

BOOST_AUTO_TEST_CASE(another_thread_and_what_comes_after_are_not_part_of_it) {
    {
        Recording wanted(true);
        std::thread([] { BOOST_TEST(!recording()); }).join();
        {
            Recording inner(true);
            const Timed part("db", "of the inner one");
        }
        BOOST_TEST(wanted.take().empty());
        BOOST_TEST(recording());
    }
    BOOST_TEST(!recording());
}

BOOST_AUTO_TEST_SUITE_END()
