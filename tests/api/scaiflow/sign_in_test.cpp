// Sign-in through the embedded ScaiKey, as a browser does it, and who gets in. SPDX-License-Identifier:
// Apache-2.0
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

namespace {

scai::json::Value body_of(const test::Stack::Response& response) {
    auto body = scai::json::parse(response.body);
    BOOST_TEST_REQUIRE(static_cast<bool>(body), "no JSON: " << response.body);
    return *body;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaiflow_sign_in)

BOOST_AUTO_TEST_CASE(health_and_configuration_need_no_token) {
    auto& stack = test::stack();
    BOOST_TEST(body_of(stack.get("/v1/health")).member("status") == "ok");
    BOOST_TEST(stack.get("/v1/health/ready").status == 200, stack.get("/v1/health/ready").body);
    const auto config = body_of(stack.get("/v1/auth/config"));
    BOOST_TEST(config.member("auth_mode") == "scaikey");
    BOOST_TEST(config.member("scaikey_base_url") == stack.key_url());
    BOOST_TEST(config.member("client_id") == stack.setting("SCAIFLOW_SCAIKEY_CLIENT_ID"));
    BOOST_TEST(config.member("redirect_uri") == stack.flow_url() + "/auth/callback");
    BOOST_TEST(config.dump().find(stack.setting("SCAIFLOW_SCAIKEY_CLIENT_SECRET")) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_signs_in_is_who_me_says) {
    auto& stack = test::stack();
    const auto person = test::demo_member();
    const auto tokens = stack.sign_in(person.email, person.password);
    const auto me = stack.get("/v1/me", {test::bearer(tokens.access_token)});
    BOOST_TEST_REQUIRE(me.status == 200, me.body);
    BOOST_TEST(body_of(me).member("email") == person.email);
    BOOST_TEST(body_of(me).get("admin_role").is_null());
}

BOOST_AUTO_TEST_CASE(the_demo_admin_is_super_admin_after_the_first_sweep) {
    auto& stack = test::stack();
    const auto admin = test::demo_admin();
    const auto tokens = stack.sign_in(admin.email, admin.password);
    const auto me = stack.get("/v1/me", {test::bearer(tokens.access_token)});
    BOOST_TEST_REQUIRE(me.status == 200, me.body);
    BOOST_TEST(body_of(me).member("admin_role") == "super_admin");
    BOOST_TEST(stack.get("/v1/admin/users", {test::bearer(tokens.access_token)}).status == 200);
}

BOOST_AUTO_TEST_CASE(a_member_does_not_reach_the_admin_routes) {
    auto& stack = test::stack();
    const auto person = test::demo_member();
    const auto token = stack.sign_in(person.email, person.password).access_token;
    BOOST_TEST(stack.get("/v1/admin/users", {test::bearer(token)}).status == 403);
    BOOST_TEST(stack.post("/v1/admin/sync", scai::json::Value::object(), {test::bearer(token)}).status ==
               403);
}

BOOST_AUTO_TEST_CASE(a_wrong_password_gets_no_code) {
    const auto member = test::demo_member();
    BOOST_CHECK_THROW(test::stack().sign_in(member.email, "not the password"), std::runtime_error);
    BOOST_CHECK_THROW(test::stack().sign_in("nobody-" + member.email, member.password), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_code_submitted_twice_at_once_gets_the_same_answer) {
    auto& stack = test::stack();
    const auto person = test::demo_member();
    const auto body = stack.exchange_body(stack.sign_in_for_code(person.email, person.password));
    std::vector<test::Stack::Response> answers(4);
    std::vector<std::thread> threads;
    threads.reserve(answers.size());
    for (auto& answer : answers)
        threads.emplace_back([&stack, &answer, &body] { answer = stack.post("/v1/auth/exchange", body); });
    for (auto& thread : threads)
        thread.join();
    for (const auto& answer : answers) {
        BOOST_TEST(answer.status == 200, answer.body);
        BOOST_TEST(answer.body == answers.front().body);
    }
}

BOOST_AUTO_TEST_CASE(an_invented_code_is_a_400_with_scaikeys_words) {
    const auto answer = test::stack().post("/v1/auth/exchange", test::stack().exchange_body("invented"));
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(answer.body.find("invalid_grant") != std::string::npos, answer.body);
}

BOOST_AUTO_TEST_CASE(a_refresh_gives_tokens_that_work) {
    auto& stack = test::stack();
    const auto person = test::demo_member();
    const auto first = stack.sign_in(person.email, person.password);
    const auto answer =
        stack.post("/v1/auth/refresh", scai::json::Value::object({{"refresh_token", first.refresh_token}}));
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    const auto second = body_of(answer);
    BOOST_TEST(second.member("refresh_token") != first.refresh_token);
    BOOST_TEST(stack.get("/v1/me", {test::bearer(second.member("access_token"))}).status == 200);
}

BOOST_AUTO_TEST_CASE(a_request_without_a_good_token_is_a_401_that_says_why) {
    auto& stack = test::stack();
    const auto person = test::demo_member();
    const auto token = stack.sign_in(person.email, person.password).access_token;
    const auto missing = stack.get("/v1/me");
    BOOST_TEST(missing.status == 401);
    BOOST_TEST(missing.header("www-authenticate").starts_with("Bearer"));
    auto flipped = token;
    auto& letter = flipped[flipped.size() - 10];
    letter = letter == 'A' ? 'B' : 'A';
    for (const auto& bad :
         {flipped, std::string("garbage"), token.substr(0, token.rfind('.') + 1), std::string("a.b.c")}) {
        const auto answer = stack.get("/v1/me", {test::bearer(bad)});
        BOOST_TEST(answer.status == 401);
        BOOST_TEST(body_of(answer).member("detail").starts_with("invalid token"), answer.body);
    }
    // Another application's token: right issuer, wrong audience (seed 001).
    const auto foreign = stack.get("/v1/me", {test::bearer(stack.admin_token())});
    BOOST_TEST(foreign.status == 401);
    BOOST_TEST(foreign.body.find("Audience doesn't match") != std::string::npos, foreign.body);
}

BOOST_AUTO_TEST_CASE(a_program_without_a_socket_answers_as_cgi) {
    auto& stack = test::stack();
    auto environment = test::clean_environment();
    environment["SCAIFLOW_ENV_FILE"] = stack.folder() + "/var/scaiflow.env";
    environment["GATEWAY_INTERFACE"] = "CGI/1.1";
    environment["REQUEST_METHOD"] = "GET";
    environment["REQUEST_URI"] = "/v1/health";
    environment["PATH_INFO"] = "/v1/health";
    environment["SERVER_PROTOCOL"] = "HTTP/1.1";
    environment["QUERY_STRING"] = "";
    const char* named = std::getenv("SCAI_BIN");
    const auto done =
        test::run({std::string(named != nullptr ? named : "build/bin") + "/scaiflow-health"}, environment);
    BOOST_TEST(done.status == 0, done.all());
    BOOST_TEST(done.out.starts_with("Status: 200 OK"), done.out);
    BOOST_TEST(done.out.find("{\"status\":\"ok\"") != std::string::npos, done.out);
}

BOOST_AUTO_TEST_SUITE_END()
