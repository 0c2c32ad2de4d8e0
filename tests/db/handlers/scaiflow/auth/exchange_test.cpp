// POST /v1/auth/exchange and /refresh, GET /v1/auth/config. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/auth/handlers.hpp"
#include "lib/scaiflow/auth/rules.hpp"
#include "tests/support/scaiflow.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>

namespace http = scai::http;
namespace json = scai::json;
namespace web = scai::web;
using scai::Error;
using scai::ErrorKind;
using scai::Result;
using test::detail;

namespace {

constexpr const char* good_body =
    R"({"code":"ac_91","code_verifier":"verifier-verifier-verifier","redirect_uri":"https://flow.example/auth/callback"})";

struct Exchange {
    test::Database database = test::migrated_database("scaiflow");
    test::ScaiFlowGroup group{database, "auth", scaiflow::auth_api::routes()};
    std::atomic<int> upstream_calls{0};

    void tokens_after(std::chrono::milliseconds delay) {
        group.scaikey->token = [this, delay](const std::string&) -> Result<http::Response> {
            ++upstream_calls;
            std::this_thread::sleep_for(delay);
            return test::http_answer(200,
                                     R"({"access_token":"at_1","refresh_token":"rt_1","id_token":"it_1",)"
                                     R"("token_type":"Bearer","expires_in":3600,"scope":"openid"})");
        };
    }
    void upstream(int status, const std::string& body) {
        group.scaikey->token = [this, status, body](const std::string&) -> Result<http::Response> {
            ++upstream_calls;
            return test::http_answer(status, body);
        };
    }
    web::Response exchange(const std::string& body = good_body) const {
        return group.post("/v1/auth/exchange", body);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_scaiflow_auth_exchange, Exchange)

BOOST_AUTO_TEST_CASE(code_becomes_tokens) {
    tokens_after(std::chrono::milliseconds(0));
    const auto response = exchange();
    BOOST_TEST(response.status == 200);
    BOOST_TEST(response.body == R"({"access_token":"at_1","refresh_token":"rt_1","id_token":"it_1",)"
                                R"("token_type":"Bearer","expires_in":3600})");
    BOOST_TEST(test::header(response, "Cache-Control") == "no-store");
    const auto& request = group.scaikey->requests.back();
    BOOST_TEST(request.body.find("code=ac_91") != std::string::npos);
    BOOST_TEST(request.body.find("code_verifier=verifier") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(double_submit_gets_the_same_answer_and_asks_upstream_once) {
    tokens_after(std::chrono::milliseconds(150));
    std::vector<web::Response> answers(4);
    std::vector<std::thread> threads;
    for (auto& answer : answers)
        threads.emplace_back([&] { answer = exchange(); });
    for (auto& thread : threads)
        thread.join();
    const auto late = exchange();
    BOOST_TEST(upstream_calls == 1);
    for (const auto& answer : answers) {
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.body == late.body);
    }
}

BOOST_AUTO_TEST_CASE(double_submit_of_a_refused_code_gets_the_same_refusal) {
    upstream(400, R"({"error":"invalid_grant","error_description":"code already used"})");
    const auto first = exchange();
    const auto second = exchange();
    BOOST_TEST(upstream_calls == 1);
    BOOST_TEST(first.status == 400);
    BOOST_TEST(first.body == second.body);
    BOOST_TEST(second.status == 400);
    BOOST_TEST(first.body == R"({"detail":{"error":"invalid_grant","message":"code already used",)"
                             R"("error_description":"code already used"}})");
}

BOOST_AUTO_TEST_CASE(a_failure_of_scaikey_is_not_the_answer_to_a_later_try) {
    upstream(503, "");
    BOOST_TEST(exchange().status == 502);
    const int calls = upstream_calls;
    tokens_after(std::chrono::milliseconds(0));
    BOOST_TEST(exchange().status == 502); // the twin's
    BOOST_TEST(upstream_calls == calls);
    database.sql("UPDATE scaiflow.code_exchanges SET claimed_at = now() - interval '3 seconds'");
    BOOST_TEST(exchange().status == 200);
    BOOST_TEST(exchange().status == 200);
    BOOST_TEST(upstream_calls == calls + 1);
    database.sql("UPDATE scaiflow.code_exchanges SET claimed_at = now() - interval '30 seconds'");
    BOOST_TEST(exchange().status == 200); // tokens stay the answer
    BOOST_TEST(upstream_calls == calls + 1);
}

BOOST_AUTO_TEST_CASE(same_code_with_another_verifier_is_no_twin) {
    tokens_after(std::chrono::milliseconds(0));
    BOOST_TEST(exchange().status == 200);
    upstream(400, R"({"error":"invalid_grant","error_description":"verifier mismatch"})");
    const auto thief = exchange(
        R"({"code":"ac_91","code_verifier":"guess","redirect_uri":"https://flow.example/auth/callback"})");
    BOOST_TEST(thief.status == 400);
    BOOST_TEST(thief.body.find("at_1") == std::string::npos);
    BOOST_TEST(upstream_calls == 2);
}

BOOST_AUTO_TEST_CASE(stored_answer_is_unreadable_without_code_and_verifier) {
    tokens_after(std::chrono::milliseconds(0));
    exchange();
    const auto row = database.rows("SELECT code_hash, answer, status FROM scaiflow.code_exchanges").at(0);
    for (const auto& cell : row)
        BOOST_TEST(cell.find("at_1") == std::string::npos);
    BOOST_TEST(row.at(2) == "200");
    const auto wrong = scaiflow::auth::submission_of(
        {.code = "ac_91", .verifier = "guess", .redirect_uri = "https://flow.example/auth/callback"});
    BOOST_TEST(!scaiflow::auth::open_answer(wrong, row.at(1)));
}

BOOST_AUTO_TEST_CASE(first_submission_that_died_does_not_hold_its_twin) {
    const auto submission =
        scaiflow::auth::submission_of({.code = "ac_91",
                                       .verifier = "verifier-verifier-verifier",
                                       .redirect_uri = "https://flow.example/auth/callback"});
    database.sql("INSERT INTO scaiflow.code_exchanges (code_hash, claimed_at) VALUES ('" + submission.hash +
                 "', now() - interval '11 seconds')");
    const auto response = exchange();
    BOOST_TEST(response.status == 503);
    BOOST_TEST(detail(response).member("error") == "exchange_unfinished");
    BOOST_TEST(upstream_calls == 0);
    BOOST_TEST(group.scaikey->token_calls() == 0U);
}

BOOST_AUTO_TEST_CASE(rows_older_than_a_minute_are_thrown_away) {
    database.sql("INSERT INTO scaiflow.code_exchanges (code_hash, claimed_at) VALUES "
                 "('old', now() - interval '61 seconds'), ('young', now() - interval '30 seconds')");
    tokens_after(std::chrono::milliseconds(0));
    exchange();
    BOOST_TEST(database.value("SELECT count(*) FROM scaiflow.code_exchanges WHERE code_hash = 'old'") == "0");
    BOOST_TEST(database.value("SELECT count(*) FROM scaiflow.code_exchanges") == "2");
}

BOOST_AUTO_TEST_CASE(upstream_failures_are_502_and_never_retried) {
    upstream(500, "oops");
    const auto failed = exchange();
    BOOST_TEST(failed.status == 502);
    BOOST_TEST(failed.body.find("oops") == std::string::npos);
    BOOST_TEST(exchange().status == 502);
    BOOST_TEST(upstream_calls == 1);
    upstream(200, "not json");
    BOOST_TEST(exchange(R"({"code":"b","code_verifier":"v","redirect_uri":"r"})").status == 502);
    group.scaikey->token = [](const std::string&) -> Result<http::Response> {
        return Error{.kind = ErrorKind::timeout, .code = "timeout", .message = "id.example: timeout"};
    };
    BOOST_TEST(exchange(R"({"code":"c","code_verifier":"v","redirect_uri":"r"})").status == 502);
}

BOOST_AUTO_TEST_CASE(incomplete_bodies_are_422_and_name_the_field) {
    const auto response = exchange(R"({"code":"x","redirect_uri":7})");
    BOOST_TEST(response.status == 422);
    BOOST_TEST(response.body.find(R"("loc":["body","code_verifier"])") != std::string::npos);
    BOOST_TEST(response.body.find(R"("loc":["body","redirect_uri"])") != std::string::npos);
    BOOST_TEST(exchange("").status == 422);
    BOOST_TEST(exchange("[]").status == 422);
    BOOST_TEST(exchange("{").status == 400);
    BOOST_TEST(exchange(R"({"code":"a","code":"b"})").status == 400);
    BOOST_TEST(exchange(std::string(70000, ' ')).status == 413);
    BOOST_TEST(group.get("/v1/auth/exchange").status == 405);
    web::Request xml;
    xml.method = "POST";
    xml.path = "/v1/auth/exchange";
    xml.body = "<a/>";
    xml.headers["content-type"] = "text/xml";
    BOOST_TEST(group.send(xml).status == 415);
    BOOST_TEST(group.scaikey->token_calls() == 0U);
}

BOOST_AUTO_TEST_CASE(dead_database_is_503_before_the_code_is_used) {
    tokens_after(std::chrono::milliseconds(0));
    test::postgres().stop(true);
    const auto response = exchange();
    test::postgres().start();
    BOOST_TEST(response.status == 503);
    BOOST_TEST(upstream_calls == 0);
    BOOST_TEST(exchange().status == 200);
}

BOOST_AUTO_TEST_CASE(refresh_gives_new_tokens_or_the_upstream_refusal) {
    tokens_after(std::chrono::milliseconds(0));
    const auto good = group.post("/v1/auth/refresh", R"({"refresh_token":"rt_0"})");
    BOOST_TEST(good.status == 200);
    BOOST_TEST(json::parse(good.body)->member("refresh_token") == "rt_1");
    BOOST_TEST(group.scaikey->requests.back().body.find("rt_0") != std::string::npos);
    const auto other_tab = group.post("/v1/auth/refresh", R"({"refresh_token":"rt_0"})");
    BOOST_TEST(other_tab.body == good.body);
    BOOST_TEST(upstream_calls == 1);
    database.sql("UPDATE scaiflow.code_exchanges SET claimed_at = now() - interval '11 seconds'");
    upstream(400, R"({"error":"invalid_grant","error_description":"refresh token reused"})");
    const auto reused = group.post("/v1/auth/refresh", R"({"refresh_token":"rt_0"})");
    BOOST_TEST(reused.status == 400);
    BOOST_TEST(detail(reused).member("error") == "invalid_grant");
    BOOST_TEST(detail(reused).member("message") == "refresh token reused");
    upstream(503, "");
    BOOST_TEST(group.post("/v1/auth/refresh", R"({"refresh_token":"rt_9"})").status == 502);
    BOOST_TEST(group.post("/v1/auth/refresh", "{}").status == 422);
    BOOST_TEST(upstream_calls == 3);
}

BOOST_AUTO_TEST_CASE(answer_without_refresh_token_has_null) {
    upstream(200, R"({"access_token":"at_1","token_type":"bearer","expires_in":60})");
    const auto body = *json::parse(exchange().body);
    BOOST_TEST(body.get("refresh_token").is_null());
    BOOST_TEST(body.member("token_type") == "Bearer");
}

BOOST_AUTO_TEST_CASE(without_scaikey_settings_everything_is_503_and_config_says_dev_token) {
    for (const char* missing :
         {"SCAIKEY_BASE_URL", "SCAIFLOW_SCAIKEY_CLIENT_ID", "SCAIFLOW_SCAIKEY_CLIENT_SECRET"}) {
        const test::ScaiFlowGroup other(database, "auth", scaiflow::auth_api::routes(), {{missing, ""}});
        for (const auto& response : {other.post("/v1/auth/exchange", good_body),
                                     other.post("/v1/auth/refresh", R"({"refresh_token":"x"})")}) {
            BOOST_TEST(response.status == 503);
            BOOST_TEST(detail(response).text_or("") == "ScaiKey OIDC not configured on the server");
        }
        BOOST_TEST(other.get("/v1/auth/config").body ==
                   R"({"auth_mode":"dev_token","scaikey_base_url":null,"client_id":null,"audience":null,)"
                   R"("redirect_uri":"https://flow.example/auth/callback"})");
    }
}

BOOST_AUTO_TEST_CASE(config_is_public_and_holds_no_secret) {
    const auto response = group.get("/api/v1/auth/config");
    BOOST_TEST(response.body ==
               R"({"auth_mode":"scaikey","scaikey_base_url":"https://id.example","client_id":"flowclient",)"
               R"("audience":"flowclient","redirect_uri":"https://flow.example/auth/callback"})");
    const test::ScaiFlowGroup other(
        database, "auth", scaiflow::auth_api::routes(),
        {{"SCAIKEY_AUDIENCE", "one,two"}, {"SCAIFLOW_REDIRECT_URI", "https://canvas.example/cb"}});
    const auto body = *json::parse(other.get("/v1/auth/config").body);
    BOOST_TEST(body.member("audience") == "one");
    BOOST_TEST(body.member("redirect_uri") == "https://canvas.example/cb");
}

BOOST_AUTO_TEST_SUITE_END()
