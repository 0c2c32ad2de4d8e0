// The client against a real server on loopback. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/client.hpp"

#include "tests/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using scai::ErrorKind;
using scai::test::Fault;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;
using scaiflow::grid::Answer;
using scaiflow::grid::Call;
using scaiflow::grid::Client;
using scaiflow::grid::Credential;
using scaiflow::grid::next_cursor;
using scaiflow::grid::refusal;
using scaiflow::grid::rows_of;
using scaiflow::grid::segment;

namespace {

struct Grid {
    explicit Grid(HttpReply reply) : server([reply](const HttpRequest&) { return reply; }) {
        credential.bearer = scai::SecretText("sgk_test");
        credential.base_url = server.url();
    }
    scai::Result<Answer> send(const Call& call = {.path = "/v1/models"}) {
        return Client(http, credential, "req-1").send(call);
    }
    Answer answer(const Call& call = {.path = "/v1/models"}) {
        auto result = send(call);
        BOOST_REQUIRE_MESSAGE(static_cast<bool>(result), (result ? std::string() : result.error().message));
        return std::move(*result);
    }
    HttpServer server;
    scai::http::CurlClient http;
    Credential credential;
};

scai::Error error_of(HttpReply reply, const Call& call = {.path = "/v1/models"}) {
    Grid grid(std::move(reply));
    const auto result = grid.send(call);
    BOOST_REQUIRE(!result);
    return result.error();
}

Answer refused(int status, std::string body, std::string content_type = "application/json") {
    Grid grid({.status = status, .body = std::move(body), .content_type = std::move(content_type)});
    auto answer = grid.answer();
    BOOST_TEST(!answer.ok());
    BOOST_TEST(answer.status == status);
    return answer;
}

std::string number(const scai::Error& error, const char* key) {
    const auto details = scai::json::parse(error.details);
    BOOST_REQUIRE(details);
    return details->get(key).dump();
}

std::string extra(const scai::Error& error, std::string_view key) {
    for (const auto& [name, value] : error.extra)
        if (name == key)
            return value;
    return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_grid)

BOOST_AUTO_TEST_CASE(a_call_carries_credential_request_id_and_body) {
    Grid grid({.body = R"({"data":{"id":"core_1"}})"});
    const auto answer = grid.answer({.method = "POST",
                                     .path = "/v1/modules/scaicore/cores",
                                     .query = "a=1",
                                     .body = "core: {}",
                                     .content_type = "application/yaml"});
    BOOST_TEST(answer.ok());
    BOOST_TEST(answer.data.member("id") == "core_1");
    const auto sent = grid.server.requests().at(0);
    BOOST_TEST(sent.method == "POST");
    BOOST_TEST(sent.target == "/v1/modules/scaicore/cores?a=1");
    BOOST_TEST(sent.header("Authorization") == "Bearer sgk_test");
    BOOST_TEST(sent.header("X-Request-ID") == "req-1");
    BOOST_TEST(sent.header("Content-Type") == "application/yaml");
    BOOST_TEST(sent.body == "core: {}");
}

BOOST_AUTO_TEST_CASE(a_read_carries_no_content_type) {
    Grid grid({.body = R"({"data":[]})"});
    grid.answer();
    BOOST_TEST(grid.server.requests().at(0).header("Content-Type") == "");
}

BOOST_AUTO_TEST_CASE(rows_come_out_of_every_list_shape) {
    for (const char* body :
         {R"({"status":"ok","data":{"items":[{"id":"a"},{"id":"b"}]}})",
          R"({"data":[{"id":"a"},{"id":"b"}],"has_more":true,"next_cursor":"c2"})",
          R"({"data":{"events":[{"id":"a"},{"id":"b"}],"next_cursor":"c2"}})",
          R"({"data":{"checkpoints":[{"id":"a"},{"id":"b"}],"next_cursor":"c2"}})",
          R"({"data":{"scopes":[{"id":"a"},{"id":"b"}],"total":2}})",
          R"({"object":"list","data":[{"id":"a"},{"id":"b"}]})", R"([{"id":"a"},{"id":"b"}])"}) {
        Grid grid({.body = body});
        const auto rows = rows_of(grid.answer());
        BOOST_REQUIRE_MESSAGE(rows.size() == 2, body);
        BOOST_TEST(rows[1].member("id") == "b");
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_list_has_no_rows) {
    for (const char* body : {R"({"data":{}})", R"({"data":null})", R"({"data":"text"})",
                             R"({"data":{"a":[1],"b":[2]}})", R"({"data":{"items":{}}})"}) {
        Grid grid({.body = body});
        BOOST_TEST(rows_of(grid.answer()).empty(), body);
    }
}

BOOST_AUTO_TEST_CASE(cursor_of_the_next_page_is_found_where_it_may_be) {
    const auto cursor = [](const char* body) {
        Grid grid({.body = body});
        return next_cursor(grid.answer()).value_or("none");
    };
    BOOST_TEST(cursor(R"({"data":[],"has_more":true,"next_cursor":"n"})") == "n");
    BOOST_TEST(cursor(R"({"data":[],"next_cursor":"n"})") == "n");
    BOOST_TEST(cursor(R"({"data":{"events":[],"next_cursor":"n"}})") == "n");
    BOOST_TEST(cursor(R"({"data":{"items":[],"next_cursor":17}})") == "17");
    BOOST_TEST(cursor(R"({"data":[],"has_more":false,"next_cursor":"n"})") == "none");
    BOOST_TEST(cursor(R"({"data":{"items":[],"has_more":false,"next_cursor":"n"}})") == "none");
    BOOST_TEST(cursor(R"({"data":[],"next_cursor":null})") == "none");
    BOOST_TEST(cursor(R"({"data":[],"next_cursor":""})") == "none");
    BOOST_TEST(cursor(R"({"data":[]})") == "none");
}

BOOST_AUTO_TEST_CASE(an_error_member_makes_a_2xx_a_refusal) {
    const auto answer = refused(200, R"({"error":{"code":"VALIDATION_ERROR","message":"no"}})");
    BOOST_TEST(answer.code == "VALIDATION_ERROR");
    Grid grid({.body = R"({"error":null,"data":{"id":"x"}})"});
    BOOST_TEST(grid.answer().ok());
}

BOOST_AUTO_TEST_CASE(an_answer_without_body_is_one) {
    Grid grid({.status = 204, .body = ""});
    const auto answer = grid.answer({.method = "DELETE", .path = "/x"});
    BOOST_TEST(answer.ok());
    BOOST_TEST(!answer.body.present());
}

BOOST_AUTO_TEST_CASE(own_error_envelope_is_read) {
    const auto answer = refused(
        422,
        R"({"status":"error","error":{"code":"VALIDATION_ERROR","message":"name is required","retry_after":7,
                 "details":[{"field":"name","message":"missing"}]},"meta":{"request_id":"req_7f1"}})");
    BOOST_TEST(answer.code == "VALIDATION_ERROR");
    BOOST_TEST(answer.message == "name is required");
    BOOST_TEST(answer.upstream_request_id == "req_7f1");
    BOOST_TEST(answer.retry_after == "7");
    BOOST_TEST(answer.details.at(0).member("field") == "name");
}

