// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/vault/rules.hpp"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

using namespace scaiflow::vault; // NOLINT(google-build-using-namespace)

BOOST_AUTO_TEST_SUITE(lib_scaiflow_vault_rules)

BOOST_AUTO_TEST_CASE(plain_tenant_ids_are_their_own_segment) {
    for (const auto* id : {"tnt_acme", "a", "0", "t-1", "x", "xy-1", "_x-"})
        BOOST_TEST(segment_of(id).value() == id);
    BOOST_TEST(paths_of("tnt_acme")->key == "tenants/tnt_acme/scaigrid_api_key");
    BOOST_TEST(paths_of("tnt_acme")->base_url == "tenants/tnt_acme/scaigrid_base_url");
}

BOOST_AUTO_TEST_CASE(no_two_tenants_share_a_segment) {
    const std::string ids[] = {
        "acme", "Acme", "aCME",  "x-41636d65", "x-", "X-", "a/b",    "a_b",
        "a.b",  "a b",  "a%2fb", "\xc3\xa9",   "..", "é",  "x-782d", std::string("a\0b", 3)};
    std::set<std::string> ids_seen(std::begin(ids), std::end(ids)), segments;
    for (const auto& id : ids_seen) {
        const auto segment = segment_of(id);
        BOOST_REQUIRE(segment);
        BOOST_TEST(segment->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos,
                   id);
        BOOST_TEST(segments.insert(*segment).second, id);
    }
}

BOOST_AUTO_TEST_CASE(ids_that_do_not_fit_a_path_are_refused) {
    BOOST_TEST(!segment_of(""));
    BOOST_TEST(!segment_of(std::string(201, 'A')));
    const auto longest = paths_of(std::string(200, 'A'));
    BOOST_REQUIRE(longest);
    BOOST_TEST(longest->base_url.size() <= 512U);
}

BOOST_AUTO_TEST_CASE(a_mask_shows_four_and_four) {
    BOOST_TEST(masked("sgk_live_9f3c") == "sgk_…9f3c");
    BOOST_TEST(masked("short") == "…");
}

BOOST_AUTO_TEST_CASE(base_urls) {
    const std::pair<const char*, const char*> good[] = {
        {"https://grid.example", "https://grid.example"},
        {"https://grid.example//", "https://grid.example"},
        {"http://10.0.0.1:8083/a/b/", "http://10.0.0.1:8083/a/b"},
        {"https://[2001:db8::1]:443", "https://[2001:db8::1]:443"},
        {"https://[2001:db8::1]", "https://[2001:db8::1]"}};
    for (const auto& [given, normal] : good)
        BOOST_TEST(normal_base_url(given) == normal, given);
    for (const auto* bad :
         {"", "grid.example", "ftp://x", "https://", "https:///x", "https://a b", "https://u@x",
          "https://x?y", "https://x#y", "https://x:port", "https://x:", "https://x:999999", "https://x\ny",
          "https://x\\y", "https://[", "https://x y", "javascript:alert(1)", "https://\xc3\xa9"})
        BOOST_TEST(normal_base_url(bad).empty(), bad);
}

BOOST_AUTO_TEST_SUITE_END()
