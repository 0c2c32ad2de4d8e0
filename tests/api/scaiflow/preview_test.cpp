// Compile and validate through nginx. SPDX-License-Identifier: Apache-2.0
#include "tests/api/scaiflow/caller.hpp"

#include "lib/crypto/crypto.hpp"

namespace {

using scai::json::Value;

test::Stack::Response compile(const Value& content, const char* format) {
    return test::member().send("POST", "/v1/flows/compile",
                               Value::object({{"content", content}, {"format", format}}));
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaiflow_preview)

BOOST_AUTO_TEST_CASE(every_format_is_what_the_command_line_makes_of_the_same_flow) {
    const auto content = test::example("expense_approval");
    for (const char* format : {"yaml", "ir", "scai"}) {
        const auto answer = compile(content, format);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        const auto body = test::json_of(answer);
        BOOST_TEST(body.member("format") == format);
        BOOST_TEST(body.get("errors").size() == 0U, answer.body);
        const auto made = test::stack().program(
            "scaiflow", {"compile", "-", "--format", format, "--out", "-"}, content.dump());
        BOOST_TEST_REQUIRE(made.status == 0, made.all());
        auto text = body.member("body");
        if (std::string(format) == "ir")
            text = scai::crypto::from_base64(text).value_or("no base64");
        BOOST_TEST((text == made.out), format << " differs from the command line's");
    }
}

BOOST_AUTO_TEST_CASE(a_broken_flow_is_an_answer_with_every_error) {
    const auto broken = Value::object({{"id", "flow_x"},
                                       {"name", "x"},
                                       {"version", "1.0.0"},
                                       {"nodes", Value::array()},
                                       {"edges", Value::array()}});
    const auto compiled = compile(broken, "yaml");
    BOOST_TEST(compiled.status == 200);
    BOOST_TEST(test::json_of(compiled).member("body") == "");
    BOOST_TEST(compiled.body.find("flow has no entry-point node") != std::string::npos, compiled.body);
    const auto checked =
        test::member().send("POST", "/api/v1/flows/validate", Value::object({{"content", broken}}));
    BOOST_TEST(checked.status == 200);
    BOOST_TEST(test::json_of(checked).get("valid").boolean().value_or(true) == false);
    BOOST_TEST(test::json_of(checked).get("diagnostics").size() > 0U);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_the_request_is_no_answer_about_a_flow) {
    const auto member = test::member();
    for (const char* path : {"/v1/flows/compile", "/v1/flows/validate"}) {
        BOOST_TEST(test::stack().post(path, Value::object()).status == 401, path);
        BOOST_TEST(member.get(path).status == 405, path);
        BOOST_TEST(member.text("POST", path, "{").status == 400, path);
        BOOST_TEST(member.text("POST", path, R"({"content":[]})").status == 422, path);
        BOOST_TEST(
            member.text("POST", path, R"({"content":{"x":")" + std::string(6U << 20U, 'x') + "\"}}").status ==
                413,
            path);
    }
    BOOST_TEST(compile(test::example("hello"), "pdf").status == 422);
}

BOOST_AUTO_TEST_SUITE_END()
