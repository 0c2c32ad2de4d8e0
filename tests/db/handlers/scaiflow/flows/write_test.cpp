// PUT, DELETE, restore, owner: versions, preconditions, levels. SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/flows/fixture.hpp"

#include "lib/base/clock.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using test::FlowAnswer;
using test::FlowsFixture;

std::string versions(const FlowsFixture& api, const std::string& flow) {
    return api.db.value("SELECT string_agg(number || ':' || version, ' ' ORDER BY number) FROM "
                        "scaiflow.flow_versions WHERE flow_id = '" +
                        flow + "'");
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_write)

BOOST_AUTO_TEST_CASE(new_content_is_the_next_version_and_the_old_one_stays) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann", "Flow", R"({"nodes":[1]})");
    const auto put =
        api.as("ann", "PUT", "/v1/flows/" + flow, R"({"content":{"version":"9.9.9","nodes":[2]}})");
    BOOST_TEST(put.status == 200);
    BOOST_TEST(put.json.member("version") == "1.0.1");
    BOOST_TEST(put.json.member("name") == "Flow");
    BOOST_TEST(put.headers.at("ETag") == "\"2\"");
    BOOST_TEST(put.json.get("content").dump() == R"({"id":")" + flow + R"(","version":"1.0.1","nodes":[2]})");
    BOOST_TEST(put.json.member("updated_at") > put.json.member("created_at"));
    BOOST_TEST(api.as("ann", "GET", "/v1/flows/" + flow).body == put.body);
    BOOST_TEST(versions(api, flow) == "1:1.0.0 2:1.0.1");
    BOOST_TEST(api.db.value("SELECT content FROM scaiflow.flow_versions WHERE number = 1 AND flow_id = '" +
                            flow + "'") == R"({"id":")" + flow + R"(","version":"1.0.0","nodes":[1]})");
}

BOOST_AUTO_TEST_CASE(name_and_description_leave_the_version) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    const auto path = "/v1/flows/" + flow;
    auto put = api.as("ann", "PUT", path, R"({"name":"Other","description":"text"})");
    BOOST_TEST(put.json.member("name") == "Other");
    BOOST_TEST(put.json.member("description") == "text");
    BOOST_TEST(put.json.member("version") == "1.0.0");
    BOOST_TEST(put.headers.at("ETag") == "\"2\"");
    put = api.as("ann", "PUT", path, R"({"name":"Third"})");
    BOOST_TEST(put.json.member("description") == "text"); // absent stays
    put = api.as("ann", "PUT", path, R"({"description":null})");
    BOOST_TEST(put.json.get("description").is_null());
    BOOST_TEST(put.headers.at("ETag") == "\"4\"");
    BOOST_TEST(versions(api, flow) == "1:1.0.0");
}

BOOST_AUTO_TEST_CASE(put_that_changes_nothing_changes_nothing) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann", "Flow", R"({"id":"x","version":"1.2.3","nodes":[0.7]})");
    const auto before = api.as("ann", "GET", "/v1/flows/" + flow);
    for (const auto* body : {R"({"name":"Flow"})", R"({"description":null})",
                             R"({"content":{"id":"other","version":"7.0.0","nodes":[ 0.7 ]}})"}) {
        const auto put = api.as("ann", "PUT", "/v1/flows/" + flow, body);
        BOOST_TEST(put.status == 200);
        BOOST_TEST(put.body == before.body);
        BOOST_TEST(put.headers.at("ETag") == "\"1\"");
    }
    const auto renamed = api.as("ann", "PUT", "/v1/flows/" + flow,
                                R"({"name":"New","content":{"id":"","version":"","nodes":[0.7]}})");
    BOOST_TEST(renamed.json.member("version") == "1.2.3");
    BOOST_TEST(renamed.headers.at("ETag") == "\"2\"");
    BOOST_TEST(versions(api, flow) == "1:1.2.3");
}

BOOST_AUTO_TEST_CASE(put_without_a_known_or_with_a_bad_field_is_422) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    for (const auto* body :
         {"{}", R"({"title":"x"})", R"({"name":null})", R"({"name":""})", R"({"name":" "})", R"({"name":1})",
          R"({"content":null})", R"({"content":[]})", R"({"description":1})", "[]", ""})
        BOOST_TEST(api.as("ann", "PUT", "/v1/flows/" + flow, body).status == 422, body);
    BOOST_TEST(api.db.value("SELECT revision FROM scaiflow.flows") == "1");
}