BOOST_AUTO_TEST_CASE(foreign_error_forms_are_read) {
    struct Form {
        const char* body;
        const char* type;
        const char* code;
        const char* message;
    };
    for (const Form& form : std::initializer_list<Form>{
             {R"({"detail":"Not found"})", "application/json", "", "Not found"},
             {R"({"detail":{"error":"gone_away","message":"no such Core"}})", "application/json", "gone_away",
              "no such Core"},
             {R"({"detail":[{"loc":["body","name"],"msg":"field required"}]})", "application/json", "",
              "field required"},
             {R"({"error":"invalid_request","error_description":"bad scope"})", "application/json",
              "invalid_request", "bad scope"},
             {R"({"error":{"type":"invalid_request_error","message":"model"}})", "application/json",
              "invalid_request_error", "model"},
             {R"({"message":"slow down"})", "application/json", "", "slow down"},
             {"upstream connect error\n", "text/plain", "", "upstream connect error"},
             {"<html><head><title>502 Bad Gateway</title></head>x</html>", "text/html", "",
              "502 Bad Gateway"},
             {"<html>nothing</html>", "text/html", "", "HTTP status 404"},
             {"", "text/plain", "", "HTTP status 404"},
             {"{}", "application/json", "", "HTTP status 404"},
             {"[1]", "application/json", "", "HTTP status 404"},
             {"{broken", "application/json", "", "{broken"},
         }) {
        const auto answer = refused(404, form.body, form.type);
        BOOST_TEST(answer.code == form.code, form.body);
        BOOST_TEST(answer.message == form.message, form.body << ": " << answer.message);
    }
}

