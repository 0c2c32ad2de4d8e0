// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/preview/handlers.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scir/codec.hpp"
#include "tests/support/flow_api.hpp"
#include "tests/support/flow_builder.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;
using scai::test::FlowBuilder;

namespace {

struct Api : test::FlowApi {
    Api() : FlowApi("preview", scaiflow::preview_api::routes()) {
        who = test::plain_user();
        who.permissions = {"scaicore:view"};
    }
    test::FlowAnswer post(const std::string& what, const Value& body) {
        return call("POST", "/v1/flows/" + what, body.dump());
    }
};

Value good_flow() {
    return FlowBuilder("Good Flow")
        .entry()
        .step("a")
        .chain({"start", "a"})
        .member("variables", Value::array({Value::object({{"name", "v"}, {"type", "string"}})}))
        .content();
}

Value without_entry() {
    return FlowBuilder("No Entry")
        .step("a")
        .member("variables", Value::array({Value::object({{"name", "v"}, {"type", "string"}})}))
        .content();
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_preview)

BOOST_AUTO_TEST_CASE(compile_answers_every_format_and_yaml_by_default) {
    Api api;
    const Value content = good_flow();
    const auto yaml = api.post("compile", Value::object({{"content", content}}));
    BOOST_TEST_REQUIRE(yaml.status == 200, yaml.body);
    BOOST_TEST(yaml.json.member("format") == "yaml");
    BOOST_TEST(yaml.json.member("body").starts_with("core:\n  name: good-flow\n"));
    BOOST_TEST(yaml.json.get("errors").size() == 0);
    const auto scai = api.post("compile", Value::object({{"content", content}, {"format", "scai"}}));
    BOOST_TEST(scai.json.member("body").starts_with("// \"flow_test\""));
    const auto ir = api.post("compile", Value::object({{"content", content}, {"format", "ir"}}));
    const auto bytes = scai::crypto::from_base64(ir.json.member("body"));
    BOOST_TEST_REQUIRE(bytes.has_value());
    BOOST_TEST(bytes->substr(0, 4) == "SCIR");
    BOOST_TEST(scai::scir::decode(*bytes)->member("name") == "good-flow");
}

BOOST_AUTO_TEST_CASE(errors_of_the_flow_are_an_answer_with_an_empty_body) {
    Api api;
    for (const auto* format : {"yaml", "ir", "scai"}) {
        const auto answer =
            api.post("compile", Value::object({{"content", without_entry()}, {"format", format}}));
        BOOST_TEST_REQUIRE(answer.status == 200);
        BOOST_TEST(answer.json.get("body").text().value() == "");
        BOOST_TEST(answer.json.get("errors").at(0).text_or("") == "flow has no entry-point node");
        BOOST_TEST(answer.json.get("diagnostics").at(0).member("severity") == "error");
        BOOST_TEST(answer.json.get("diagnostics").at(0).get("node_id").is_null());
    }
    const auto shapeless = api.post("compile", Value::object({{"content", Value::object()}}));
    BOOST_TEST(shapeless.status == 200);
    BOOST_TEST(shapeless.json.get("errors").size() > 0);
}

BOOST_AUTO_TEST_CASE(validate_lists_all_that_is_wrong) {
    Api api;
    const auto good = api.post("validate", Value::object({{"content", good_flow()}}));
    BOOST_TEST(good.status == 200);
    BOOST_TEST(good.json.get("valid").boolean().value());
    BOOST_TEST(good.json.get("diagnostics").is_array());
    FlowBuilder flow;
    flow.entry().step("a").node("l", "llm_flexible", Value::object({{"goal", "x"}, {"llm_role", "nobody"}}));
    flow.edge("start.oops", "a").edge("a", "l");
    const auto bad = api.post("validate", Value::object({{"content", flow.content()}}));
    BOOST_TEST(bad.status == 200);
    BOOST_TEST(!bad.json.get("valid").boolean().value());
    BOOST_TEST(bad.body.find("edge 'edge_1': source node 'node_start' has no output port 'oops'") !=
               std::string::npos);
    BOOST_TEST(bad.body.find("llm_role='nobody' is not declared") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_bad_envelope_is_refused_by_field) {
    Api api;
    const auto expect = [&](const char* what, const std::string& body, const std::string& field) {
        const auto answer = api.call("POST", std::string("/v1/flows/") + what, body);
        BOOST_TEST(answer.status == 422, body);
        BOOST_TEST(answer.body.find("\"" + field + "\"") != std::string::npos, answer.body);
    };
    for (const auto* what : {"compile", "validate"}) {
        expect(what, "{}", "content");
        expect(what, R"({"content":[]})", "content");
        expect(what, R"({"content":"x"})", "content");
    }
    expect("compile", R"({"content":{},"format":"pdf"})", "format");
    expect("compile", R"({"content":{},"format":1})", "format");
    BOOST_TEST(api.call("POST", "/v1/flows/compile", "[").status == 400);
    BOOST_TEST(api.call("GET", "/v1/flows/compile").status == 405);
}

BOOST_AUTO_TEST_CASE(what_is_too_large_to_save_is_too_large_to_preview) {
    Api api;
    FlowBuilder crowd;
    for (int i = 0; i < 2001; ++i)
        crowd.step("n" + std::to_string(i));
    const Value big =
        Value::object({{"metadata", Value::object({{"x", std::string((5U << 20U) + 1, 'x')}})}});
    for (const auto* what : {"compile", "validate"}) {
        BOOST_TEST(api.post(what, Value::object({{"content", crowd.content()}})).status == 422);
        BOOST_TEST(api.post(what, Value::object({{"content", big}})).status == 413);
        BOOST_TEST(
            api.call("POST", std::string("/v1/flows/") + what, std::string((10U << 20U) + 1, ' ')).status ==
            413);
    }
}

BOOST_AUTO_TEST_CASE(it_takes_the_permission_to_view_and_nothing_else) {
    Api api;
    for (const auto& route : scaiflow::preview_api::routes()) {
        BOOST_REQUIRE((route.access.kind() == scai::web::Access::Kind::permission));
        BOOST_TEST(route.access.name() == "scaicore:view");
        const std::string body = Value::object({{"content", good_flow()}}).dump();
        api.who.permissions.clear();
        BOOST_TEST(api.call("POST", std::string(route.pattern), body).status == 403);
        api.who.permissions = {"scaicore:view"};
        BOOST_TEST(api.call("POST", std::string(route.pattern), body).status == 200);
        const auto bad = api.call_as("x.y.z", "POST", std::string(route.pattern), body);
        BOOST_TEST(bad.status == 401);
    }
}

BOOST_AUTO_TEST_SUITE_END()
