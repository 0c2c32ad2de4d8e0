// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/testing/testing.hpp"

#include "tests/support/fake_clock.hpp"
#include "tests/support/scir_modules.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;
using scai::test::loose_json;
namespace testing = scaiflow::testing;

namespace {

std::string node(const std::string& id, const std::string& type, const std::string& config,
                 const std::string& outputs = "[{'id': 'out'}]") {
    return "{'id': '" + id + "', 'type': '" + type + "', 'label': '" + id +
           "', 'position': {'x': 0, 'y': 0}, 'config': " + config +
           ", 'inputs': [{'id': 'in'}], 'outputs': " + outputs + "}";
}
std::string edge(const std::string& from, const std::string& to, const std::string& condition = "",
                 const std::string& port = "out") {
    return "{'id': 'edge_" + from + "_" + to + "', 'type': '" +
           (condition.empty() ? "sequential" : "conditional") + "', 'source': {'node': '" + from +
           "', 'port': '" + port + "'}, 'target': {'node': '" + to + "', 'port': 'in'}" +
           (condition.empty() ? "" : ", 'condition': '" + condition + "'") + "}";
}

/// sort -> search -> decide -> (pay | review) -> publish.
Value flow(const std::string& tests, const std::string& more_nodes = "", const std::string& more_edges = "") {
    return loose_json(
        "{'id': 'flow_1', 'name': 'Parcel Claims', 'version': '1.0.0', 'metadata': {}, 'nodes': ["
        "{'id': 'node_in', 'type': 'entry_api', 'label': 'in', 'position': {'x': 0, 'y': 0}, 'config': {}, "
        "'inputs': [], 'outputs': [{'id': 'out'}]}," +
        node("node_sort", "llm_flexible",
             "{'goal': 'Sort {{message}}', 'output_schema': {'cause': 'enum[late, lost]', 'value': "
             "'float'}}") +
        "," +
        node("node_find", "tool_plugin",
             "{'plugin': 'tariffs', 'method': 'search', 'args': {'query': '{{node_sort.cause}}'}}") +
        "," + node("node_decide", "logic_decision", "{}") + "," +
        node("node_pay", "llm_rigid", "{'template': 'paid {{sort.value}} for {{find.name}}'}") + "," +
        node("node_review", "hitl_review", "{'queue': 'desk', 'scope': 'parcels', 'sections': []}") +
        more_nodes + "], 'edges': [" + edge("node_in", "node_sort") + "," + edge("node_sort", "node_find") +
        "," + edge("node_find", "node_decide") + "," + edge("node_decide", "node_pay", "sort.value < 100") +
        "," + edge("node_decide", "node_review") + more_edges +
        "], 'config': {'core_identity': {'name': 'Claims', 'models': [{'role': 'primary', 'ref': 'scaigrid', "
        "'model': 'm'}]}}, 'tests': " +
        tests + "}");
}

testing::Report run(const Value& content, const testing::Options& options = {}) {
    auto report = testing::run(content, options, scai::test::FakeClock());
    BOOST_TEST_REQUIRE(
        static_cast<bool>(report),
        (report ? "" : report.error().fields.at(0).path + ": " + report.error().fields.at(0).message));
    for (const auto& diagnostic : report->diagnostics)
        if (diagnostic.severity == scaiflow::graph::Severity::error)
            BOOST_TEST_MESSAGE(diagnostic.path << ": " << diagnostic.message);
    return std::move(*report);
}

testing::TestResult one(const std::string& test, const std::string& more_nodes = "",
                        const std::string& more_edges = "") {
    const auto report = run(flow("[" + test + "]", more_nodes, more_edges));
    BOOST_TEST_REQUIRE(report.results.size() == 1);
    return report.results[0];
}

std::string messages(const testing::TestResult& result) {
    std::string out;
    for (const auto& failure : result.failures)
        out += failure.message + "\n";
    return out;
}

std::string refusal(const std::string& tests) {
    const auto report = testing::run(flow(tests), {}, scai::test::FakeClock());
    if (report)
        return "accepted";
    BOOST_TEST((report.error().kind == scai::ErrorKind::unprocessable));
    std::string out;
    for (const auto& field : report.error().fields)
        out += field.path + ": " + field.message + "\n";
    return out;
}

const std::string late = "'node_sort': {'cause': 'late', 'value': 7.5}, 'tariffs.search': {'name': 'T1'}";
const std::string expensive = "'node_sort': {'cause': 'lost', 'value': 700}, 'node_find': {'name': 'T1'}";

std::string with(const std::string& mocks, const std::string& assertions, const std::string& more = "") {
    return "{'id': 't', 'name': 'a test', 'input': {'message': 'hi', 'n': 3, 'list': [1, {'a': null}]}, "
           "'mocks': {" +
           mocks + "}, 'assertions': [" + assertions + "]" + more + "}";
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_testing)

BOOST_AUTO_TEST_CASE(a_flow_is_run_with_its_mocks) {
    const auto result = one(
        with(late, "{'kind': 'equals', 'path': 'output', 'value': 'paid 7.5 for T1'}, {'kind': 'visited', "
                   "'node': 'node_pay'},"
                   "{'kind': 'not_visited', 'node': 'node_review'}, {'kind': 'visited', 'node': 'node_in'}"));
    BOOST_TEST(messages(result) == "");
    BOOST_TEST(result.passed);
    BOOST_TEST(result.status == "completed");
    BOOST_TEST(result.output.dump() == "\"paid 7.5 for T1\"");
    BOOST_TEST(result.visited ==
                   (std::vector<std::string>{"node_in", "node_sort", "node_find", "node_decide", "node_pay"}),
               boost::test_tools::per_element());
    BOOST_TEST(result.generated.empty());
}

BOOST_AUTO_TEST_CASE(every_kind_of_assertion_can_hold_and_fail) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"'equals', 'path': 'scope.sort.value', 'value': 7.5",
         "'equals', 'path': 'scope.sort.value', 'value': 8"},
        {"'equals', 'path': 'input.list[1]', 'value': {'a': null}",
         "'equals', 'path': 'input.list[0]', 'value': '1'"},
        {"'equals', 'path': 'input.list[-2]', 'value': 1", "'equals', 'path': 'input.list[7]', 'value': 1"},
        {"'equals', 'path': 'scope[`sort`].cause', 'value': 'late'",
         "'equals', 'path': 'scope.missing.more', 'value': 'x'"},
        {"'not_equals', 'path': 'output', 'value': 'x'", "'not_equals', 'path': 'input.n', 'value': 3.0"},
        {"'contains', 'path': 'output', 'value': 'paid'", "'contains', 'path': 'output', 'value': 'PAID'"},
        {"'contains', 'path': 'input.list', 'value': 1", "'contains', 'path': 'input.list', 'value': 2"},
        {"'contains', 'path': 'scope.sort', 'value': {'cause': 'late'}",
         "'contains', 'path': 'scope.sort', 'value': {'cause': 'lost'}"},
        {"'contains', 'path': 'scope.sort', 'value': 'cause'",
         "'contains', 'path': 'scope.sort', 'value': 'x'"},
        {"'matches', 'path': 'output', 'value': 'paid * for T?'",
         "'matches', 'path': 'output', 'value': 'paid'"},
        {"'exists', 'path': 'output'", "'exists', 'path': 'scope.nothing'"},
        {"'exists', 'path': 'scope.nothing', 'value': false", "'exists', 'path': 'output', 'value': false"},
        {"'gt', 'path': 'input.n', 'value': 2.5", "'gt', 'path': 'input.n', 'value': 3"},
        {"'gte', 'path': 'input.n', 'value': 3", "'gte', 'path': 'input.n', 'value': 4"},
        {"'lt', 'path': 'input.n', 'value': 4", "'lt', 'path': 'input.n', 'value': 3"},
        {"'lte', 'path': 'input.message', 'value': 'hi'", "'lte', 'path': 'input.message', 'value': 5"},
        {"'visited', 'node': 'node_sort'", "'visited', 'node': 'node_review'"},
        {"'not_visited', 'node': 'node_review'", "'not_visited', 'node': 'node_sort'"},
        {"'status', 'value': 'completed'", "'status', 'value': 'failed'"},
        {"'exists', 'path': 'error', 'value': false", "'exists', 'path': 'error.code'"},
    };
    for (const auto& [holds, fails] : cases) {
        BOOST_TEST(messages(one(with(late, "{'kind': " + holds + "}"))) == "", holds);
        const auto failed = one(with(late, "{'kind': " + fails + "}"));
        BOOST_TEST(!failed.passed, fails);
        BOOST_TEST_REQUIRE(failed.failures.size() == 1);
        BOOST_TEST(failed.failures[0].assertion.dump() == loose_json("{'kind': " + fails + "}").dump());
    }
}

