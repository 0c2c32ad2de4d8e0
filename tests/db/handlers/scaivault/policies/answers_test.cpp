// Why, and who: POST /v1/policies/test and GET /v1/policies/who-can. SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaivault/policies/world.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;
using test::PoliciesWorld;

namespace {

test::VaultAnswer ask(PoliciesWorld& world, const std::string& identity, const std::string& path,
                      const std::string& permission = "read", const std::string& more = "") {
    return world.as_admin("POST", "/v1/policies/test",
                          R"({"identity_id":")" + identity + R"(","path":")" + path + R"(","permission":")" +
                              permission + "\"" + more + "}");
}

std::vector<std::string> who(PoliciesWorld& world, const std::string& query, const std::string& token) {
    std::vector<std::string> out;
    std::string cursor;
    do {
        const auto page = world.call_as(
            token, "GET", "/v1/policies/who-can?" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
        BOOST_REQUIRE(page.status == 200);
        page.json.get("identities").each_item([&](const Value& row) {
            out.push_back(row.member("identity"));
        });
        cursor = page.json.member("cursor");
    } while (!cursor.empty());
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(db_scaivault_policy_answers)

BOOST_AUTO_TEST_CASE(an_allowed_question_names_policy_and_rule) {
    PoliciesWorld world;
    const auto id = world.make("a");
    world.bind(id, "group:ops");
    for (const auto* spelling : {"user:mia@x.test", "user:usr_mia", "usr_mia", "mia@x.test"}) {
        const auto answer = ask(world, spelling, "apps/x");
        BOOST_REQUIRE(answer.status == 200);
        BOOST_TEST(answer.json.get("allowed").boolean().value());
        BOOST_TEST(answer.json.member("matched_policy") == id);
        BOOST_TEST(answer.json.get("matched_rule").member("path_pattern") == "apps/**");
        BOOST_TEST(answer.json.get("identity").get("groups").dump() == R"(["group:grp_ops"])");
    }
    BOOST_TEST(world.trail("policy_read").empty()); // no audit row
}

BOOST_AUTO_TEST_CASE(a_denial_says_which_part_failed_and_what_would_help) {
    PoliciesWorld world;
    const auto id = world.make(
        "a", "tenant",
        R"([{"path_pattern":"apps/*","permissions":["read"]},)"
        R"({"path_pattern":"db/**","permissions":["read"],"conditions":{"ip_ranges":["10.1.0.0/16"],)"
        R"("require_mfa":true}}])");
    world.bind(id, "sa:batcher");
    const auto nested = ask(world, "sa:batcher", "apps/a/b");
    BOOST_TEST(!nested.json.get("allowed").boolean().value());
    BOOST_TEST(nested.json.member("reason_code") == "no_rule_matches");
    BOOST_TEST(nested.json.get("nearest_miss").member("hint") == "would match as apps/**");
    BOOST_TEST(nested.json.get("trace").size() == 2U);
    BOOST_TEST(nested.json.get("evaluated_policies").dump() == "[\"" + id + "\"]");

    BOOST_TEST(ask(world, "sa:batcher", "apps/a", "write").json.member("reason_code") ==
               "permission_missing");
    const auto outside =
        ask(world, "sa:batcher", "db/x", "read", R"(,"context":{"source_ip":"192.168.0.1"})");
    BOOST_TEST(outside.json.member("reason") == "condition failed");
    BOOST_TEST(outside.json.member("failed_condition") == "ip_not_allowed");
    const auto no_mfa = ask(world, "sa:batcher", "db/x", "read", R"(,"context":{"source_ip":"10.1.2.3"})");
    BOOST_TEST(no_mfa.json.member("failed_condition") == "mfa_required");
    const auto fine = ask(world, "sa:batcher", "db/x", "read",
                          R"(,"context":{"source_ip":"10.1.2.3","mfa_verified":true})");
    BOOST_TEST(fine.json.get("allowed").boolean().value());
    BOOST_TEST(ask(world, "sa:other", "db/x").json.member("reason_code") == "no_policy_bound");
}

BOOST_AUTO_TEST_CASE(time_can_be_asked_for) {
    PoliciesWorld world;
    const auto id = world.make("a", "tenant",
                               R"([{"path_pattern":"a","permissions":["read"],"conditions":{"time_window":)"
                               R"({"start":"08:00","end":"18:00"}}}])");
    world.bind(id, "sa:batcher");
    const auto at = [&](const char* time) {
        return ask(world, "sa:batcher", "a", "read",
                   std::string(R"(,"context":{"timestamp":")") + time + "\"}");
    };
    BOOST_TEST(at("2026-05-20T12:00:00Z").json.get("allowed").boolean().value());
    BOOST_TEST(at("2026-05-20T20:00:00Z").json.member("failed_condition") == "time_window_violation");
    BOOST_TEST(at("later").code() == "validation_error");
}

BOOST_AUTO_TEST_CASE(a_bad_question_is_refused) {
    PoliciesWorld world;
    BOOST_TEST(ask(world, "user:nobody@x.test", "a").code() == "identity_not_found");
    BOOST_TEST(ask(world, "sa:x", "/a").code() == "invalid_path");
    BOOST_TEST(ask(world, "sa:x", "a", "sudo").code() == "validation_error");
    BOOST_TEST(ask(world, "sa:x", "a", "read", R"(,"context":{"source_ip":"here"})").code() ==
               "validation_error");
    BOOST_TEST(ask(world, "x", "a").code() == "validation_error");
}

BOOST_AUTO_TEST_CASE(who_can_names_people_behind_groups_too) {
    PoliciesWorld world;
    const auto id = world.make("a");
    world.bind(id, "group:ops");
    world.bind(id, "sa:batcher");
    const auto shared = world.make("shared", "partner");
    world.bind(shared, "user:boss@x.test");
    world.bind(shared, "user:tom@x.test"); // of t2: nobody here
    const std::vector<std::string> all{"group:grp_ops", "sa:batcher", "user:usr_boss", "user:usr_mia"};
    BOOST_TEST(who(world, "path=apps/x&permission=read", world.admin) == all,
               boost::test_tools::per_element());
    BOOST_TEST(who(world, "path=apps/x&permission=read&limit=1", world.admin) == all,
               boost::test_tools::per_element());
    BOOST_TEST(who(world, "path=apps/x&permission=write", world.admin).empty());
    const auto page = world.as_admin("GET", "/v1/policies/who-can?path=apps/x&permission=read");
    const auto mia = page.json.get("identities").at(3);
    BOOST_TEST(mia.member("identity_id") == "user:mia@x.test");
    BOOST_TEST(mia.get("through").at(0).member("bound_through") == "group:grp_ops");
    BOOST_TEST(world.as_admin("GET", "/v1/policies/who-can?path=apps/x").code() == "invalid_request");
    BOOST_TEST(world.as_admin("GET", "/v1/policies/who-can?path=apps/x&permission=sudo").code() ==
               "validation_error");
}

BOOST_AUTO_TEST_SUITE_END()
