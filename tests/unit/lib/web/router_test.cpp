// Router: specificity, path forms, statuses, envelopes. SPDX-License-Identifier: Apache-2.0
#include "lib/web/router.hpp"

#include "lib/db/db.hpp"
#include "lib/web/parse.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace scai;
using namespace scai::web;

namespace {

ErasedRoute row(std::string method, std::string pattern, Access access = Access::open(),
                std::size_t max_body = small_body) {
    const std::string name = method + " " + pattern;
    return {.method = std::move(method),
            .pattern = std::move(pattern),
            .access = access,
            .max_body = max_body,
            .handler = [name](const Request& request) -> Result<Response> {
                auto params = json::Value::object();
                for (const auto& [key, value] : request.params)
                    params.set(key, value);
                return Response::json(json::Value::object({{"row", name}, {"params", params}}));
            }};
}

ErasedRoute failing(std::string pattern, std::function<Result<Response>(const Request&)> handler) {
    return {.method = "GET",
            .pattern = std::move(pattern),
            .access = Access::open(),
            .max_body = small_body,
            .handler = std::move(handler)};
}

Result<Principal> nobody(const Request&, const Access&) {
    return Error{.kind = ErrorKind::unauthenticated, .message = "missing bearer token"};
}

Request request(std::string method, std::string path, std::string body = "") {
    Request out;
    out.method = std::move(method);
    out.path = std::move(path);
    out.body = std::move(body);
    return out;
}

Response send(const Router& router, Request value) {
    return router.dispatch(value);
}

std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
        if (key == name)
            return value;
    return "";
}

std::string row_of(const Response& response) {
    return json::parse(response.body)->member("row");
}

Router two(std::string first, std::string second) {
    return Router({row("GET", std::move(first)), row("GET", std::move(second))}, nobody, Envelope::scaiflow);
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_web_router)

BOOST_AUTO_TEST_CASE(literal_beats_parameter_in_any_table_order) {
    for (const bool swapped : {false, true}) {
        std::vector<ErasedRoute> rows{row("POST", "/v1/flows/{id}"), row("POST", "/v1/flows/compile")};
        if (swapped)
            std::swap(rows[0], rows[1]);
        const Router router(rows, nobody, Envelope::scaiflow);
        BOOST_TEST(row_of(send(router, request("POST", "/v1/flows/compile"))) == "POST /v1/flows/compile");
        const auto other = send(router, request("POST", "/v1/flows/f1"));
        BOOST_TEST(row_of(other) == "POST /v1/flows/{id}");
        BOOST_TEST(json::parse(other.body)->get("params").member("id") == "f1");
    }
}

BOOST_AUTO_TEST_CASE(rows_that_could_match_the_same_path_are_refused) {
    BOOST_CHECK_THROW(two("/v1/{a}", "/v1/{b}"), std::logic_error);
    BOOST_CHECK_THROW(two("/v1/x", "/v1/x"), std::logic_error);
    BOOST_CHECK_THROW(two("/v1/{a}/c", "/v1/b/{d}"), std::logic_error);
    BOOST_CHECK_THROW(two("/api/v1/x", "/v1/x"), std::logic_error);
    BOOST_CHECK_NO_THROW(two("/v1/{a}/c", "/v1/b/d"));
    BOOST_CHECK_NO_THROW(two("/v1/{a}/b", "/v1/b/b"));
    BOOST_CHECK_NO_THROW(two("/v1/a", "/v1/a/"));
    BOOST_CHECK_NO_THROW(Router({row("GET", "/v1/{a}"), row("PUT", "/v1/{b}")}, nobody, Envelope::scaiflow));
}

BOOST_AUTO_TEST_CASE(malformed_patterns_are_refused) {
    for (const char* pattern :
         {"", "v1", "/v1//x", "/v1/{", "/v1/{}", "/v1/x{a}", "/v1/{a}x", "/v1/{a}/{a}", "/v1/{a{b}}"})
        BOOST_CHECK_THROW(Router({row("GET", pattern)}, nobody, Envelope::scaiflow), std::logic_error);
    BOOST_CHECK_THROW(Router({row("get", "/v1/x")}, nobody, Envelope::scaiflow), std::logic_error);
}

