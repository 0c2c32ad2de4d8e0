// What nginx answers by itself, and what it hands to the handlers. SPDX-License-Identifier: Apache-2.0
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

namespace {

std::string detail(const test::Stack::Response& response) {
    const auto body = scai::json::parse(response.body);
    return body ? body->member("detail") : "no JSON: " + response.body;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_stack_nginx)

BOOST_AUTO_TEST_CASE(every_route_answers_below_both_prefixes) {
    for (const char* path : {"/v1/health", "/api/v1/health", "/v1/auth/config", "/api/v1/auth/config"})
        BOOST_TEST(test::stack().get(path).status == 200, path);
    for (const char* path : {"/v1/me", "/api/v1/me", "/v1/admin/users", "/api/v1/admin/users"})
        BOOST_TEST(test::stack().get(path).status == 401, path);
}

BOOST_AUTO_TEST_CASE(an_unknown_path_is_a_json_404_with_a_request_id) {
    for (const char* path : {"/v1/nope", "/api/v1/nope", "/nope", "/v1", "/api"}) {
        const auto answer = test::stack().get(path);
        BOOST_TEST(answer.status == 404, path);
        BOOST_TEST(answer.header("content-type").starts_with("application/json"), path);
        BOOST_TEST(!detail(answer).empty(), path);
        BOOST_TEST(!answer.header("x-request-id").empty(), path);
    }
}

BOOST_AUTO_TEST_CASE(a_request_id_is_echoed_when_it_is_sane_and_made_otherwise) {
    const auto echoed = test::stack().get("/v1/health", {{"X-Request-ID", "abc-123"}});
    BOOST_TEST(echoed.header("x-request-id") == "abc-123");
    const auto made = test::stack().get("/v1/health", {{"X-Request-ID", "no spaces, please"}});
    BOOST_TEST(made.header("x-request-id") != "no spaces, please");
    BOOST_TEST(!made.header("x-request-id").empty());
    BOOST_TEST(test::stack().get("/nope", {{"X-Request-ID", "abc-124"}}).header("x-request-id") == "abc-124");
}

BOOST_AUTO_TEST_CASE(what_nginx_cannot_read_is_a_json_400) {
    for (const char* path : {"/v1/flows/a%", "/v1/flows/a%zz", "/v1/flows/a%00b"}) {
        const auto answer = test::stack().get(path);
        BOOST_TEST(answer.status == 400, path);
        BOOST_TEST(detail(answer).find("cannot read") != std::string::npos, path << " " << answer.body);
        BOOST_TEST(!answer.header("x-request-id").empty(), path);
    }
    BOOST_TEST(test::stack().get("/v1/flows", {{"X-Long", std::string(70'000, 'x')}}).status == 400);
    BOOST_TEST(test::stack().send("get", "/v1/flows").status == 400);
}

BOOST_AUTO_TEST_CASE(too_large_a_body_is_a_json_413) {
    const auto answer = test::stack().send("POST", "/v1/auth/exchange", std::string(11U << 20U, 'x'),
                                           {{"Content-Type", "application/json"}});
    BOOST_TEST(answer.status == 413);
    BOOST_TEST(!detail(answer).empty());
}

BOOST_AUTO_TEST_CASE(a_request_line_that_makes_no_sense_is_refused_and_no_error_of_the_server) {
    const auto& stack = test::stack();
    for (const auto& server : {stack.flow_url(), stack.key_url(), stack.vault_url(), stack.grid_url()})
        for (const auto& [path, status] : std::vector<std::pair<std::string, int>>{
                 {"/v1/flows/%00", 400}, {"/v1/%zz", 400}, {"/v1/" + std::string(20'000, 'a'), 414}}) {
            const auto answer = stack.send("GET", server + path);
            BOOST_TEST(answer.status == status, server + path.substr(0, 20) << ": " << answer.status);
            BOOST_TEST(answer.header("content-type").starts_with("application/json"),
                       server + path.substr(0, 20));
            BOOST_TEST(static_cast<bool>(scai::json::parse(answer.body)), answer.body);
            BOOST_TEST(!answer.header("x-request-id").empty());
        }
    BOOST_TEST(stack.get("/-/error").status == 404);
}

BOOST_AUTO_TEST_CASE(a_group_that_is_down_is_a_json_502_and_the_others_answer) {
    auto& stack = test::stack();
    BOOST_TEST_REQUIRE(stack.service("stop", "scaiflow-webhooks").status == 0);
    const auto answer = stack.post("/v1/webhooks/scaikey", scai::json::Value::object());
    const auto other = stack.get("/v1/health");
    stack.service("start", "scaiflow-webhooks");
    BOOST_TEST(answer.status == 502);
    BOOST_TEST(detail(answer).find("not running") != std::string::npos);
    BOOST_TEST(answer.header("retry-after") == "2");
    BOOST_TEST(other.status == 200);
    BOOST_TEST(test::eventually(
        [&] { return stack.post("/v1/webhooks/scaikey", scai::json::Value::object()).status == 400; }));
}

BOOST_AUTO_TEST_CASE(every_answer_forbids_sniffing_and_framing) {
    for (const char* path :
         {"/", "/v1/health", "/nope", "/api/openapi.yaml", "/auth/callback", "/sign_in.js"})
        BOOST_TEST(test::stack().get(path).header("x-content-type-options") == "nosniff", path);
    const auto page = test::stack().get("/");
    BOOST_TEST(page.status == 200);
    BOOST_TEST(page.header("content-security-policy").find("default-src 'none'") != std::string::npos);
    // The sign-in page brings its own headers; none comes twice.
    const auto sign_in =
        test::stack().send("GET", test::stack().key_url() + "/api/v1/platform/oauth/authorize");
    int policies = 0;
    for (const auto& [name, value] : sign_in.headers)
        if (name == "Referrer-Policy" || name == "referrer-policy")
            ++policies;
    BOOST_TEST(policies == 1);
}

BOOST_AUTO_TEST_CASE(the_api_description_is_served) {
    const auto answer = test::stack().get("/api/openapi.yaml");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body.find("\nopenapi: 3.1") != std::string::npos, answer.body.substr(0, 200));
    BOOST_TEST(answer.header("content-type").starts_with("application/yaml"));
}

BOOST_AUTO_TEST_CASE(the_schema_of_flows_is_served_to_every_origin) {
    const auto answer = test::stack().get("/api/schemas/scaiflow/v2.json");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.header("content-type").starts_with("application/schema+json"));
    BOOST_TEST(answer.header("access-control-allow-origin") == "*");
    const auto schema = scai::json::parse(answer.body);
    BOOST_TEST_REQUIRE(static_cast<bool>(schema));
    BOOST_TEST(schema->member("$id") == "https://scailabs.com/schemas/scaiflow/v2.json");
}

BOOST_AUTO_TEST_CASE(the_example_flows_are_served) {
    const auto index = scai::json::parse(test::stack().get("/examples/index.json").body);
    BOOST_TEST_REQUIRE(static_cast<bool>(index));
    BOOST_TEST(index->get("examples").size() > 0U);
    index->get("examples").each_item([](const scai::json::Value& example) {
        const auto answer = test::stack().get("/examples/" + example.member("file"));
        BOOST_TEST(answer.status == 200, example.member("file"));
        BOOST_TEST(answer.header("content-type").starts_with("application/json"));
        const auto flow = scai::json::parse(answer.body);
        BOOST_TEST_REQUIRE(static_cast<bool>(flow));
        BOOST_TEST(flow->member("name") == example.member("name"));
    });
}

BOOST_AUTO_TEST_SUITE_END()
