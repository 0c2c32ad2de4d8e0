// Managing policies: what is kept, who may, what is refused, and that every change is on the trail and counts
// at once. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "tests/db/handlers/scaivault/policies/world.hpp"

#include <boost/test/unit_test.hpp>

using test::PoliciesWorld;

BOOST_AUTO_TEST_SUITE(db_scaivault_policies)

BOOST_AUTO_TEST_CASE(a_policy_is_created_read_changed_and_deleted) {
    PoliciesWorld world;
    const auto made = world.as_admin("POST", "/v1/policies", PoliciesWorld::ops_read);
    BOOST_REQUIRE(made.status == 201);
    const auto id = made.json.member("id");
    BOOST_TEST(id.starts_with("pol_"));
    BOOST_TEST(made.headers.at("Location") == "/v1/policies/" + id);
    BOOST_TEST(made.json.member("scope") == "tenant");
    BOOST_TEST(made.json.get("warnings").size() == 0U);

    auto got = world.as_admin("GET", "/v1/policies/" + id);
    BOOST_TEST(got.status == 200);
    BOOST_TEST(got.json.get("rules").at(0).member("path_pattern") == "apps/**");
    BOOST_TEST(got.json.get("bindings").size() == 0U);

    const auto patched = world.as_admin("PATCH", "/v1/policies/" + id, R"({"description":"for ops"})");
    BOOST_TEST(patched.status == 200);
    BOOST_TEST(patched.json.member("description") == "for ops");
    BOOST_TEST(patched.json.member("name") == "ops-read");
    const auto put =
        world.as_admin("PUT", "/v1/policies/" + id,
                       R"({"name":"ops","rules":[{"path_pattern":"db/*","permissions":["list"]}]})");
    BOOST_TEST(put.status == 200);
    BOOST_TEST(put.json.member("description") == "");
    BOOST_TEST(put.json.get("rules").size() == 1U);
    BOOST_TEST(put.json.get("revision").integer().value() == 3);

    BOOST_TEST(world.as_admin("DELETE", "/v1/policies/" + id).status == 204);
    BOOST_TEST(world.as_admin("GET", "/v1/policies/" + id).code() == "policy_not_found");
    BOOST_TEST(world.trail("policy_create").size() == 1U);
    BOOST_TEST(world.trail("policy_update").size() == 2U);
    BOOST_TEST(world.trail("policy_delete").size() == 1U);
    BOOST_TEST(world.db().value(
                   "SELECT generation FROM scaivault.policy_generations WHERE tenant_id = 't1'") == "4");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_refused_and_leaves_nothing) {
    PoliciesWorld world;
    const auto code = [&](const std::string& body) {
        return world.as_admin("POST", "/v1/policies", body).code();
    };
    BOOST_TEST(code(R"({"rules":[]})") == "validation_error");
    BOOST_TEST(code(R"({"name":"a"})") == "validation_error");
    BOOST_TEST(code(R"({"name":"a","rules":[]})") == "invalid_policy");
    BOOST_TEST(code(R"({"name":"a","rules":[{"path_pattern":"/x","permissions":["read"]}]})") ==
               "invalid_glob");
    BOOST_TEST(
        code(R"({"name":"a","rules":[{"path_pattern":"x","permissions":["read"],"effect":"deny"}]})") ==
        "invalid_policy");
    BOOST_TEST(code(R"({"name":" a","rules":[{"path_pattern":"x","permissions":["read"]}]})") ==
               "validation_error");
    BOOST_TEST(
        code(R"({"name":"a","scope":"world","rules":[{"path_pattern":"x","permissions":["read"]}]})") ==
        "validation_error");
    BOOST_TEST(code("{") == "invalid_request");
    BOOST_TEST(world.db().value("SELECT count(*) FROM scaivault.policies") == "0");
}

BOOST_AUTO_TEST_CASE(names_are_unique_in_a_tenant) {
    PoliciesWorld world;
    BOOST_TEST(world.as_admin("POST", "/v1/policies", PoliciesWorld::ops_read).status == 201);
    BOOST_TEST(world.as_admin("POST", "/v1/policies", PoliciesWorld::ops_read).code() == "name_conflict");
    const auto other = world.make("other");
    BOOST_TEST(world.as_admin("PATCH", "/v1/policies/" + other, R"({"name":"ops-read"})").code() ==
               "name_conflict");
}

BOOST_AUTO_TEST_CASE(a_change_somebody_else_made_is_not_overwritten) {
    PoliciesWorld world;
    const auto id = world.make("a");
    const auto etag = world.as_admin("GET", "/v1/policies/" + id).headers.at("ETag");
    const auto patch = [&] {
        return world.call_as(world.admin, "PATCH", "/v1/policies/" + id, R"({"description":"x"})",
                             {{"if-match", etag}});
    };
    BOOST_TEST(patch().status == 200);
    const auto late = patch();
    BOOST_TEST(late.status == 409);
    BOOST_TEST(late.code() == "version_conflict");
    BOOST_TEST(late.details().get("current_revision").integer().value() == 2);
}

BOOST_AUTO_TEST_CASE(a_bound_policy_is_deleted_by_force_only) {
    PoliciesWorld world;
    const auto id = world.make("a");
    BOOST_TEST(world.bind(id, "user:mia@x.test").status == 201);
    const auto refused = world.as_admin("DELETE", "/v1/policies/" + id);
    BOOST_TEST(refused.status == 409);
    BOOST_TEST(refused.code() == "policy_in_use");
    BOOST_TEST(world.as_admin("DELETE", "/v1/policies/" + id + "?force=maybe").code() == "invalid_request");
    BOOST_TEST(world.as_admin("DELETE", "/v1/policies/" + id + "?force=true").status == 204);
    BOOST_TEST(world.db().value("SELECT count(*) FROM scaivault.policy_bindings") == "0");
}

BOOST_AUTO_TEST_CASE(a_binding_that_has_ended_does_not_hold_a_policy) {
    PoliciesWorld world;
    const auto id = world.make("a");
    BOOST_TEST(world.bind(id, "sa:batcher", R"(,"expires_at":"2026-05-20T08:10:00Z")").status == 201);
    world.clock.advance(std::chrono::minutes(11));
    BOOST_TEST(world.as_admin("DELETE", "/v1/policies/" + id).status == 204);
}

BOOST_AUTO_TEST_CASE(identities_are_bound_by_any_spelling_and_must_be_known) {
    PoliciesWorld world;
    const auto id = world.make("a");
    const auto identity = [&](const char* text) { return world.bind(id, text).json.member("identity"); };
    BOOST_TEST(identity("user:MIA@x.test") == "user:usr_mia");
    BOOST_TEST(identity("group:ops") == "group:grp_ops");
    BOOST_TEST(identity("grp_ops") == "group:grp_ops");
    BOOST_TEST(identity("sa:batcher") == "sa:batcher");
    BOOST_TEST(identity("dynamic:pg1") == "dynamic:pg1");
    BOOST_TEST(identity("system:rotation-scheduler") == "system:rotation-scheduler");
    const auto again = world.bind(id, "usr_mia", R"(,"expires_at":"2026-05-21T08:00:00Z")");
    BOOST_TEST(again.status == 200); // the same identity: its expiry is renewed
    BOOST_TEST(again.json.member("expires_at") == "2026-05-21T08:00:00Z");
    const auto listed = world.as_admin("GET", "/v1/policies/" + id + "/bindings");
    BOOST_TEST(listed.json.get("bindings").size() == 5U);

    BOOST_TEST(world.bind(id, "user:nobody@x.test").code() == "identity_not_found");
    BOOST_TEST(world.bind(id, "group:nothing").code() == "identity_not_found");
    BOOST_TEST(world.bind(id, "user:zoe@x.test").code() == "identity_not_found"); // of another tenant
    BOOST_TEST(world.bind(id, "batcher").code() == "validation_error");
    BOOST_TEST(world.bind(id, "sa:a", R"(,"expires_at":"2020-01-01T00:00:00Z")").code() ==
               "validation_error");
    BOOST_TEST(world.bind(id, "sa:a", R"(,"expires_at":"tomorrow")").code() == "validation_error");
    BOOST_TEST(world.bind("pol_none", "sa:a").code() == "policy_not_found");
}

BOOST_AUTO_TEST_CASE(bindings_are_listed_by_pages_and_taken_away) {
    PoliciesWorld world;
    const auto id = world.make("a");
    std::set<std::string> made;
    for (int i = 0; i < 5; ++i)
        made.insert(world.bind(id, "sa:job" + std::to_string(i)).json.member("id"));
    std::set<std::string> seen;
    std::string cursor;
    do {
        const auto page = world.as_admin("GET", "/v1/policies/" + id + "/bindings?limit=2" +
                                                    (cursor.empty() ? "" : "&cursor=" + cursor));
        BOOST_REQUIRE(page.status == 200);
        page.json.get("bindings").each_item([&](const auto& row) { seen.insert(row.member("id")); });
        cursor = page.json.member("cursor");
    } while (!cursor.empty());
    BOOST_TEST(seen == made, boost::test_tools::per_element());
    BOOST_TEST(world.as_admin("GET", "/v1/policies/" + id + "/bindings?cursor=x").code() == "invalid_cursor");
    const auto one = "/v1/policies/" + id + "/bindings/" + *made.begin();
    BOOST_TEST(world.as_admin("DELETE", one).status == 204);
    BOOST_TEST(world.as_admin("DELETE", one).code() == "binding_not_found");
    BOOST_TEST(world.trail("policy_unbind").size() == 2U); // the second one failed, and is there all the same
}

BOOST_AUTO_TEST_CASE(lists_go_through_the_partner_s_policies_and_the_tenant_s) {
    PoliciesWorld world;
    for (const auto* name : {"c", "a", "b"})
        world.make(name);
    world.make("p1", "partner");
    std::vector<std::string> names;
    std::string cursor;
    do {
        const auto page =
            world.as_admin("GET", "/v1/policies?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
        BOOST_REQUIRE(page.status == 200);
        page.json.get("policies").each_item([&](const auto& row) { names.push_back(row.member("name")); });
        cursor = page.json.member("cursor");
    } while (!cursor.empty());
    BOOST_TEST(names == (std::vector<std::string>{"p1", "a", "b", "c"}), boost::test_tools::per_element());
    const auto count = [&](const std::string& query) {
        return world.as_admin("GET", "/v1/policies" + query).json.get("policies").size();
    };
    BOOST_TEST(count("?scope=partner") == 1U);
    BOOST_TEST(count("?scope=tenant") == 3U);
    BOOST_TEST(
        world.as_admin("PATCH", "/v1/policies/" + world.make("off"), R"({"is_active":false})").status == 200);
    BOOST_TEST(count("?scope=tenant") == 3U);
    BOOST_TEST(count("?scope=tenant&include_inactive=true") == 4U);
    BOOST_TEST(world.as_admin("GET", "/v1/policies?scope=all").code() == "invalid_request");
}

BOOST_AUTO_TEST_CASE(nobody_manages_what_is_not_his) {
    PoliciesWorld world;
    const auto id = world.make("a");
    const auto shared = world.make("shared", "partner");
    // A person without an admin role: the scope alone is worth nothing.
    BOOST_TEST(world.call_as(world.mia, "POST", "/v1/policies", PoliciesWorld::ops_read).code() ==
               "insufficient_scope");
    // A tenant's administrator sees the partner's policies and changes none of them.
    BOOST_TEST(world.call_as(world.tenant_admin, "GET", "/v1/policies/" + shared).status == 200);
    for (const auto& [method, target, body] : std::vector<std::tuple<std::string, std::string, std::string>>{
             {"PATCH", "/v1/policies/" + shared, R"({"description":"x"})"},
             {"DELETE", "/v1/policies/" + shared, ""},
             {"POST", "/v1/policies/" + shared + "/bindings", R"({"identity_id":"user:mia@x.test"})"}})
        BOOST_TEST(world.call_as(world.tenant_admin, method, target, body).code() == "forbidden",
                   method << target);
    BOOST_TEST(
        world
            .call_as(
                world.tenant_admin, "POST", "/v1/policies",
                R"({"name":"x","scope":"partner","rules":[{"path_pattern":"**","permissions":["admin"]}]})")
            .code() == "forbidden");
    // Another tenant's policies are not there.
    BOOST_TEST(world.call_as(world.other_admin, "GET", "/v1/policies/" + id).code() == "policy_not_found");
    BOOST_TEST(world.call_as(world.other_admin, "DELETE", "/v1/policies/" + id).code() == "policy_not_found");
    BOOST_TEST(world.call_as(world.other_admin, "GET", "/v1/policies/" + shared).code() ==
               "policy_not_found");
    // A service account with the scope manages its tenant's, not the partner's.
    const auto service = world.service_token("terraform", "t1", "policies:read policies:write");
    BOOST_TEST(world.call_as(service, "PATCH", "/v1/policies/" + id, R"({"description":"x"})").status == 200);
    BOOST_TEST(world.call_as(service, "PATCH", "/v1/policies/" + shared, R"({"description":"x"})").code() ==
               "forbidden");
}

BOOST_AUTO_TEST_CASE(people_of_sibling_tenants_do_not_show_through_a_shared_policy) {
    PoliciesWorld world;
    const auto shared = world.make("shared", "partner");
    BOOST_TEST(world.bind(shared, "user:tom@x.test").status == 201); // of t2
    BOOST_TEST(world.bind(shared, "user:mia@x.test").status == 201);
    const auto seen_by = [&](const std::string& token) {
        return world.call_as(token, "GET", "/v1/policies/" + shared + "/bindings")
            .json.get("bindings")
            .size();
    };
    BOOST_TEST(seen_by(world.admin) == 2U);
    BOOST_TEST(seen_by(world.tenant_admin) == 1U);
}

BOOST_AUTO_TEST_CASE(the_linter_speaks_up_when_a_policy_is_written_and_when_it_is_asked) {
    PoliciesWorld world;
    const auto made =
        world.as_admin("POST", "/v1/policies",
                       R"({"name":"wide","rules":[{"path_pattern":"**","permissions":["write"]},)"
                       R"({"path_pattern":"apps/*","permissions":["write"]}]})");
    BOOST_REQUIRE(made.status == 201);
    BOOST_TEST(made.json.get("warnings").size() == 2U);
    const auto lint = world.as_admin("GET", "/v1/policies/" + made.json.member("id") + "/lint");
    BOOST_TEST(lint.json.get("findings").dump() == made.json.get("warnings").dump());
    BOOST_TEST(lint.json.get("findings").at(0).member("code") == "over_broad");
    BOOST_TEST(lint.json.get("findings").at(1).member("code") == "unreachable_rule");
}

BOOST_AUTO_TEST_SUITE_END()