BOOST_AUTO_TEST_CASE(api_prefix_is_optional_in_requests_and_patterns) {
    const Router router({row("GET", "/v1/me"), row("GET", "/api/v1/platform/x")}, nobody, Envelope::scaiflow);
    for (const char* path : {"/v1/me", "/api/v1/me", "/v1/platform/x", "/api/v1/platform/x"})
        BOOST_TEST(send(router, request("GET", path)).status == 200, path);
    BOOST_TEST(send(router, request("GET", "/api/api/v1/me")).status == 404);
    BOOST_TEST(router.pattern_for("GET", "/api/v1/me") == "/v1/me");
    BOOST_TEST(router.pattern_for("POST", "/api/v1/me") == "");
}

BOOST_AUTO_TEST_CASE(trailing_slash_is_a_path_of_its_own) {
    const Router router({row("GET", "/v1/groups/"), row("GET", "/v1/users/{id}")}, nobody,
                        Envelope::scaiflow);
    BOOST_TEST(send(router, request("GET", "/v1/groups/")).status == 200);
    BOOST_TEST(send(router, request("GET", "/v1/groups")).status == 404);
    BOOST_TEST(send(router, request("GET", "/v1/users/")).status == 404); // a parameter is never empty
    BOOST_TEST(send(router, request("GET", "/v1/users/a/")).status == 404);
}

BOOST_AUTO_TEST_CASE(unusable_paths_are_400) {
    const Router router({row("GET", "/v1/{id}")}, nobody, Envelope::scaiflow);
    using namespace std::string_literals;
    for (const auto& path : {""s, "v1/x"s, "/v1/\0x"s, "/v1/.."s, "/v1/../x"s, "/v1/."s, "/v1/\xC3\x28"s,
                             "/v1/\n"s, "/v1/\x7F"s, "/v1/" + std::string(5000, 'a')})
        BOOST_TEST(send(router, request("GET", path)).status == 400);
    BOOST_TEST(send(router, request("GET", "/v1/..x")).status == 200);
    BOOST_TEST(send(router, request("GET", "/v1/\xC3\xA4")).status == 200);
    auto broken = request("GET", "/v1/x");
    broken.problem = "the path has a broken percent escape";
    BOOST_TEST(send(router, broken).body == R"({"detail":"the path has a broken percent escape"})");
}

BOOST_AUTO_TEST_CASE(unknown_path_is_404_and_unknown_method_405_with_allow) {
    const Router router({row("GET", "/v1/x"), row("PUT", "/v1/x"), row("POST", "/v1/{id}")}, nobody,
                        Envelope::scaiflow);
    const auto missing = send(router, request("GET", "/v1/nothing/here"));
    BOOST_TEST(missing.status == 404);
    BOOST_TEST(missing.body == R"({"detail":"Not Found"})");
    const auto wrong = send(router, request("DELETE", "/v1/x"));
    BOOST_TEST(wrong.status == 405);
    BOOST_TEST(header(wrong, "Allow") == "GET, HEAD, POST, PUT, OPTIONS");
    const auto options = send(router, request("OPTIONS", "/v1/x"));
    BOOST_TEST(options.status == 204);
    BOOST_TEST(header(options, "Allow") == "GET, HEAD, POST, PUT, OPTIONS");
    BOOST_TEST(send(router, request("OPTIONS", "/v1/nothing/here")).status == 404);
    std::string many = "/v1";
    for (int i = 0; i < 100; ++i)
        many += "/a";
    BOOST_TEST(send(router, request("GET", many)).status == 404);
}

BOOST_AUTO_TEST_CASE(head_is_get_without_its_body) {
    const Router router({row("GET", "/v1/x")}, nobody, Envelope::scaiflow);
    const auto get = send(router, request("GET", "/v1/x"));
    const auto head = send(router, request("HEAD", "/v1/x"));
    BOOST_TEST(head.status == 200);
    BOOST_TEST(head.body.empty());
    BOOST_TEST(header(head, "Content-Length") == std::to_string(get.body.size()));
}

BOOST_AUTO_TEST_CASE(body_over_the_limit_is_413) {
    const Router router(
        {row("POST", "/v1/x", Access::open(), 10), row("POST", "/v1/none", Access::open(), 0)}, nobody,
        Envelope::scaiflow);
    BOOST_TEST(send(router, request("POST", "/v1/x", std::string(10, ' '))).status == 200);
    BOOST_TEST(send(router, request("POST", "/v1/x", std::string(11, ' '))).status == 413);
    BOOST_TEST(send(router, request("POST", "/v1/none", "x")).status == 413);
    auto discarded = request("POST", "/v1/x");
    discarded.body_too_large = true;
    BOOST_TEST(send(router, discarded).status == 413);
    BOOST_TEST(router.max_body_for("POST", "/api/v1/x") == 10U);
    BOOST_TEST(router.max_body_for("GET", "/v1/x") == 0U);
}

