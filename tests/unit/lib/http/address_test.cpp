// SPDX-License-Identifier: Apache-2.0
#include "lib/http/address.hpp"

#include "lib/http/client.hpp"
#include "tests/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

using scai::http::host_is_public;

BOOST_AUTO_TEST_SUITE(lib_http_address)

BOOST_AUTO_TEST_CASE(special_addresses_are_not_public_however_they_are_written) {
    for (const char* host : {"127.0.0.1",
                             "127.1",
                             "2130706433",
                             "0x7f000001",
                             "0x7f.1",
                             "0177.0.0.1",
                             "017700000001",
                             "0.0.0.0",
                             "0",
                             "10.0.0.1",
                             "10.255.255.255",
                             "100.64.0.1",
                             "100.100.100.200",
                             "100.127.255.255",
                             "169.254.169.254",
                             "0xa9fea9fe",
                             "2852039166",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.192",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.1.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.7",
                             "203.0.113.9",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "168.63.129.16",
                             "localhost",
                             "LOCALHOST",
                             "x.localhost",
                             "localhost.",
                             "[::]",
                             "[::1]",
                             "[0:0:0:0:0:0:0:1]",
                             "[::ffff:127.0.0.1]",
                             "[::ffff:7f00:1]",
                             "[::ffff:169.254.169.254]",
                             "[::127.0.0.1]",
                             "[fe80::1]",
                             "[fc00::1]",
                             "[fd00:ec2::254]",
                             "[ff02::1]",
                             "[64:ff9b::7f00:1]",
                             "[2001:db8::1]",
                             "[2001::1]",
                             "[2001:10::1]",
                             "[2002:7f00:1::]",
                             "[3fff::1]",
                             "[100::1]",
                             "[fec0::1]"}) {
        const auto verdict = host_is_public(std::string("https://") + host + ":8443/x");
        BOOST_TEST(verdict.has_value(), host);
        BOOST_TEST(!verdict.value_or(true), host);
    }
}

BOOST_AUTO_TEST_CASE(addresses_of_the_internet_are_public) {
    for (const char* host : {"1.1.1.1",
                             "8.8.8.8",
                             "9.255.255.255",
                             "11.0.0.0",
                             "100.63.255.255",
                             "100.128.0.0",
                             "126.255.255.255",
                             "128.0.0.1",
                             "169.253.255.255",
                             "169.255.0.0",
                             "172.15.255.255",
                             "172.32.0.0",
                             "192.0.1.0",
                             "192.167.255.255",
                             "192.169.0.0",
                             "198.17.255.255",
                             "198.20.0.0",
                             "223.255.255.255",
                             "[2606:4700:4700::1111]",
                             "[2001:4860:4860::8888]",
                             "[2a00:1450::1]",
                             "[::ffff:8.8.8.8]"})
        BOOST_TEST(host_is_public(std::string("https://") + host + "/").value_or(false), host);
}

BOOST_AUTO_TEST_CASE(a_name_says_nothing_before_it_is_resolved) {
    BOOST_TEST(!host_is_public("https://hooks.example.test/x").has_value());
}

BOOST_AUTO_TEST_CASE(a_guarded_request_does_not_reach_this_host_by_any_name) {
    scai::test::HttpServer server([](const scai::test::HttpRequest&) { return scai::test::HttpReply{}; });
    scai::http::CurlClient client;
    const auto port = std::to_string(server.port());
    for (const std::string host :
         {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]"}) {
        scai::http::Request request;
        request.url = "http://" + host + ":" + port + "/";
        request.public_only = true;
        const auto answer = client.send(request);
        BOOST_REQUIRE(!answer);
        BOOST_TEST(answer.error().code == "address", host);
    }
    // A public name whose resolver answers with an address of this host: the connection is what counts.
    scai::http::Request rebound;
    rebound.url = "http://hooks.example.test:" + port + "/";
    rebound.resolve = {"hooks.example.test:" + port + ":127.0.0.1"};
    rebound.public_only = true;
    const auto refused = client.send(rebound);
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().code == "address");
    BOOST_TEST(server.connections() == 0U);
    rebound.public_only = false; // the twin: without the guard it arrives
    BOOST_TEST(bool(client.send(rebound)));
    BOOST_TEST(server.connections() == 1U);
    rebound.public_only = true; // and the connection it left open leads there for nobody who is guarded
    const auto reused = client.send(rebound);
    BOOST_REQUIRE(!reused);
    BOOST_TEST(reused.error().code == "address");
    BOOST_TEST(server.count() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