BOOST_AUTO_TEST_CASE(foreign_text_is_cut_and_has_no_control_characters) {
    const auto long_text = refused(500, std::string(100000, 'x'), "text/plain");
    BOOST_TEST(long_text.message.size() == 500U);
    BOOST_TEST(refused(500, "a\r\nb\x1b[31m", "text/plain").message == "a  b [31m");
    BOOST_TEST(refused(500, "\xff\xfe\xff", "text/plain").message == "HTTP status 500");
    const std::string wide = refused(500, std::string(499, 'x') + "\xC3\xA9", "text/plain").message;
    BOOST_TEST(wide == std::string(499, 'x'));
}

BOOST_AUTO_TEST_CASE(request_id_of_the_header_stands_in) {
    Grid grid({.status = 500, .body = "x", .headers = {{"X-Request-ID", "up-9"}}});
    BOOST_TEST(grid.answer().upstream_request_id == "up-9");
    Grid odd({.body = R"({"data":[],"meta":{"request_id":"a b\n"}})"});
    BOOST_TEST(odd.answer().upstream_request_id == "");
}

BOOST_AUTO_TEST_CASE(silence_is_a_timeout) {
    const auto error = error_of({.body = "{}", .delay = 5s}, {.path = "/", .timeout = 100ms});
    BOOST_TEST((error.kind == ErrorKind::timeout));
    BOOST_TEST(error.code == "upstream_timeout");
}

BOOST_AUTO_TEST_CASE(dead_and_resetting_servers_are_unreachable) {
    Credential credential;
    credential.bearer = scai::SecretText("sgk_test");
    {
        const HttpServer gone([](const HttpRequest&) { return HttpReply{}; });
        credential.base_url = gone.url();
    }
    scai::http::CurlClient http;
    const auto result = Client(http, credential, "r").send({.path = "/"});
    BOOST_REQUIRE(!result);
    BOOST_TEST((result.error().kind == ErrorKind::upstream));
    BOOST_TEST(result.error().code == "upstream_unreachable");
    for (const Fault fault : {Fault::reset, Fault::hang_up})
        BOOST_TEST(error_of({.fault = fault}).code == "upstream_unreachable");
}

BOOST_AUTO_TEST_CASE(broken_answers_are_invalid) {
    const std::string body = R"({"data":[{"id":"a"},{"id":"b"},{"id":"c"}]})";
    for (const HttpReply& reply : std::initializer_list<HttpReply>{
             {.body = body, .fault = Fault::truncate},
             {.fault = Fault::garbage},
             {.body = R"({"data":[)"},
             {.body = "<html></html>", .content_type = "text/html"},
             {.body = R"({"data":1,"data":2})"},
         }) {
        const auto error = error_of(reply);
        BOOST_TEST((error.kind == ErrorKind::upstream));
        BOOST_TEST(error.code == "upstream_invalid_answer", error.message);
    }
}

BOOST_AUTO_TEST_CASE(an_answer_beyond_the_limit_is_not_read) {
    const auto error =
        error_of({.body = "[" + std::string(2000, ' ') + "1]"}, {.path = "/", .max_body = 1000});
    BOOST_TEST(error.code == "upstream_invalid_answer");
}

