// Request accessors and the reading of CGI variables. SPDX-License-Identifier: Apache-2.0
#include "lib/web/gateway.hpp"
#include "lib/web/parse.hpp"

#include <boost/test/unit_test.hpp>

using namespace scai;
using namespace scai::web;

namespace {

Arrival read(std::vector<std::string> variables, const ServerSettings& settings = {},
             PathSource source = PathSource::request_uri) {
    std::vector<const char*> raw;
    for (const auto& variable : variables)
        raw.push_back(variable.c_str());
    raw.push_back(nullptr);
    return read_variables(raw.data(), settings, source);
}

Request with_body(std::string body, std::string type = "application/json") {
    Request out;
    out.body = std::move(body);
    if (!type.empty())
        out.headers["content-type"] = std::move(type);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_web_request)

BOOST_AUTO_TEST_CASE(json_object_takes_objects_only) {
    BOOST_TEST(with_body(R"({"a":1})").json_object()->get("a").integer().value() == 1);
    BOOST_TEST(with_body(R"({"a":1})", "").json_object()->size() == 1U);
    BOOST_TEST(with_body("").json_object(true)->is_object());
    for (const char* body : {"", "[]", "7", "null", "\"x\""}) {
        const auto result = with_body(body).json_object();
        BOOST_REQUIRE(!result);
        BOOST_TEST((result.error().kind == ErrorKind::unprocessable), body);
    }
    for (const char* body : {"{", R"({"a":1,"a":2})", "{\"a\":\"\\u0000\"}", "{} x", "{\"a\":\"\xFF\"}"})
        BOOST_TEST((with_body(body).json_object().error().kind == ErrorKind::bad_request), body);
    BOOST_TEST((with_body("a=1", "application/x-www-form-urlencoded").json_object().error().kind ==
                ErrorKind::unsupported_media));
}

BOOST_AUTO_TEST_CASE(form_refuses_repeated_fields_and_other_types) {
    const auto form = with_body("grant_type=x&code=a%2Bb+c", "application/x-www-form-urlencoded").form();
    BOOST_TEST(form->at("code") == "a+b c");
    BOOST_TEST((with_body("a=1&a=2", "application/x-www-form-urlencoded").form().error().kind ==
                ErrorKind::bad_request));
    BOOST_TEST((with_body("{}", "application/json").form().error().kind == ErrorKind::unsupported_media));
    BOOST_TEST(with_body("", "").form()->empty());
}

BOOST_AUTO_TEST_CASE(query_integer_out_of_range_names_the_parameter) {
    Request request;
    request.query = {{"limit", "5"}, {"bad", "5x"}, {"big", "99999999999999999999"}, {"empty", ""}};
    BOOST_TEST(request.query_int("limit", 1, 1, 10).value() == 5);
    BOOST_TEST(request.query_int("absent", 3, 1, 10).value() == 3);
    for (const char* name : {"bad", "big", "empty"}) {
        const auto result = request.query_int(name, 1, 1, 10);
        BOOST_REQUIRE(!result);
        BOOST_TEST((result.error().kind == ErrorKind::unprocessable));
        BOOST_TEST(result.error().fields.at(0).path == "query." + std::string(name));
    }
    BOOST_TEST(!request.query_int("limit", 1, 6, 10));
    BOOST_TEST(!request.query_int("limit", 1, 1, 4));
}

BOOST_AUTO_TEST_CASE(cookies_are_split_and_the_first_of_a_name_counts) {
    Request request;
    request.headers["cookie"] = "a=1; b=\"two\"; a=3; broken; =x; c=x=y";
    const auto cookies = request.cookies();
    BOOST_TEST(cookies.size() == 3U);
    BOOST_TEST(cookies.at("a") == "1");
    BOOST_TEST(cookies.at("b") == "two");
    BOOST_TEST(cookies.at("c") == "x=y");
}

BOOST_AUTO_TEST_CASE(asking_for_an_undeclared_parameter_is_a_bug) {
    BOOST_CHECK_THROW(static_cast<void>(Request().param("id")), std::logic_error);
}

BOOST_AUTO_TEST_CASE(variables_become_a_request) {
    const auto arrival =
        read({"REQUEST_METHOD=POST", "REQUEST_URI=/api/v1/a%20b?x=1", "QUERY_STRING=x=1",
              "HTTP_HOST=flow.example", "HTTP_X_REQUEST_ID=abc", "CONTENT_TYPE=application/json",
              "CONTENT_LENGTH=12", "REMOTE_ADDR=10.0.0.9", "REQUEST_SCHEME=https", "NOEQUALS"});
    const auto& request = arrival.request;
    BOOST_TEST(request.problem == "");
    BOOST_TEST(request.method == "POST");
    BOOST_TEST(request.path == "/api/v1/a b");
    BOOST_TEST(request.raw_query == "x=1");
    BOOST_TEST(request.header("x-request-id") == "abc");
    BOOST_TEST(request.header("content-type") == "application/json");
    BOOST_TEST(request.header("absent") == "");
    BOOST_TEST(request.remote_address == "10.0.0.9");
    BOOST_TEST(request.base_url == "https://flow.example");
    BOOST_TEST(arrival.content_length.value() == 12U);
}

BOOST_AUTO_TEST_CASE(cgi_takes_path_info) {
    const auto arrival = read({"REQUEST_METHOD=GET", "REQUEST_URI=/cgi-bin/scaiflow-health/v1/health?q=1",
                               "PATH_INFO=/v1/health", "SCRIPT_NAME=/cgi-bin/scaiflow-health"},
                              {}, PathSource::path_info);
    BOOST_TEST(arrival.request.path == "/v1/health");
    BOOST_TEST(
        read({"REQUEST_METHOD=GET", "REQUEST_URI=/v1/x?q=1"}, {}, PathSource::path_info).request.raw_query ==
        "q=1");
}

BOOST_AUTO_TEST_CASE(unreadable_requests_carry_the_problem) {
    for (const char* uri : {"/v1/%", "/v1/%4", "/v1/%zz", "/a%2Fb", "/a%2fb", "x", "*"})
        BOOST_TEST(!read({"REQUEST_METHOD=GET", std::string("REQUEST_URI=") + uri}).request.problem.empty(),
                   uri);
    BOOST_TEST(!read({"REQUEST_URI=/v1/x"}).request.problem.empty());
    for (const char* length : {"x", "-1", "99999999999999999999", "1 2"})
        BOOST_TEST(!read({"REQUEST_METHOD=POST", "REQUEST_URI=/", std::string("CONTENT_LENGTH=") + length})
                        .request.problem.empty(),
                   length);
    const auto nul = read({"REQUEST_METHOD=GET", "REQUEST_URI=/v1/%00"}).request;
    BOOST_TEST(nul.problem == ""); // decodes; the router refuses it
    BOOST_TEST(!check_path(nul.path));
}

BOOST_AUTO_TEST_CASE(forwarded_headers_count_only_from_trusted_proxies) {
    const std::vector<std::string> variables{"REQUEST_METHOD=GET",
                                             "REQUEST_URI=/",
                                             "REMOTE_ADDR=10.0.0.1",
                                             "HTTP_HOST=inner",
                                             "HTTP_X_FORWARDED_FOR=6.6.6.6, 203.0.113.7, 10.0.0.2",
                                             "HTTP_X_FORWARDED_PROTO=https",
                                             "HTTP_X_FORWARDED_HOST=outer.example"};
    const auto plain = read(variables).request;
    BOOST_TEST(plain.remote_address == "10.0.0.1");
    BOOST_TEST(plain.base_url == "http://inner");
    const auto trusted = read(variables, {.trusted_proxies = {"10.0.0.1", "10.0.0.2"}}).request;
    BOOST_TEST(trusted.remote_address == "203.0.113.7"); // the rightmost that is no proxy of ours
    BOOST_TEST(trusted.base_url == "https://outer.example");
    const auto fixed = read(variables, {.base_url = "https://set.example"}).request;
    BOOST_TEST(fixed.base_url == "https://set.example");
    const auto hostile =
        read({"REQUEST_METHOD=GET", "REQUEST_URI=/", "HTTP_HOST=a\"><b", "SERVER_NAME=s", "SERVER_PORT=8080"})
            .request;
    BOOST_TEST(hostile.base_url == "http://s:8080");
}

BOOST_AUTO_TEST_CASE(header_text_cannot_be_split_by_a_value) {
    auto response = Response::redirect("https://a/\r\nSet-Cookie: x=1");
    response.header("X-Good", "1");
    const auto text = header_text(response);
    BOOST_TEST(text.find("Set-Cookie") == std::string::npos);
    BOOST_TEST(text.find("X-Good: 1\r\n") != std::string::npos);
    BOOST_TEST(text.starts_with("Status: 302 Found\r\n"));
    BOOST_TEST(header_text(Response::no_content()).find("Content-Length") == std::string::npos);
    BOOST_TEST(header_text(Response::text("abc", "text/plain")).find("Content-Length: 3\r\n") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
