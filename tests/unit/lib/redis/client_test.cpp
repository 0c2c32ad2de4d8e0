// Addresses of Redis, and the arithmetic that needs none. SPDX-License-Identifier: Apache-2.0
#include "lib/redis/client.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using scai::redis::parse_address;

BOOST_AUTO_TEST_SUITE(lib_redis)

BOOST_AUTO_TEST_CASE(addresses_of_every_form_are_read) {
    const auto plain = parse_address("redis://cache.example:6380/3");
    BOOST_REQUIRE(plain);
    BOOST_TEST(plain->host == "cache.example");
    BOOST_TEST(plain->port == "6380");
    BOOST_TEST(plain->database == 3);
    BOOST_TEST(!plain->tls);
    const auto secret = parse_address("rediss://app:p%40ss%3Aw@[::1]");
    BOOST_REQUIRE(secret);
    BOOST_TEST(secret->host == "::1");
    BOOST_TEST(secret->port == "6379");
    BOOST_TEST(secret->tls);
    BOOST_TEST(secret->user == "app");
    BOOST_TEST(secret->password.reveal() == "p@ss:w");
    const auto local = parse_address("unix:///run/redis.sock?db=2");
    BOOST_REQUIRE(local);
    BOOST_TEST(local->path == "/run/redis.sock");
    BOOST_TEST(local->database == 2);
    BOOST_TEST(parse_address("redis://:only@h")->password.reveal() == "only");
}

BOOST_DATA_TEST_CASE(
    a_broken_address_is_refused_without_being_repeated,
    boost::unit_test::data::make({"", "localhost:6379", "http://h", "redis://", "redis://h:0",
                                  "redis://h:99999", "redis://h:x", "redis://h/x", "redis://h/-1",
                                  "redis://[::1", "redis://[::1]x", "redis://u:hidden%zz@h",
                                  "unix://relative", "unix:///s?x=1", "unix:///s?db=hidden"}),
    url) {
    const auto address = parse_address(url);
    BOOST_REQUIRE(!address);
    BOOST_TEST(address.error().message.find("hidden") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
