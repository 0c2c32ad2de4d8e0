// POST and GET of one flow: what is stored, what is refused, who sees it. SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/flows/fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using test::FlowAnswer;
using test::FlowsFixture;

std::string error_path(const FlowAnswer& answer) {
    std::string out;
    answer.json.get("detail").at(0).get("loc").each_item(
        [&](const scai::json::Value& part) { out += (out.empty() ? "" : ".") + part.text_or("#"); });
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_read)

BOOST_AUTO_TEST_CASE(new_flow_comes_back_with_our_id_and_the_contents_version) {
    FlowsFixture api;
    const auto made = api.as("ann", "POST", "/v1/flows",
                             R"({"name":"Invoice triage","description":"first cut",
                                 "content":{"id":"flow_local","name":"Other","version":"1.4.0","x": 0.7,"nodes":[]}})");
    BOOST_TEST(made.status == 201);
    const auto id = made.json.member("id");
    BOOST_TEST(id.starts_with("flow_"));
    BOOST_TEST(made.headers.at("Location") == "/api/v1/flows/" + id);
    BOOST_TEST(made.headers.at("ETag") == "\"1\"");
    const auto got = api.as("ann", "GET", "/v1/flows/" + id);
    BOOST_TEST(got.status == 200);
    BOOST_TEST(got.body == made.body);
    BOOST_TEST(got.headers.at("ETag") == "\"1\"");
    for (const auto* key : {"id", "name", "description", "owner_id", "tenant_id", "version", "created_at",
                            "updated_at", "content"})
        BOOST_TEST(got.json.get(key).present(), key);
    BOOST_TEST(got.json.size() == 9U);
    BOOST_TEST(got.json.member("owner_id") == "ann");
    BOOST_TEST(got.json.member("tenant_id") == "t1");
    BOOST_TEST(got.json.member("version") == "1.4.0");
    BOOST_TEST(got.body.find(R"("content":{"id":")" + id +
                             R"(","name":"Other","version":"1.4.0","x":0.7,"nodes":[]}})") !=
               std::string::npos);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_versions WHERE content_sha256 = "
                            "encode(sha256(convert_to(content, 'UTF8')), 'hex')") == "1");
}

BOOST_AUTO_TEST_CASE(unfinished_flow_can_be_saved) {
    FlowsFixture api;
    for (const auto* content : {"{}", R"({"nodes":"none yet"})", R"({"nodes":[{"type":"?"}],"edges":null})",
                                R"({"version":"latest"})"}) {
        const auto made =
            api.as("ann", "POST", "/v1/flows", R"({"name":"x","content":)" + std::string(content) + "}");
        BOOST_TEST(made.status == 201, content);
        BOOST_TEST(made.json.member("version") == "1.0.0");
        BOOST_TEST(made.json.get("content").member("version") == "1.0.0");
        BOOST_TEST(made.json.get("content").member("id") == made.json.member("id"));
    }
}

BOOST_AUTO_TEST_CASE(bad_field_is_named_and_nothing_is_written) {
    FlowsFixture api;
    const std::vector<std::pair<std::string, std::string>> cases = {
        {R"({"content":{}})", "body.name"},
        {R"({"name":"","content":{}})", "body.name"},
        {R"({"name":"  ","content":{}})", "body.name"},
        {R"({"name":7,"content":{}})", "body.name"},
        {R"({"name":")" + std::string(201, 'x') + R"(","content":{}})", "body.name"},
        {R"({"name":"x","description":7,"content":{}})", "body.description"},
        {R"({"name":"x","description":")" + std::string(4001, 'x') + R"(","content":{}})",
         "body.description"},
        {R"({"name":"x"})", "body.content"},
        {R"({"name":"x","content":null})", "body.content"},
        {R"({"name":"x","content":"{}"})", "body.content"},
        {R"({"name":"x","content":[]})", "body.content"},
    };
    for (const auto& [body, path] : cases) {
        const auto answer = api.as("ann", "POST", "/v1/flows", body);
        BOOST_TEST(answer.status == 422, body.substr(0, 60));
        BOOST_TEST(error_path(answer) == path, body.substr(0, 60));
    }
    for (const auto* body : {R"({"name":"x","content":{"id":"a","id":"b"}})", "{", "",
                             "{\"name\":\"\xFF\",\"content\":{}}", R"({"name":"a\u0000b","content":{}})"})
        BOOST_TEST(api.as("ann", "POST", "/v1/flows", body).status / 100 == 4);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flows") == "0");
    std::string longest;
    for (int i = 0; i < 200; ++i)
        longest += "\xE2\x82\xAC";
    BOOST_TEST(api.as("ann", "POST", "/v1/flows", R"({"name":")" + longest + R"(","content":{}})").status ==
               201);
}

BOOST_AUTO_TEST_CASE(too_large_a_content_is_413_naming_the_field) {
    FlowsFixture api;
    const auto answer = api.as("ann", "POST", "/v1/flows",
                               R"({"name":"x","content":{"a":")" + std::string(5U << 20U, 'x') + "\"}}");
    BOOST_TEST(answer.status == 413);
    BOOST_TEST(error_path(answer) == "body.content");
}

