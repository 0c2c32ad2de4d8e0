// What a person may answer at a checkpoint; events of authors. SPDX-License-Identifier: Apache-2.0
#include "lib/scir/answers.hpp"
#include "lib/scir/ir.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/scir_modules.hpp"
#include "tests/support/scripted_host.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;
using scai::scir::resolution_problem;
using scai::test::loose_json;

BOOST_AUTO_TEST_SUITE(lib_scir_answers)

BOOST_AUTO_TEST_CASE(a_resolution_is_one_of_the_options) {
    const Value request = loose_json("{'options': ['yes', {'id': 'no', 'label': 'No'}]}");
    for (const Value& good : {Value("yes"), Value("no"), Value(nullptr),
                              Value::object({{"resolution", "no"}}), Value::object({{"comment", "x"}})})
        BOOST_TEST(!resolution_problem(request, good).has_value());
    for (const Value& bad :
         {Value("maybe"), Value(1), Value(true), Value::array(), Value::object({{"resolution", "maybe"}})})
        BOOST_TEST(resolution_problem(request, bad).has_value());
    BOOST_TEST(!resolution_problem(Value::object(), "anything").has_value());
}

BOOST_AUTO_TEST_CASE(decisions_of_a_form_bind_the_members_of_their_names) {
    const Value request = loose_json(
        "{'hitl_target': {'hitl_spec': {'sections': [{'type': 'context'}, {'type': 'decision', 'field': "
        "'verdict', 'options': ['pay', 'refuse']}, {'type': 'decision', 'field': 'when', 'options': "
        "['now']}]}}}");
    for (const Value& good : {Value("pay"), loose_json("{'verdict': 'refuse', 'when': 'now', 'note': 'x'}")})
        BOOST_TEST(!resolution_problem(request, good).has_value());
    for (const Value& bad :
         {Value("now"), loose_json("{'verdict': 'maybe'}"), loose_json("{'when': 'later'}")})
        BOOST_TEST(resolution_problem(request, bad).has_value());
}

BOOST_AUTO_TEST_CASE(the_flow_gets_the_id_that_was_chosen) {
    const auto value = [](const char* request, const char* resolution) {
        return scai::scir::resolution_value(loose_json(request), loose_json(resolution)).dump();
    };
    const auto* options = "{'options': ['yes', 'no']}";
    BOOST_TEST(value(options, "{'decision': 'yes', 'comment': 'ok'}") == "\"yes\"");
    BOOST_TEST(value(options, "{'resolution': 'no'}") == "\"no\"");
    BOOST_TEST(value(options, "{'comment': 'ok'}") == R"({"comment":"ok"})");
    const auto* form =
        "{'hitl_target': {'hitl_spec': {'sections': [{'type': 'input', 'field': 'note'}, {'type': "
        "'decision', 'field': 'verdict', 'options': [{'id': 'pay'}, 'refuse']}]}}}";
    BOOST_TEST(value(form, "{'verdict': 'pay', 'note': 'x'}") == "\"pay\"");
    BOOST_TEST(value(form, "{'decision': 'refuse'}") == "\"refuse\"");
    BOOST_TEST(value(form, "{'note': 'x'}") == R"({"note":"x"})");
    BOOST_TEST(value("{}", "{'decision': 'yes'}") == R"({"decision":"yes"})");
}

BOOST_AUTO_TEST_CASE(an_emit_is_told_with_its_payload) {
    scai::test::ScriptedHost host;
    const scai::test::FakeClock clock;
    const Value module = scai::test::module_of(
        "[{'kind': 'rigid', 'node_id': 'node_a', 'statements': [{'kind': 'emit', 'event': 'order.seen', "
        "'payload': {'who': '${input.name}'}}]}]");
    BOOST_TEST(scai::scir::verify(module).empty());
    const auto result = scai::scir::run(module, "", loose_json("{'name': 'Ada'}"), host, {}, clock);
    BOOST_TEST((result.status == scai::scir::RunResult::Status::completed));
    BOOST_TEST_REQUIRE(host.events.size() == 3U);
    BOOST_TEST(host.events[1].type == "emit");
    BOOST_TEST(host.events[1].message == "order.seen");
    BOOST_TEST(host.events[1].value.member("who") == "Ada");
    const Value nameless = scai::test::module_of(
        "[{'kind': 'rigid', 'node_id': 'node_a', 'statements': [{'kind': 'emit', 'payload': {}}]}]");
    BOOST_TEST(!scai::scir::verify(nameless).empty());
}

BOOST_AUTO_TEST_SUITE_END()