BOOST_AUTO_TEST_CASE(body_of_another_type_is_415) {
    const Router router({row("POST", "/v1/x")}, nobody, Envelope::scaiflow);
    const auto with_type = [&](const char* type) {
        auto value = request("POST", "/v1/x", "{}");
        value.headers["content-type"] = type;
        return send(router, value).status;
    };
    for (const char* good : {"application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json",
                             "application/x-www-form-urlencoded"})
        BOOST_TEST(with_type(good) == 200, good);
    for (const char* bad : {"text/plain", "multipart/form-data; boundary=x", "application/xml", "json"})
        BOOST_TEST(with_type(bad) == 415, bad);
}

BOOST_AUTO_TEST_CASE(query_is_decoded_and_a_repeated_key_is_400) {
    const Router router({failing("/v1/x",
                                 [](const Request& r) -> Result<Response> {
                                     return Response::text(r.query_text("q").value_or("none"), "text/plain");
                                 })},
                        nobody, Envelope::scaiflow);
    const auto with_query = [&](std::string query) {
        auto value = request("GET", "/v1/x");
        value.raw_query = std::move(query);
        return send(router, value);
    };
    BOOST_TEST(with_query("q=a%20b+c&&other").body == "a b c");
    BOOST_TEST(with_query("").body == "none");
    for (const char* bad : {"q=1&q=2", "q=%", "q=%zz", "q=%00", "q=%FF", "=1", "%71=1&q=1"})
        BOOST_TEST(with_query(bad).status == 400, bad);
}

BOOST_AUTO_TEST_CASE(gate_decides_every_row_that_is_not_open) {
    const Gate gate = [](const Request&, const Access& access) -> Result<Principal> {
        if (access.kind() == Access::Kind::permission)
            return Error{.kind = ErrorKind::forbidden,
                         .code = "forbidden",
                         .message = "no",
                         .extra = {{"required", std::string(access.name())}}};
        if (access.kind() == Access::Kind::role)
            return Error{.kind = ErrorKind::unauthenticated, .message = "missing bearer token"};
        Principal who;
        who.subject = "usr_1";
        return who;
    };
    const Router router({row("GET", "/v1/open"),
                         row("POST", "/v1/hook", Access::signature()),
                         {.method = "GET",
                          .pattern = "/v1/who",
                          .access = Access::authenticated(),
                          .max_body = 0,
                          .handler = [](const Request& r) -> Result<Response> {
                              return Response::text(r.principal.subject, "text/plain");
                          }},
                         row("GET", "/v1/perm", Access::permission("scaicore:manage")),
                         row("GET", "/v1/role", Access::role("super_admin"))},
                        gate, Envelope::scaiflow);
    BOOST_TEST(send(router, request("GET", "/v1/open")).status == 200);
    BOOST_TEST(send(router, request("POST", "/v1/hook")).status == 200);
    BOOST_TEST(send(router, request("GET", "/v1/who")).body == "usr_1");
    const auto forbidden = send(router, request("GET", "/v1/perm"));
    BOOST_TEST(forbidden.status == 403);
    BOOST_TEST(forbidden.body ==
               R"({"detail":{"error":"forbidden","message":"no","required":"scaicore:manage"}})");
    const auto missing = send(router, request("GET", "/v1/role"));
    BOOST_TEST(missing.status == 401);
    BOOST_TEST(missing.body == R"({"detail":"missing bearer token"})");
    BOOST_TEST(header(missing, "WWW-Authenticate") == "Bearer");
    const Router ungated({row("GET", "/v1/x", Access::authenticated())}, {}, Envelope::scaiflow);
    BOOST_TEST(send(ungated, request("GET", "/v1/x")).status == 503); // fails closed
}