BOOST_AUTO_TEST_CASE(level_is_the_highest_of_all_ways_to_hold_one) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    const auto path = "/v1/flows/" + flow;
    const auto status = [&](const std::string& id) { return api.as(id, "GET", path).status; };
    BOOST_TEST(status("ann") == 200);  // owner
    BOOST_TEST(status("boss") == 200); // tenant_admin
    BOOST_TEST(status("root") == 200); // super_admin
    for (const auto* id : {"ben", "cat", "dan", "far", "boss2"})
        BOOST_TEST(status(id) == 404, id);
    api.grant(flow, "group", "g_view", 1);
    BOOST_TEST(status("ben") == 200);
    BOOST_TEST(status("cat") == 404);
    api.grant(flow, "user", "cat", 1);
    BOOST_TEST(status("cat") == 200);
    api.db.sql("UPDATE scaiflow.memberships SET deleted_at = now() WHERE group_id = 'g_view'");
    BOOST_TEST(status("ben") == 404);
}

BOOST_AUTO_TEST_CASE(groups_of_a_token_or_of_an_older_read_give_nothing) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    api.grant(flow, "group", "g_view", 4);
    api.who = api.person("dan");
    api.who.groups = {"g_view"};
    BOOST_TEST(api.call("GET", "/v1/flows/" + flow).status == 404);
}

BOOST_AUTO_TEST_CASE(user_and_group_of_the_same_id_are_not_mixed_up) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    api.grant(flow, "group", "dan", 4);
    BOOST_TEST(api.as("dan", "GET", "/v1/flows/" + flow).status == 404);
    api.grant(flow, "user", "g_view", 4);
    BOOST_TEST(api.as("ben", "GET", "/v1/flows/" + flow).status == 404);
}

BOOST_AUTO_TEST_CASE(same_user_id_in_another_tenant_is_a_stranger) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    api.who = api.person("ann");
    api.who.tenant_id = "t2";
    BOOST_TEST(api.call("GET", "/v1/flows/" + flow).status == 404);
    api.who.admin_role = "tenant_admin";
    BOOST_TEST(api.call("GET", "/v1/flows/" + flow).status == 404);
}

BOOST_AUTO_TEST_CASE(service_owns_what_it_makes_and_is_in_no_access_row) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    api.grant(flow, "user", "ci", 4);
    auto service = api.person("ann");
    service.subject = "ci";
    service.client_id = "ci";
    service.service = true;
    service.mirrored = false;
    api.who = service;
    BOOST_TEST(api.call("GET", "/v1/flows/" + flow).status == 404);
    const auto own = api.call("POST", "/v1/flows", R"({"name":"x","content":{}})").json.member("id");
    BOOST_TEST(api.call("GET", "/v1/flows/" + own).status == 200);
    for (const auto* claims : {R"({"role":"tenant_admin"})", R"({"roles":["x","super_admin"]})"}) {
        api.who.claims = scai::json::parse(claims).value();
        BOOST_TEST(api.call("GET", "/v1/flows/" + flow).status == 200, claims);
        api.who.tenant_id = "t2"; // never beyond its tenant
        BOOST_TEST(api.call("GET", "/v1/flows/" + flow).status == 404, claims);
        api.who.tenant_id = "t1";
    }
    api.who.tenant_id = "";
    BOOST_TEST(api.call("GET", "/v1/flows/" + flow).status == 404);
    const auto refused = api.call("POST", "/v1/flows", R"({"name":"x","content":{}})");
    BOOST_TEST(refused.status == 403);
    BOOST_TEST(refused.detail() == "forbidden");
}

BOOST_AUTO_TEST_CASE(unchanged_flow_is_304) {
    FlowsFixture api;
    const auto path = "/v1/flows/" + api.make_flow("ann");
    const auto same = api.as("ann", "GET", path, "", {{"if-none-match", "\"1\""}});
    BOOST_TEST(same.status == 304);
    BOOST_TEST(same.body.empty());
    BOOST_TEST(same.headers.at("ETag") == "\"1\"");
    BOOST_TEST(api.as("ann", "GET", path, "", {{"if-none-match", "\"2\""}}).status == 200);
    BOOST_TEST(api.as("dan", "GET", path, "", {{"if-none-match", "\"1\""}}).status == 404);
}

BOOST_AUTO_TEST_CASE(permissions_are_asked_for_as_well) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    api.who = api.person("ann");
    api.who.permissions = {std::string(scaiflow::permission_view)};
    BOOST_TEST(api.call("GET", "/v1/flows/" + flow).status == 200);
    BOOST_TEST(api.call("POST", "/v1/flows", R"({"name":"x","content":{}})").status == 403);
    api.who.permissions = {};
    BOOST_TEST(api.call("GET", "/v1/flows/" + flow).status == 403);
}

BOOST_AUTO_TEST_SUITE_END()