BOOST_AUTO_TEST_CASE(a_put_with_null_is_told_what_null_would_not_do) {
    FlowsFixture api;
    const std::string path = "/v1/flows/" + api.make_flow("ann");
    const auto answer = api.as("ann", "PUT", path, R"({"name":null,"content":null,"description":7})");
    BOOST_TEST(answer.status == 422);
    const auto detail = answer.json.get("detail");
    BOOST_TEST_REQUIRE(detail.size() == 3U, answer.body);
    for (std::size_t i = 0; i < 2; ++i)
        BOOST_TEST(detail.at(i).member("msg") == "must not be null; what is absent stays");
}

BOOST_AUTO_TEST_CASE(stale_if_match_is_412_and_says_who_was_faster) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    const auto path = "/v1/flows/" + flow;
    api.grant(flow, "user", "ben", 2);
    BOOST_TEST(api.as("ben", "PUT", path, R"({"content":{"nodes":[1]}})", {{"if-match", "\"1\""}}).status ==
               200);
    for (const auto* stale : {"\"1\"", "\"1.0.0\"", "W/\"2\""}) {
        const auto late = api.as("ann", "PUT", path, R"({"name":"x"})", {{"if-match", stale}});
        BOOST_TEST(late.status == 412);
        const auto detail = late.json.get("detail");
        BOOST_TEST(detail.member("error") == "version_conflict");
        BOOST_TEST(detail.member("version") == "1.0.1");
        BOOST_TEST(detail.member("revision") == "2");
        BOOST_TEST(detail.member("updated_by") == "ben");
        BOOST_TEST(detail.member("updated_by_name") == "Ben");
        BOOST_TEST(scai::parse_iso8601(detail.member("updated_at")).has_value());
    }
    BOOST_TEST(api.as("ann", "DELETE", path, "", {{"if-match", "\"1\""}}).status == 412);
    BOOST_TEST(api.as("ann", "PUT", path, R"({"name":"x"})", {{"if-match", "\"1.0.1\""}}).status == 200);
    BOOST_TEST(api.as("ann", "PUT", path, R"({"name":"y"})", {{"if-match", "*"}}).status == 200);
    BOOST_TEST(api.as("ann", "DELETE", path, "", {{"if-match", "\"4\""}}).status == 204);
}

BOOST_AUTO_TEST_CASE(each_write_asks_for_its_level) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    const auto path = "/v1/flows/" + flow;
    const auto refusal = [&](const std::string& method, const std::string& target, const std::string& body) {
        const auto answer = api.as("dan", method, target, body);
        return std::to_string(answer.status) + " " + answer.json.get("detail").member("required");
    };
    BOOST_TEST(refusal("PUT", path, R"({"name":"x"})") == "404 ");
    BOOST_TEST(refusal("DELETE", path, "") == "404 ");
    api.grant(flow, "user", "dan", 1);
    BOOST_TEST(refusal("PUT", path, R"({"name":"x"})") == "403 edit");
    BOOST_TEST(refusal("DELETE", path, "") == "403 admin");
    BOOST_TEST(refusal("POST", path + "/restore", "") == "403 admin");
    BOOST_TEST(refusal("POST", path + "/owner", R"({"owner_id":"dan"})") == "403 super_admin");
    api.db.sql("UPDATE scaiflow.flow_acls SET level = 3");
    BOOST_TEST(refusal("PUT", path, R"({"name":"x"})") == "200 ");
    BOOST_TEST(refusal("DELETE", path, "") == "403 admin");
    api.db.sql("UPDATE scaiflow.flow_acls SET level = 4");
    BOOST_TEST(refusal("DELETE", path, "") == "204 ");
}