BOOST_AUTO_TEST_CASE(exceptions_are_503_or_500_and_tell_nothing) {
    const Router router(
        {failing("/gone", [](const Request&) -> Result<Response> { throw db::Unavailable("08006", "q"); }),
         failing("/lost", [](const Request&) -> Result<Response> { throw db::Error("57P01", "q"); }),
         failing("/slow", [](const Request&) -> Result<Response> { throw db::Error("57014", "q"); }),
         failing("/doubt", [](const Request&) -> Result<Response> { throw db::InDoubt("08006", "commit"); }),
         failing("/check", [](const Request&) -> Result<Response> { throw db::Error("23514", "insert_x"); }),
         failing("/bug", [](const Request&) -> Result<Response> { throw std::logic_error("inner words"); }),
         failing("/odd", [](const Request&) -> Result<Response> { throw 7; })},
        nobody, Envelope::scaiflow);
    for (const char* path : {"/gone", "/lost", "/slow", "/doubt"}) {
        const auto response = send(router, request("GET", path));
        BOOST_TEST(response.status == 503, path);
        BOOST_TEST(header(response, "Retry-After") == "1");
    }
    for (const char* path : {"/check", "/bug", "/odd"}) {
        const auto response = send(router, request("GET", path));
        BOOST_TEST(response.status == 500, path);
        BOOST_TEST(response.body.find("inner words") == std::string::npos);
        BOOST_TEST(response.body.find("insert_x") == std::string::npos);
        BOOST_TEST(json::parse(response.body)->get("detail").member("reference").starts_with("err_"));
    }
}

BOOST_AUTO_TEST_CASE(request_id_is_echoed_when_sane_and_made_otherwise) {
    const Router router({row("GET", "/v1/x")}, nobody, Envelope::scaiflow);
    const auto id_for = [&](const std::string& sent) {
        auto value = request("GET", "/v1/x");
        if (!sent.empty())
            value.headers["x-request-id"] = sent;
        return header(send(router, value), "X-Request-ID");
    };
    BOOST_TEST(id_for("abc-1.2_X") == "abc-1.2_X");
    for (const auto& bad : {std::string(), std::string("a b"), std::string("a\"b"), std::string(129, 'a')}) {
        const auto made = id_for(bad);
        BOOST_TEST(made.starts_with("req_"));
        BOOST_TEST(made.size() == 28U);
    }
    BOOST_TEST(id_for("") != id_for(""));
}

