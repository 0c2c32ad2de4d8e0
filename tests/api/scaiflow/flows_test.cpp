// Flows through nginx: their life, their tags, and what does not get in. SPDX-License-Identifier: Apache-2.0
#include "tests/api/scaiflow/caller.hpp"

namespace {

using scai::json::Value;

std::string make_flow(const std::string& name) {
    const auto made = test::member().send(
        "POST", "/v1/flows", Value::object({{"name", name}, {"content", test::example("hello")}}));
    BOOST_TEST_REQUIRE(made.status == 201, made.body);
    return test::json_of(made).member("id");
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaiflow_flows)

BOOST_AUTO_TEST_CASE(a_flow_is_created_read_saved_deleted_and_restored) {
    const auto member = test::member();
    const auto made = member.send("POST", "/api/v1/flows",
                                  Value::object({{"name", "Life"}, {"content", test::example("hello")}}));
    BOOST_TEST_REQUIRE(made.status == 201, made.body);
    const auto id = test::json_of(made).member("id");
    const auto path = "/api/v1/flows/" + id;
    BOOST_TEST(made.header("location") == path);

    const auto read = member.get(path);
    BOOST_TEST_REQUIRE(read.status == 200, read.body);
    BOOST_TEST(read.header("etag") == made.header("etag"));
    BOOST_TEST(test::json_of(read).get("content").get("nodes").size() ==
               test::example("hello").get("nodes").size());

    auto content = test::example("support_triage");
    const auto saved =
        member.send("PUT", path, Value::object({{"content", content}}), {{"If-Match", read.header("etag")}});
    BOOST_TEST_REQUIRE(saved.status == 200, saved.body);
    BOOST_TEST(test::json_of(saved).member("version") == "1.0.1");
    BOOST_TEST(saved.header("etag") != read.header("etag"));
    BOOST_TEST(test::json_of(member.get(path + "/versions")).get("items").size() == 2U);

    BOOST_TEST(member.send("DELETE", path).status == 204);
    BOOST_TEST(member.get(path).status == 404);
    BOOST_TEST(member.send("POST", path + "/restore").status == 200);
    BOOST_TEST(test::json_of(member.get(path)).member("version") == "1.0.1");
}

BOOST_AUTO_TEST_CASE(a_known_tag_is_answered_without_a_body) {
    const auto path = "/v1/flows/" + make_flow("Tagged");
    const auto read = test::member().get(path);
    const auto again = test::member().get(path, {{"If-None-Match", read.header("etag")}});
    BOOST_TEST(again.status == 304);
    BOOST_TEST(again.body == "");
    BOOST_TEST(again.header("etag") == read.header("etag"));
}

BOOST_AUTO_TEST_CASE(a_save_over_somebody_elses_is_refused_and_told_by_whom) {
    const auto member = test::member();
    const auto path = "/v1/flows/" + make_flow("Contended");
    const auto tag = member.get(path).header("etag");
    const auto body = Value::object({{"name", "Contended once"}});
    BOOST_TEST(test::administrator().send("PUT", path, body, {{"If-Match", tag}}).status == 200);
    const auto late = member.send("PUT", path, Value::object({{"name", "Lost"}}), {{"If-Match", tag}});
    BOOST_TEST(late.status == 412, late.body);
    const auto detail = test::json_of(late).get("detail");
    BOOST_TEST(detail.member("updated_by") == "usr_demoadmin", late.body);
    BOOST_TEST(detail.member("version") == "1.0.0", late.body);
    BOOST_TEST(test::json_of(member.get(path)).member("name") == "Contended once");
}

BOOST_AUTO_TEST_CASE(who_holds_nothing_sees_nothing_and_who_may_view_does_not_save) {
    const auto stranger = test::stranger();
    const auto id = make_flow("Private");
    const auto path = "/v1/flows/" + id;
    BOOST_TEST(stranger.get(path).status == 404);
    BOOST_TEST(stranger.get("/v1/flows?search=Private").body.find(id) == std::string::npos);
    const auto granted = test::member().send(
        "POST", path + "/acls",
        Value::object({{"principal_type", "user"}, {"principal_id", "usr_demodag"}, {"level", "view"}}));
    BOOST_TEST(granted.status == 201, granted.body);
    BOOST_TEST(stranger.get(path).status == 200);
    BOOST_TEST(stranger.send("PUT", path, Value::object({{"name", "Mine"}})).status == 403);
    BOOST_TEST(stranger.get("/v1/flows?search=Private").body.find(id) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(too_large_a_flow_is_a_413_and_half_a_body_a_400) {
    const auto member = test::member();
    // nginx refuses 10 MB and more, the handler content of more than 5 MB.
    for (const std::size_t size : {11U << 20U, 6U << 20U}) {
        const auto answer = member.text(
            "POST", "/v1/flows", R"({"name":"Big","content":{"x":")" + std::string(size, 'x') + "\"}}");
        BOOST_TEST(answer.status == 413, size);
        BOOST_TEST(!test::json_of(answer).get("detail").is_null());
    }
    for (const char* body : {R"({"name":"Half)", "\xff\xfe", R"({"name":"a","name":"b"})", "[]"}) {
        const auto answer = member.text("POST", "/v1/flows", body);
        BOOST_TEST(answer.status == (std::string(body) == "[]" ? 422 : 400), body << ": " << answer.body);
        BOOST_TEST(test::json_of(answer).get("detail").present(), answer.body);
    }
    const auto form = test::stack().send(
        "POST", "/v1/flows", "name=x",
        {test::bearer(test::token_of(test::demo_member())), {"Content-Type", "text/plain"}});
    BOOST_TEST(form.status == 415, form.body);
}

BOOST_AUTO_TEST_CASE(a_tenant_admin_sees_every_flow_of_the_tenant_and_nobody_else_does) {
    const auto id = make_flow("Somebody elses");
    const test::Caller eva({"eva@acme.test", "demo-user-1"});
    const std::string view = "/v1/admin/tenant/flows?search=elses", role = "/v1/admin/users/usr_demoeva/role";
    BOOST_TEST(eva.get(view).status == 403);
    BOOST_TEST(eva.get("/v1/flows/" + id).status == 404);
    BOOST_TEST_REQUIRE(
        test::administrator().send("POST", role, Value::object({{"role", "tenant_admin"}})).status == 204);
    const auto listed = eva.get(view);
    const auto read = eva.get("/v1/flows/" + id);
    const auto elsewhere = eva.get("/v1/admin/tenant/flows?tenant_id=tnt_demoglobex");
    BOOST_TEST(test::administrator().send("DELETE", role).status == 204);
    BOOST_TEST(listed.status == 200, listed.body);
    BOOST_TEST(listed.body.find(id) != std::string::npos, listed.body);
    BOOST_TEST(read.status == 200);
    BOOST_TEST(elsewhere.status == 403);
    BOOST_TEST(eva.get(view).status == 403);
}

BOOST_AUTO_TEST_SUITE_END()