BOOST_AUTO_TEST_CASE(deleted_flow_is_gone_for_all_and_comes_back_whole) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann", "Flow", R"({"nodes":[1]})");
    const auto path = "/v1/flows/" + flow;
    api.grant(flow, "user", "dan", 3);
    api.grant(flow, "user", "ben", 4);
    BOOST_TEST(api.as("ann", "POST", path + "/restore").status == 409);
    BOOST_TEST(api.as("ann", "POST", path + "/restore").detail() == "not_deleted");
    BOOST_TEST(api.as("ann", "DELETE", path).status == 204);
    for (const auto* id : {"ann", "ben", "dan", "boss", "root"}) {
        BOOST_TEST(api.as(id, "GET", path).status == 404);
        BOOST_TEST(api.as(id, "PUT", path, R"({"name":"x"})").status == 404);
        BOOST_TEST(api.as(id, "DELETE", path).status == 404);
    }
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_acls WHERE listed_at IS NULL") == "2");
    BOOST_TEST(api.as("dan", "POST", path + "/restore").status == 404); // deploy only: it does not exist
    BOOST_TEST(api.as("far", "POST", path + "/restore").status == 404);
    const auto back = api.as("ben", "POST", path + "/restore");
    BOOST_TEST(back.status == 200);
    BOOST_TEST(back.json.member("version") == "1.0.0");
    BOOST_TEST(back.headers.at("ETag") == "\"3\"");
    BOOST_TEST(api.as("dan", "GET", path).body == back.body);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_acls a JOIN scaiflow.flows f ON f.id = "
                            "a.flow_id AND a.listed_at = f.updated_at") == "2");
    BOOST_TEST(api.db.value("SELECT string_agg(action || ' ' || actor, ', ' ORDER BY id) FROM "
                            "scaiflow.audit_log WHERE object_id = '" +
                            flow + "'") == "flow.deleted ann, flow.restored ben");
}

BOOST_AUTO_TEST_CASE(every_write_keeps_the_sort_key_of_the_access_rows) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    api.grant(flow, "user", "dan", 1);
    api.grant(flow, "group", "g_view", 1);
    const auto in_step = [&] {
        return api.db.value("SELECT bool_and(a.listed_at = f.updated_at) FROM scaiflow.flow_acls a JOIN "
                            "scaiflow.flows f ON f.id = a.flow_id") == "t";
    };
    BOOST_TEST(in_step());
    api.as("ann", "PUT", "/v1/flows/" + flow, R"({"name":"x"})");
    BOOST_TEST(in_step());
    api.as("ann", "PUT", "/v1/flows/" + flow, R"({"content":{"a":1}})");
    BOOST_TEST(in_step());
    api.as("root", "POST", "/v1/flows/" + flow + "/owner", R"({"owner_id":"cat"})");
    BOOST_TEST(in_step());
}

BOOST_AUTO_TEST_CASE(super_admin_gives_a_flow_to_a_live_user_of_its_tenant) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    const auto path = "/v1/flows/" + flow;
    const auto give = [&](const std::string& who, const std::string& to) {
        return api.as(who, "POST", path + "/owner", R"({"owner_id":")" + to + "\"}").status;
    };
    BOOST_TEST(give("ann", "cat") == 403);
    BOOST_TEST(give("boss", "cat") == 403);
    BOOST_TEST(give("root", "nobody") == 404);
    BOOST_TEST(give("root", "far") == 404); // another tenant
    BOOST_TEST(give("root", "") == 422);
    api.db.sql("UPDATE scaiflow.users SET deleted_at = now() WHERE id = 'dan'; "
               "UPDATE scaiflow.users SET status = 'SUSPENDED' WHERE id = 'ben'");
    BOOST_TEST(give("root", "dan") == 404);
    BOOST_TEST(give("root", "ben") == 404);
    BOOST_TEST(api.db.value("SELECT owner_id FROM scaiflow.flows") == "ann");
    BOOST_TEST(give("root", "cat") == 200);
    BOOST_TEST(give("root", "cat") == 200); // is his already: nothing to do
    BOOST_TEST(api.as("cat", "DELETE", path).status == 204);
    BOOST_TEST(api.as("ann", "GET", path).status == 404);
    BOOST_TEST(api.db.value("SELECT string_agg(actor || ' ' || (before->>'owner_id') || ' ' || "
                            "(after->>'owner_id') || ' ' || (cause ? 'request_id')::text, ',') FROM "
                            "scaiflow.audit_log WHERE action = 'flow.owner_changed'") == "root ann cat true");
}

BOOST_AUTO_TEST_CASE(super_admin_of_another_tenant_writes_into_the_flows_tenant) {
    FlowsFixture api;
    const auto flow = api.make_flow("far");
    const auto put = api.as("root", "PUT", "/v1/flows/" + flow, R"({"content":{"a":1}})");
    BOOST_TEST(put.status == 200);
    BOOST_TEST(put.json.member("tenant_id") == "t2");
    BOOST_TEST(api.db.value("SELECT string_agg(DISTINCT tenant_id, ',') FROM scaiflow.flow_versions") ==
               "t2");
    BOOST_TEST(api.as("boss", "PUT", "/v1/flows/" + flow, R"({"name":"x"})").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