BOOST_AUTO_TEST_CASE(answers_are_not_stored_unless_the_handler_says_so) {
    const Router router({row("GET", "/v1/x"), failing("/v1/cached",
                                                      [](const Request&) -> Result<Response> {
                                                          Response out;
                                                          out.body = "{}";
                                                          out.header("cache-control", "max-age=60");
                                                          return out;
                                                      })},
                        nobody, Envelope::scaiflow);
    BOOST_TEST(header(send(router, request("GET", "/v1/x")), "Cache-Control") == "no-store");
    const auto cached = send(router, request("GET", "/v1/cached"));
    BOOST_TEST(header(cached, "Cache-Control") == "");
    BOOST_TEST(header(cached, "cache-control") == "max-age=60");
    BOOST_TEST(header(cached, "Content-Type") == "application/json");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(lib_web_errors)

BOOST_AUTO_TEST_CASE(scaiflow_details_are_text_list_or_object) {
    const auto body = [](const Error& error) {
        return error_response(error, Envelope::scaiflow, "req_1").body;
    };
    BOOST_TEST(body({.kind = ErrorKind::not_found, .message = "no such user"}) ==
               R"({"detail":"no such user"})");
    BOOST_TEST(body({.kind = ErrorKind::unprocessable,
                     .message = "is required",
                     .fields = {{.path = "body.role", .message = "is required"},
                                {.path = "body.items[2].name", .message = "too long", .type = "t"}}}) ==
               R"({"detail":[{"loc":["body","role"],"msg":"is required","type":"value_error"},)"
               R"({"loc":["body","items",2,"name"],"msg":"too long","type":"t"}]})");
    BOOST_TEST(body({.kind = ErrorKind::upstream,
                     .code = "scaiqueue_auth",
                     .message = "m",
                     .fix = "grant it",
                     .extra = {{"scope", "finance"}}}) ==
               R"({"detail":{"error":"scaiqueue_auth","message":"m","fix":"grant it","scope":"finance"}})");
}

BOOST_AUTO_TEST_CASE(scaivault_errors_carry_code_details_and_request_id) {
    const auto body = [](const Error& error) {
        return error_response(error, Envelope::scaivault, "req_1").body;
    };
    BOOST_TEST(
        body({.kind = ErrorKind::not_found,
              .code = "secret_not_found",
              .message = "m",
              .extra = {{"path", "a/b"}}}) ==
        R"({"error":{"code":"secret_not_found","message":"m","details":{"path":"a/b"},"request_id":"req_1"}})");
    BOOST_TEST(
        body({.kind = ErrorKind::unprocessable, .fields = {{.path = "body.x", .message = "bad"}}}) ==
        R"({"error":{"code":"validation_error","message":"body.x: bad","details":{"fields":[{"field":"body.x",)"
        R"("message":"bad"}]},"request_id":"req_1"}})");
    const auto message = [&](std::string text, std::vector<scai::FieldError> fields) {
        const Error error{
            .kind = ErrorKind::unprocessable, .message = std::move(text), .fields = std::move(fields)};
        return scai::json::parse(body(error))->get("error").member("message");
    };
    BOOST_TEST(message("a: is wrong", {{"a", "is wrong"}}) == "a: is wrong");
    BOOST_TEST(message("is wrong", {{"a", "is wrong"}}) == "a: is wrong");
    BOOST_TEST(message("malformed", {{"a", "is wrong"}, {"b", "too"}}) ==
               "malformed: a: is wrong (and 1 more)");
}

BOOST_AUTO_TEST_CASE(scaigrid_errors_carry_status_code_and_request_id) {
    const auto body = [](const Error& error) {
        return error_response(error, Envelope::scaigrid, "req_1").body;
    };
    BOOST_CHECK_EQUAL(body({.kind = ErrorKind::not_found, .message = "no such Core"}),
                      R"({"status":"error","error":{"code":"NOT_FOUND","message":"no such Core"},)"
                      R"("meta":{"request_id":"req_1"}})");
    BOOST_CHECK_EQUAL(body({.kind = ErrorKind::unprocessable,
                            .message = "name is required",
                            .fields = {{"name", "missing"}},
                            .retry_after_seconds = 3}),
                      R"({"status":"error","error":{"code":"VALIDATION_ERROR","message":"name is required",)"
                      R"("retry_after":3,"details":[{"field":"name","message":"missing"}]},)"
                      R"("meta":{"request_id":"req_1"}})");
}

BOOST_AUTO_TEST_CASE(a_structured_scaiflow_error_takes_further_json) {
    BOOST_CHECK_EQUAL(error_response({.kind = ErrorKind::upstream,
                                      .code = "scaicore_create_failed",
                                      .message = "verifier error: bad block",
                                      .details = R"({"status":422})"},
                                     Envelope::scaiflow, "req_1")
                          .body,
                      R"({"detail":{"error":"scaicore_create_failed","message":"verifier error: bad block",)"
                      R"("status":422}})");
}

BOOST_AUTO_TEST_CASE(oauth_errors_have_their_own_form_under_any_envelope) {
    for (const auto envelope : {Envelope::scaiflow, Envelope::scaivault}) {
        const auto grant = error_response(
            {.kind = ErrorKind::bad_request, .code = "oauth:invalid_grant", .message = "code already used"},
            envelope, "req_1");
        BOOST_TEST(grant.status == 400);
        BOOST_TEST(grant.body == R"({"error":"invalid_grant","error_description":"code already used"})");
        const auto client = error_response(
            {.kind = ErrorKind::unauthenticated, .code = "oauth:invalid_client"}, envelope, "req_1");
        BOOST_TEST(client.status == 401);
        BOOST_TEST(header(client, "WWW-Authenticate").starts_with("Basic"));
    }
}

BOOST_AUTO_TEST_CASE(every_kind_has_its_status_and_retry_after_is_sent) {
    const std::vector<std::pair<ErrorKind, int>> expected{{ErrorKind::bad_request, 400},
                                                          {ErrorKind::unauthenticated, 401},
                                                          {ErrorKind::forbidden, 403},
                                                          {ErrorKind::not_found, 404},
                                                          {ErrorKind::method_not_allowed, 405},
                                                          {ErrorKind::conflict, 409},
                                                          {ErrorKind::gone, 410},
                                                          {ErrorKind::precondition_failed, 412},
                                                          {ErrorKind::too_large, 413},
                                                          {ErrorKind::unsupported_media, 415},
                                                          {ErrorKind::unprocessable, 422},
                                                          {ErrorKind::rate_limited, 429},
                                                          {ErrorKind::upstream, 502},
                                                          {ErrorKind::unavailable, 503},
                                                          {ErrorKind::timeout, 504}};
    for (const auto& [kind, status] : expected)
        BOOST_TEST(status_of(kind) == status);
    const auto limited =
        error_response({.kind = ErrorKind::rate_limited, .message = "slow down", .retry_after_seconds = 7},
                       Envelope::scaiflow, "");
    BOOST_TEST(header(limited, "Retry-After") == "7");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

std::string params_of(const Response& response) {
    return json::parse(response.body)->get("params").dump(true);
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_web_router)

BOOST_AUTO_TEST_CASE(a_parameter_with_dots_takes_one_or_more_segments) {
    const Router router({row("GET", "/v1/secrets/{path...}")}, nobody, Envelope::scaivault);
    for (const char* path : {"a", "a/b", "a/b/c/d/e/f/g/h/i/j/k", "a//b", "a/"}) {
        const auto answer = send(router, request("GET", std::string("/v1/secrets/") + path));
        BOOST_TEST(answer.status == 200, path);
        BOOST_TEST(params_of(answer) == json::Value::object({{"path", path}}).dump(), path);
    }
    for (const char* path : {"/v1/secrets", "/v1/secrets/", "/v1/secret/a"})
        BOOST_TEST(send(router, request("GET", path)).status == 404, path);
}

BOOST_AUTO_TEST_CASE(what_follows_the_rest_belongs_to_the_end_of_the_path) {
    for (const bool swapped : {false, true}) {
        std::vector<ErasedRoute> rows{
            row("GET", "/v1/secrets/{path...}"), row("GET", "/v1/secrets/{path...}/versions"),
            row("GET", "/v1/secrets/expiring"), row("GET", "/v1/secrets/{path...}/versions/{number}")};
        if (swapped)
            std::reverse(rows.begin(), rows.end());
        const Router router(rows, nobody, Envelope::scaivault);
        const auto answer = [&](const char* path) { return send(router, request("GET", path)); };
        BOOST_TEST(row_of(answer("/v1/secrets/expiring")) == "GET /v1/secrets/expiring");
        BOOST_TEST(row_of(answer("/v1/secrets/expiring/x")) == "GET /v1/secrets/{path...}");
        BOOST_TEST(row_of(answer("/v1/secrets/a/b/versions")) == "GET /v1/secrets/{path...}/versions");
        BOOST_TEST(params_of(answer("/v1/secrets/a/b/versions")) == R"({"path":"a/b"})");
        BOOST_TEST(row_of(answer("/v1/secrets/versions")) == "GET /v1/secrets/{path...}");
        BOOST_TEST(params_of(answer("/v1/secrets/a/b/versions/7")) == R"({"number":"7","path":"a/b"})");
        BOOST_TEST(params_of(answer("/v1/secrets/versions/versions")) == R"({"path":"versions"})");
    }
}

BOOST_AUTO_TEST_CASE(two_rests_and_rests_at_the_same_place_are_refused) {
    BOOST_CHECK_THROW(Router({row("GET", "/v1/{a...}/{b...}")}, nobody, Envelope::scaivault),
                      std::logic_error);
    BOOST_CHECK_THROW(Router({row("GET", "/v1/{...}")}, nobody, Envelope::scaivault), std::logic_error);
    BOOST_CHECK_THROW(two("/v1/{a...}", "/v1/{b...}"), std::logic_error);
    BOOST_CHECK_THROW(two("/v1/{a...}/x", "/v1/{b...}/x"), std::logic_error);
    BOOST_CHECK_THROW(two("/v1/{a...}/{n}", "/v1/{b...}/{m}"), std::logic_error);
    BOOST_CHECK_NO_THROW(two("/v1/{a...}/x", "/v1/{b...}/y"));
    BOOST_CHECK_NO_THROW(two("/v1/{a...}/x", "/v1/{b...}/{m}"));
    BOOST_CHECK_NO_THROW(two("/v1/{a...}", "/v1/{b}"));
}

BOOST_AUTO_TEST_CASE(methods_of_a_rest_are_told_apart) {
    const Router router({row("GET", "/v1/secrets/{path...}"), row("POST", "/v1/secrets/{path...}/rotate")},
                        nobody, Envelope::scaivault);
    BOOST_TEST(row_of(send(router, request("POST", "/v1/secrets/a/rotate"))) ==
               "POST /v1/secrets/{path...}/rotate");
    BOOST_TEST(row_of(send(router, request("GET", "/v1/secrets/a/rotate"))) == "GET /v1/secrets/{path...}");
    const auto wrong = send(router, request("PUT", "/v1/secrets/a/rotate"));
    BOOST_TEST(wrong.status == 405);
    BOOST_TEST(header(wrong, "Allow") == "GET, HEAD, POST, OPTIONS");
    BOOST_TEST(router.pattern_for("POST", "/v1/secrets/a/b/rotate") == "/v1/secrets/{path...}/rotate");
    BOOST_TEST(router.max_body_for("POST", "/v1/secrets/a/b/rotate") == small_body);
}

BOOST_AUTO_TEST_CASE(a_selector_prefix_is_taken_off_the_path) {
    std::string seen;
    auto remembering = failing("/v1/secrets/{path...}", [&](const Request& request) -> Result<Response> {
        seen = request.selector + " " + request.path + " " + request.param("path");
        return Response::no_content();
    });
    const Router router({remembering, row("GET", "/v1/t")}, nobody, Envelope::scaivault,
                        {.selector_prefix = "/v1/t/"});
    for (const char* path : {"/v1/t/tnt_1/secrets/a/b", "/api/v1/t/tnt_1/secrets/a/b"}) {
        BOOST_TEST(send(router, request("GET", path)).status == 204, path);
        BOOST_TEST(seen == "tnt_1 /v1/secrets/a/b a/b");
    }
    BOOST_TEST(send(router, request("GET", "/v1/secrets/a")).status == 204);
    BOOST_TEST(seen == " /v1/secrets/a a");
    BOOST_TEST(send(router, request("GET", "/v1/t")).status == 200);
    for (const char* path : {"/v1/t/tnt_1", "/v1/t/", "/v1/t/tnt_1/", "/v1/t/tnt_1/nothing",
                             "/v1/t/a/t/b/secrets/x"}) // chosen once, not twice
        BOOST_TEST(send(router, request("GET", path)).status == 404, path);
    BOOST_TEST(send(router, request("GET", "/v1/t/../secrets/x")).status == 400);
    BOOST_TEST(router.max_body_for("GET", "/v1/t/tnt_1/secrets/a") == small_body);
}

BOOST_AUTO_TEST_CASE(an_empty_selector_is_no_selector) {
    const Router router({row("GET", "/v1/secrets/{path...}")}, nobody, Envelope::scaivault,
                        {.selector_prefix = "/v1/t/"});
    BOOST_TEST(send(router, request("GET", "/v1/t//secrets/a")).status == 404);
}

BOOST_AUTO_TEST_CASE(the_hook_sees_every_request_and_may_change_its_answer) {
    std::vector<int> statuses;
    const Router router(
        {row("GET", "/v1/x"), row("GET", "/v1/guarded", Access::authenticated()),
         failing("/v1/broken", [](const Request&) -> Result<Response> { throw std::logic_error("ours"); })},
        nobody, Envelope::scaivault, {.around = [&](Request& request, const std::function<Response()>& next) {
            request.attachment = std::make_shared<int>(7);
            auto response = next();
            statuses.push_back(response.status);
            response.header("X-Around", "yes");
            return response;
        }});
    for (const char* path : {"/v1/x", "/v1/guarded", "/v1/broken", "/v1/nothing", "/v1/.."}) {
        const auto answer = send(router, request("GET", path));
        BOOST_TEST(header(answer, "X-Around") == "yes", path);
        BOOST_TEST(!header(answer, "X-Request-ID").empty(), path);
    }
    BOOST_TEST(statuses == (std::vector{200, 401, 500, 404, 400}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_the_hook_throws_takes_the_place_of_the_answer) {
    const Router router({row("GET", "/v1/x")}, nobody, Envelope::scaivault,
                        {.around = [](Request&, const std::function<Response()>& next) -> Response {
                            const auto lost = next();
                            BOOST_TEST(lost.status == 200);
                            throw db::Unavailable("08006", "append");
                        }});
    const auto answer = send(router, request("GET", "/v1/x"));
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.body.find("GET /v1/x") == std::string::npos);
    BOOST_TEST(json::parse(answer.body)->get("error").member("code") == "service_unavailable");
}

BOOST_AUTO_TEST_SUITE_END()
