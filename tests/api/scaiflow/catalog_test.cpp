// Packages through nginx: published by one, installed by another. SPDX-License-Identifier: Apache-2.0
#include "tests/api/scaiflow/caller.hpp"

namespace {

using scai::json::Value;

Value draft(const char* package_id, const Value& content) {
    return Value::object({{"package_id", package_id}, {"name", "A package"}, {"content", content}});
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaiflow_catalog)

BOOST_AUTO_TEST_CASE(a_package_is_published_listed_installed_and_removed) {
    const auto member = test::member(), other = test::stranger();
    const std::string path = "/api/v1/catalog/api-life";
    const auto published =
        member.send("POST", "/api/v1/catalog/publish", draft("api-life", test::example("hello")));
    BOOST_TEST_REQUIRE(published.status == 201, published.body);
    BOOST_TEST(published.header("location") == path);
    BOOST_TEST(other.get("/api/v1/catalog?search=api-life").body.find("\"api-life\"") != std::string::npos);

    const auto installed = other.send("POST", path + "/install");
    BOOST_TEST_REQUIRE(installed.status == 200, installed.body);
    const auto content = test::json_of(installed).get("content");
    BOOST_TEST(content.member("id") != test::example("hello").member("id"));
    BOOST_TEST(content.member("version") == "1.0.0");
    const auto saved = other.send("POST", "/api/v1/flows",
                                  Value::object({{"name", "From a package"}, {"content", content}}));
    BOOST_TEST(saved.status == 201, saved.body);

    const auto again =
        member.send("POST", "/api/v1/catalog/publish", draft("api-life", test::example("support_triage")));
    BOOST_TEST(test::json_of(again).member("version") == "0.1.1", again.body);
    const auto file = other.get(path + "/versions/0.1.0/package");
    BOOST_TEST(file.status == 200);
    BOOST_TEST(file.body.starts_with("PK"));
    BOOST_TEST(other.get(path + "/versions/0.1.0/package").body == file.body);

    BOOST_TEST(other.send("DELETE", path).status == 403);
    BOOST_TEST(member.send("DELETE", path).status == 204);
    BOOST_TEST(other.get(path).status == 404);
}

BOOST_AUTO_TEST_CASE(a_package_for_a_group_is_not_there_for_others) {
    const auto member = test::member();
    auto body = draft("api-duty", test::example("hello"));
    body.set("visibility", "groups");
    body.set("visibility_group_ids", Value::array({"grp_demoops"}));
    const auto published = member.send("POST", "/v1/catalog/publish", body);
    BOOST_TEST_REQUIRE(published.status == 201, published.body);
    BOOST_TEST(test::stranger().get("/v1/catalog/api-duty").status == 404);
    BOOST_TEST(test::stranger().send("POST", "/v1/catalog/api-duty/install").status == 404);
    BOOST_TEST(test::Caller({"cleo@acme.test", "demo-user-1"}).get("/v1/catalog/api-duty").status == 200);
    BOOST_TEST(test::administrator().get("/v1/catalog/api-duty").status == 200);
}

BOOST_AUTO_TEST_CASE(a_flow_that_does_not_compile_is_not_published) {
    const auto member = test::member();
    const auto answer = member.send("POST", "/v1/catalog/publish", draft("api-broken", Value::object()));
    BOOST_TEST(answer.status == 400, answer.body);
    BOOST_TEST(test::json_of(answer).get("detail").member("error") == "compile_error");
    BOOST_TEST(member.get("/v1/catalog/api-broken").status == 404);
    BOOST_TEST(member.text("POST", "/v1/catalog/publish", "{\"package_id\":").status == 400);
    BOOST_TEST(
        member.send("POST", "/v1/catalog/publish", draft("Not A Slug", test::example("hello"))).status ==
        422);
    BOOST_TEST(test::stack().get("/v1/catalog").status == 401);
}

BOOST_AUTO_TEST_SUITE_END()