BOOST_AUTO_TEST_CASE(messages_say_what_was_found_and_what_was_expected) {
    const auto result =
        one(with(late, "{'kind': 'equals', 'path': 'scope.sort.cause', 'value': 'lost'}, {'kind': 'gt', "
                       "'path': 'input.n', 'value': 9},"
                       "{'kind': 'exists', 'path': 'scope.x'}, {'kind': 'visited', 'node': 'node_review'}"));
    BOOST_TEST(messages(result) ==
               "scope.sort.cause is \"late\", expected \"lost\"\ninput.n is 3, expected more than 9\nscope.x "
               "is missing, expected a value\nnode_review was not visited\n");
    BOOST_TEST(result.failures[0].actual.dump() == "\"late\"");
}

BOOST_AUTO_TEST_CASE(calls_without_a_mock_fail_the_test_and_name_the_key) {
    const auto result = one(with("'node_sort': {'cause': 'late', 'value': 1}", ""));
    BOOST_TEST(messages(result) ==
               "node_find: no mock for this call: add mocks.node_find or mocks[\"tariffs.search\"]\n");
    const auto expected =
        one(with("'node_sort': {'cause': 'late', 'value': 1}", "{'kind': 'status', 'value': 'failed'}"));
    BOOST_TEST(!expected.passed);
    const std::string sub = "," + node("node_sub", "subflow_call", "{'target': 'core://acme/other'}");
    const auto core = one(with(late, ""), sub, "," + edge("node_pay", "node_sub"));
    BOOST_TEST(messages(core) ==
               "node_sub: no mock for this sub-flow: add mocks.node_sub or mocks[\"core://acme/other\"]\n");
    BOOST_TEST(messages(one(with(late + ", 'core://acme/other': {'ok': 1}",
                                 "{'kind': 'equals', 'path': 'output.ok', 'value': 1}"),
                            sub, "," + edge("node_pay", "node_sub"))) == "");
    const std::string async =
        "," + node("node_sub", "subflow_call", "{'target': 'core://acme/other', 'is_async': true}");
    BOOST_TEST(messages(one(with(late, ""), async, "," + edge("node_pay", "node_sub"))) == "");
}