BOOST_AUTO_TEST_CASE(errors_hold_no_credential) {
    for (const auto& error : {error_of({.fault = Fault::reset}), error_of({.body = "sgk_test"})})
        BOOST_TEST(error.message.find("sgk_test") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(kept_text_is_what_came) {
    const std::string body = R"({"data": {"events":[{"n":1e400,"x":0.70}] } })";
    Grid grid({.body = body});
    const auto answer = grid.answer({.path = "/", .keep_text = true});
    BOOST_TEST(answer.text == body);
    BOOST_TEST(error_of({.body = "{"}, {.path = "/", .keep_text = true}).code == "upstream_invalid_answer");
    Grid refusing({.status = 403, .body = R"({"error":{"code":"AUTHZ_PERMISSION_DENIED","message":"no"}})"});
    BOOST_TEST(refusing.answer({.path = "/", .keep_text = true}).code == "AUTHZ_PERMISSION_DENIED");
}

BOOST_AUTO_TEST_CASE(reads_are_tried_again_and_writes_never) {
    Grid grid({.status = 503, .headers = {{"Retry-After", "0"}}});
    grid.answer({.path = "/", .retries = 2});
    BOOST_TEST(grid.server.count() == 3U);
    grid.server.forget();
    grid.answer({.method = "POST", .path = "/", .body = "{}", .retries = 2});
    BOOST_TEST(grid.server.count() == 1U);
    Grid patient({.status = 429, .headers = {{"Retry-After", "60"}}});
    BOOST_TEST(patient.answer({.path = "/", .retries = 2}).retry_after == "60");
    BOOST_TEST(patient.server.count() == 1U);
}

BOOST_AUTO_TEST_CASE(segments_cannot_leave_their_place) {
    BOOST_TEST(segment("core_1-a~b") == "core_1-a~b");
    BOOST_TEST(segment("a/b?c#d e") == "a%2Fb%3Fc%23d%20e");
    BOOST_TEST(segment("..") == "%2E%2E");
    BOOST_TEST(segment(".") == "%2E");
}

BOOST_AUTO_TEST_CASE(a_refusal_keeps_the_status_a_client_can_act_on) {
    for (const auto& [status, kind] :
         std::initializer_list<std::pair<int, ErrorKind>>{{400, ErrorKind::bad_request},
                                                          {403, ErrorKind::forbidden},
                                                          {404, ErrorKind::not_found},
                                                          {409, ErrorKind::conflict},
                                                          {422, ErrorKind::unprocessable},
                                                          {429, ErrorKind::rate_limited}}) {
        const auto error = refusal(refused(status, R"({"error":{"code":"C","message":"m"}})"));
        BOOST_TEST((error.kind == kind), status);
        BOOST_TEST(error.code == "upstream_refused");
        BOOST_TEST(extra(error, "upstream_code") == "C");
        BOOST_TEST(number(error, "status") == std::to_string(status));
    }
    for (const int status : {301, 401, 405, 418, 500, 502, 503, 504}) {
        const auto error = refusal(refused(status, R"({"error":{"code":"C","message":"m"}})"));
        BOOST_TEST((error.kind == ErrorKind::upstream), status);
        BOOST_TEST(error.code == "upstream_error");
        BOOST_TEST(number(error, "status") == std::to_string(status));
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_says_when_to_come_back_and_who_was_asked) {
    Grid grid({.status = 429,
               .body = R"({"error":{"code":"RATE_LIMITED","message":"slow"},"meta":{"request_id":"q1"}})",
               .headers = {{"Retry-After", "17"}}});
    const auto error = refusal(grid.answer());
    BOOST_TEST(error.retry_after_seconds.value() == 17);
    BOOST_TEST(extra(error, "upstream_request_id") == "q1");
    BOOST_TEST(refusal(refused(429, "")).retry_after_seconds.value() == 1);
    BOOST_TEST(!refusal(refused(404, "")).retry_after_seconds);
    BOOST_TEST(refusal(refused(401, "")).fix.find("scaigrid_credentials") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