BOOST_AUTO_TEST_CASE(an_llm_without_a_mock_gets_an_answer_of_its_type) {
    const auto result =
        one(with("'node_find': {'name': 'T'}",
                 "{'kind': 'equals', 'path': 'scope.sort', 'value': {'cause': 'late', 'value': 0}}"));
    BOOST_TEST(messages(result) == "");
    BOOST_TEST(result.generated == std::vector<std::string>{"node_sort"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_mock_that_does_not_fit_the_output_type_fails_the_node) {
    const auto result = one(with("'node_sort': {'cause': 'other', 'value': 1}", ""));
    BOOST_TEST(messages(result) == "the run failed at node_sort (output_type): field 'cause' must be "
                                   "enum[late, lost], found text other\n");
    BOOST_TEST(
        result.error.dump() ==
        R"({"code":"output_type","message":"field 'cause' must be enum[late, lost], found text other","node_id":"node_sort"})");
}

BOOST_AUTO_TEST_CASE(a_mocked_error_fails_the_call) {
    BOOST_TEST(messages(one(with("'node_sort': {'error': 'overloaded'}",
                                 "{'kind': 'equals', 'path': 'error.code', 'value': 'llm_failed'}, {'kind': "
                                 "'equals', 'path': 'error.message', 'value': 'overloaded'},"
                                 "{'kind': 'equals', 'path': 'error.node_id', 'value': 'node_sort'}"))) ==
               "");
    BOOST_TEST(messages(one(with("'node_sort': {'error': {'code': 'timeout', 'message': 'slow'}}",
                                 "{'kind': 'equals', 'path': 'error.code', 'value': 'timeout'}, {'kind': "
                                 "'status', 'value': 'failed'}"))) == "");
    BOOST_TEST(messages(one(with("'node_sort': {'cause': 'late', 'value': 1}, 'node_find': {'error': 'down'}",
                                 ""))) == "the run failed at node_find (plugin_failed): down\n");
}

BOOST_AUTO_TEST_CASE(checkpoints_take_their_answer_or_suspend) {
    const std::string approved = ", 'checkpoints': {'node_review': 'approve'}";
    BOOST_TEST(messages(one(with(expensive, "{'kind': 'equals', 'path': 'output', 'value': 'approve'}",
                                 approved))) == "");
    const auto waiting = one(with(expensive, ""));
    BOOST_TEST(waiting.status == "suspended");
    BOOST_TEST(messages(waiting) ==
               "the run waits at node_review: give it an answer in checkpoints.node_review\n");
    BOOST_TEST(messages(one(with(expensive, "{'kind': 'status', 'value': 'suspended'}"))) == "");
    BOOST_TEST(messages(one(with(expensive, "{'kind': 'equals', 'path': 'error.code', 'value': 'timeout'}",
                                 ", 'checkpoints': {'node_review': {'timeout': true}}"))) == "");
    BOOST_TEST(messages(one(with(expensive + ", 'node_review': 'reject'",
                                 "{'kind': 'equals', 'path': 'output', 'value': 'reject'}"))) == "");
    const std::string ask = "," + node("node_ask", "checkpoint",
                                       "{'type': 'choice', 'prompt': 'ok?', 'options': ['yes', {'id': 'no', "
                                       "'label': 'No'}], 'breakpoint': true}");
    const std::string to_ask = "," + edge("node_pay", "node_ask");
    BOOST_TEST(messages(one(with(late, "{'kind': 'equals', 'path': 'output', 'value': 'no'}",
                                 ", 'checkpoints': {'node_ask': 'no'}"),
                            ask, to_ask)) == "");
    BOOST_TEST(messages(one(with(late, "{'kind': 'equals', 'path': 'output.resolution', 'value': 'yes'}",
                                 ", 'checkpoints': {'node_ask': {'resolution': 'yes', 'by': 'x'}}"),
                            ask, to_ask)) == "");
    BOOST_TEST(messages(one(with(late, "", ", 'checkpoints': {'node_ask': 'maybe'}"), ask, to_ask)) ==
               "node_ask: 'maybe' is none of the options yes, no\n");
}

BOOST_AUTO_TEST_CASE(sequences_give_one_answer_a_call) {
    const std::string loop =
        "," +
        node("node_loop", "logic_loop", "{'style': 'foreach', 'collection': 'input.list', 'item': 'x'}",
             "[{'id': 'body'}, {'id': 'out'}]") +
        "," + node("node_each", "tool_plugin", "{'plugin': 'p', 'method': 'm', 'args': {'x': '{{x}}'}}");
    const std::string edges =
        "," + edge("node_pay", "node_loop") + "," + edge("node_loop", "node_each", "", "body");
    BOOST_TEST(messages(one(with(late + ", 'p.m': {'sequence': ['a', {'b': 1}]}",
                                 "{'kind': 'equals', 'path': 'output', 'value': ['a', {'b': 1}]}"),
                            loop, edges)) == "");
    BOOST_TEST(messages(one(with(late + ", 'node_each': {'sequence': ['a', {'error': 'second'}]}",
                                 "{'kind': 'equals', 'path': 'error.message', 'value': 'second'}"),
                            loop, edges)) == "");
    BOOST_TEST(messages(one(with(late + ", 'p.m': {'sequence': ['a']}", ""), loop, edges)) ==
               "node_each: the sequence of mock 'p.m' has 1 answers, and this is call 2\n");
}

BOOST_AUTO_TEST_CASE(queue_and_sandbox_calls_without_a_result_need_no_mock) {
    const std::string nodes = "," +
                              node("node_tell", "queue_publish",
                                   "{'queue': 'q', 'scope': 's', 'message_type': 'done', 'payload': {}}") +
                              "," + node("node_box", "compute_provision", "{}") + "," +
                              node("node_up", "compute_file_upload", "{'path': '/a', 'content': 'x'}") + "," +
                              node("node_gone", "compute_destroy", "{}") + "," +
                              node("node_exec", "compute_exec", "{'command': ['ls']}");
    const std::string edges = "," + edge("node_pay", "node_tell") + "," + edge("node_tell", "node_box") +
                              "," + edge("node_box", "node_up") + "," + edge("node_up", "node_gone");
    const auto result = one(with(late, "{'kind': 'equals', 'path': 'scope.tell.queue', 'value': 'q'}"), nodes,
                            edges + "," + edge("node_gone", "node_exec"));
    BOOST_TEST(messages(result) ==
               "node_exec: no mock for this call: add mocks.node_exec or mocks[\"scaibunker.exec\"]\n");
    BOOST_TEST(result.generated ==
                   (std::vector<std::string>{"node_tell", "node_box", "node_up", "node_gone"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(handlers_of_failed_answers_speak_the_dialect_of_the_flow) {
    const std::string offer =
        "," + node("node_offer", "llm_guarded",
                   "{'goal': 'Offer', 'output_schema': {'sum': 'float'}, 'validate': 'result.sum > 0',"
                   "'on_validation_failure': {'retry': 1, 'value': {'sum': '{{node_sort.value}}', 'was': "
                   "'{{result.sum}}'}}}");
    const auto result = one(with(late + ", 'node_offer': {'sequence': [{'sum': -1}, {'sum': -2}]}",
                                 "{'kind': 'equals', 'path': 'output', 'value': {'sum': 7.5, 'was': -2}}"),
                            offer, "," + edge("node_pay", "node_offer"));
    BOOST_TEST(messages(result) == "");
}

BOOST_AUTO_TEST_CASE(the_trigger_can_be_named_or_given_by_its_node) {
    const std::string cron =
        ",{'id': 'node_cron', 'type': 'entry_schedule', 'label': 'c', 'position': {'x': 0, 'y': 0}, "
        "'config': {'cron': '0 1 * * *'}, 'inputs': [], 'outputs': [{'id': 'out'}]}," +
        node("node_night", "llm_rigid", "{'template': 'night'}");
    const std::string edges = "," + edge("node_cron", "node_night");
    BOOST_TEST(messages(one(with("",
                                 "{'kind': 'equals', 'path': 'output', 'value': 'night'}, {'kind': "
                                 "'not_visited', 'node': 'node_sort'}",
                                 ", 'trigger': 'node_cron'"),
                            cron, edges)) == "");
    BOOST_TEST(messages(one(with("", "", ", 'trigger': 'nowhere'"), cron, edges))
                   .find("no trigger is called 'nowhere'") != std::string::npos);
    BOOST_TEST(messages(one(with(late, "{'kind': 'not_visited', 'node': 'node_night'}"), cron, edges)) == "");
}

BOOST_AUTO_TEST_CASE(malformed_tests_name_every_field) {
    BOOST_TEST(refusal("7") == "content.tests: must be a list\n");
    BOOST_TEST(refusal("[1, {}, {'id': 'a'}, {'id': 'a'}]") ==
               "content.tests[0]: must be an object\ncontent.tests[1].id: must be a text of 1 to 255 "
               "bytes\ncontent.tests[3].id: another test has this id\n");
    BOOST_TEST(
        refusal("[{'id': 'a', 'name': 7, 'mocks': [], 'checkpoints': 1, 'assertions': {}, 'trigger': 5}]") ==
        "content.tests[0].name: must be a text of 1 to 255 bytes\ncontent.tests[0].trigger: must be a text "
        "of 1 to 255 bytes\ncontent.tests[0].mocks: must be an object\n"
        "content.tests[0].checkpoints: must be an object\ncontent.tests[0].assertions: must be a list\n");
    BOOST_TEST(refusal("[{'id': 'a', 'mocks': {'node_x': 1, 'node_sort': {'sequence': 1}, 'p.m': {'error': "
                       "3}}, 'checkpoints': {'node_y': 'x', 'node_review': 7}}]") ==
               "content.tests[0].mocks.node_x: must be a node of the flow, plugin.method or "
               "core://...\ncontent.tests[0].mocks.node_sort.sequence: must be a list of answers\n"
               "content.tests[0].mocks.p.m.error: must be a text or {code, "
               "message}\ncontent.tests[0].checkpoints.node_y: the flow has no node 'node_y'\n"
               "content.tests[0].checkpoints.node_review: must be a resolution text or an object\n");
    const auto assertion = [](const std::string& text) {
        return refusal("[{'id': 'a', 'assertions': [" + text + "]}]");
    };
    const std::string at = "content.tests[0].assertions[0]";
    BOOST_TEST(assertion("1") == at + ": must be an object\n");
    BOOST_TEST(assertion("{'kind': 'is'}") ==
               at + ".kind: must be one of equals, not_equals, contains, matches, exists, gt, gte, lt, lte, "
                    "visited, not_visited, status\n");
    BOOST_TEST(assertion("{'kind': 'equals', 'path': 'output'}") == at + ".value: is missing\n");
    BOOST_TEST(assertion("{'kind': 'matches', 'path': 'output', 'value': 1}") ==
               at + ".value: must be a pattern with * and ? of at most 256 bytes\n");
    BOOST_TEST(assertion("{'kind': 'exists', 'path': 'output', 'value': 1}") ==
               at + ".value: must be true or false\n");
    BOOST_TEST(assertion("{'kind': 'gt', 'path': 'output', 'value': null}") ==
               at + ".value: must be a number or a text\n");
    BOOST_TEST(assertion("{'kind': 'status', 'value': 'done'}") ==
               at + ".value: must be completed, failed or suspended\n");
    BOOST_TEST(assertion("{'kind': 'visited', 'node': 'node_zz'}") ==
               at + ".node: the flow has no node 'node_zz'\n");
    for (const char* const path : {"", "result", "output.", "output..a", "output[", "output[x]", "output[]",
                                   "output a", "outputs.a", "output.a[1", "output[`a]", "7"})
        BOOST_TEST(assertion(std::string("{'kind': 'exists', 'path': '") + path + "'}") ==
                       at + ".path: must start with output, scope, input or error, then .name or [index]\n",
                   path);
    for (const char* const path :
         {"output", "output.a-b.c_d", "scope[0][-1].x", "input[`any thing`].y", "error.code"})
        BOOST_TEST(assertion(std::string("{'kind': 'exists', 'path': '") + path + "'}") == "accepted", path);
}

BOOST_AUTO_TEST_CASE(test_ids_choose_and_unknown_ones_are_refused) {
    const Value content = flow("[" + with(late, "") + ", {'id': 'u'}, {'id': 'v'}]");
    testing::Options options;
    options.test_ids = {"v", "t"};
    const auto report = run(content, options);
    BOOST_TEST_REQUIRE(report.results.size() == 2);
    BOOST_TEST(report.results[0].id == "t");
    BOOST_TEST(report.results[1].id == "v");
    options.test_ids = {"t", "w"};
    const auto refused = testing::run(content, options, scai::test::FakeClock());
    BOOST_TEST_REQUIRE(!refused);
    BOOST_TEST(refused.error().fields.at(0).path == "test_ids[1]");
}

BOOST_AUTO_TEST_CASE(no_tests_give_zero_counts) {
    BOOST_TEST(testing::to_json(run(flow("[]"))).dump() ==
               R"({"total":0,"passed":0,"failed":0,"results":[]})");
}

BOOST_AUTO_TEST_CASE(a_broken_flow_runs_nothing_and_says_why) {
    Value content = flow("[" + with(late, "") + "]");
    content.get("edges").push(loose_json(edge("node_sort", "node_nowhere")));
    const auto report = run(content);
    BOOST_TEST(report.results.empty());
    const Value json = testing::to_json(report);
    BOOST_TEST(json.get("diagnostics").size() >= 1);
    BOOST_TEST(json.get("diagnostics").at(0).member("severity") == "error");
    for (const char* const other : {"{}", "[]", "null"})
        BOOST_TEST(testing::to_json(run(loose_json(other))).get("diagnostics").size() >= 1, other);
}

BOOST_AUTO_TEST_CASE(the_report_has_the_documented_shape_and_is_deterministic) {
    const Value content =
        flow("[" + with(late, "{'kind': 'equals', 'path': 'output', 'value': 1}") + ", {'id': 'u'}]");
    const std::string first = testing::to_json(run(content)).dump();
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(testing::to_json(run(content)).dump() == first);
    const Value json = scai::json::parse(first).value();
    BOOST_TEST(json.get("total").integer().value() == 2);
    BOOST_TEST(json.get("passed").integer().value() == 0);
    BOOST_TEST(json.get("failed").integer().value() == 2);
    BOOST_TEST(
        json.get("results").at(0).dump() ==
        R"({"id":"t","name":"a test","passed":false,"message":"output is \"paid 7.5 for T1\", expected 1","duration_ms":0,"status":"completed",)"
        R"("failures":[{"assertion":{"kind":"equals","path":"output","value":1},"actual":"paid 7.5 for T1","message":"output is \"paid 7.5 for T1\", expected 1"}],)"
        R"("visited":["node_in","node_sort","node_find","node_decide","node_pay"],"generated":[],"output":"paid 7.5 for T1"})");
}

BOOST_AUTO_TEST_CASE(endless_loops_and_large_outputs_are_bounded) {
    const std::string loop =
        "," +
        node("node_loop", "logic_loop", "{'style': 'while', 'condition': 'true', 'max_iterations': 1000000}",
             "[{'id': 'body'}, {'id': 'out'}]") +
        "," + node("node_each", "llm_rigid", "{'template': 'x'}");
    const std::string edges =
        "," + edge("node_pay", "node_loop") + "," + edge("node_loop", "node_each", "", "body");
    const auto endless =
        one(with(late, "{'kind': 'equals', 'path': 'error.code', 'value': 'step_budget'}"), loop, edges);
    BOOST_TEST(messages(endless) == "");
    BOOST_TEST(endless.visited.size() == 1000);
    const auto large =
        one(with(late, "{'kind': 'equals', 'path': 'output', 'value': 1}"),
            "," + node("node_big", "data_variable_set", "{'name': 'big', 'value': '`x`.repeat(100000)'}"),
            "," + edge("node_pay", "node_big"));
    BOOST_TEST(!large.output.present());
    BOOST_TEST(large.failures.at(0).message.size() < 400);
    BOOST_TEST(testing::to_json(run(flow("[]"))).dump().size() < 4096);
}

namespace {

/// A clock that moves a second each time somebody looks.
class RunningClock final : public scai::Clock {
public:
    scai::UtcTime now() const override { return scai::from_unix_seconds(seconds_++); }

private:
    mutable std::int64_t seconds_ = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(all_tests_together_have_a_time_limit) {
    testing::Options options;
    options.limits.max_duration = std::chrono::hours(1);
    options.max_total = std::chrono::seconds(30);
    const auto report = testing::run(
        flow("[" + with(late, "") + ", {'id': 'u'}, {'id': 'v'}, {'id': 'w'}, {'id': 'x'}, {'id': 'y'}]"),
        options, RunningClock());
    BOOST_TEST_REQUIRE(static_cast<bool>(report));
    BOOST_TEST(messages(report->results.back()).find("not started") != std::string::npos);
    BOOST_TEST(report->results.front().passed);
}

BOOST_AUTO_TEST_SUITE_END()
