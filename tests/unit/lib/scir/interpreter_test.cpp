// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/interpreter.hpp"

#include "lib/scir/ir.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/scir_modules.hpp"
#include "tests/support/scripted_host.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using scai::json::Value;
using scai::scir::EffectKind;
using scai::scir::RunLimits;
using scai::scir::RunResult;
using scai::test::loose_json;
using scai::test::module_of;
using scai::test::ScriptedHost;

namespace {

RunResult run(const std::string& body, ScriptedHost& host, const std::string& input = "{}",
              const std::string& variables = "[]", const RunLimits& limits = {},
              const std::string& trigger = "") {
    const Value module = module_of(body, variables);
    const auto findings = scai::scir::verify(module);
    BOOST_TEST(findings.empty(), (findings.empty() ? "" : findings[0].path + ": " + findings[0].message));
    return scai::scir::run(module, trigger, loose_json(input), host, limits, scai::test::FakeClock());
}

RunResult run(const std::string& body, const std::string& input = "{}", const std::string& variables = "[]") {
    ScriptedHost host;
    return run(body, host, input, variables);
}

std::string expression(const std::string& id, const std::string& text, const std::string& more = "") {
    return "{'kind': 'rigid', 'node_id': '" + id +
           "', 'statements': [{'kind': 'expression', 'expression': '" + text + "'}]" + more + "}";
}
std::string bound(const std::string& id, const std::string& text) {
    return expression(id, text, ", 'result_binding': '" + id + "'");
}
std::string assign(const std::string& id, const std::string& name, const std::string& value,
                   const std::string& more = "") {
    return "{'kind': 'rigid', 'node_id': '" + id + "', 'statements': [{'kind': 'assign', 'name': '" + name +
           "', 'value': '" + value + "'}]" + more + "}";
}
std::string plugin(const std::string& id, const std::string& args = "{}", const std::string& more = "") {
    return "{'kind': 'rigid', 'node_id': '" + id +
           "', 'statements': [{'kind': 'plugin_call', 'plugin': 'drive', 'method': 'search', 'args': " +
           args + ", 'timeout_s': 30}], 'result_binding': '" + id + "'" + more + "}";
}
std::string flexible(const std::string& id, const std::string& more = "", const std::string& type = "{}") {
    return "{'kind': 'flexible', 'node_id': '" + id + "', 'goal': 'Ask ${name}', 'output_type': " + type +
           ", 'llm_role': 'primary', 'input_bindings': {'text': '${message}'}, 'context_bindings': {},"
           "'examples': [], 'result_binding': '" +
           id + "'" + more + "}";
}
std::string guarded(const std::string& id, const std::string& more) {
    return "{'kind': 'guarded', 'node_id': '" + id +
           "', 'goal': 'Check', 'output_type': {}, 'llm_role': 'fast', 'input_bindings': {}, "
           "'context_bindings': {},"
           "'result_binding': '" +
           id + "'" + more + "}";
}
std::string checkpoint(const std::string& id, const std::string& more = "") {
    return "{'kind': 'checkpoint', 'node_id': '" + id +
           "', 'checkpoint_type': 'approval', 'prompt': 'Pay ${amount}?', 'options': ['approve', 'reject'],"
           "'timeout': '1h', 'result_binding': '" +
           id + "'" + more + "}";
}

void failed(const RunResult& result, const std::string& code, const std::string& node,
            const std::string& part = "") {
    BOOST_TEST((result.status == RunResult::Status::failed));
    BOOST_TEST(result.error_code == code);
    BOOST_TEST(result.error_node_id == node);
    BOOST_TEST(result.error_message.find(part) != std::string::npos, result.error_message);
}
void completed(const RunResult& result, const std::string& output) {
    BOOST_TEST((result.status == RunResult::Status::completed),
               result.error_code << ": " << result.error_message);
    BOOST_TEST(result.output.dump() == loose_json(output).dump());
}
std::string visited(const RunResult& result) {
    std::string out;
    for (const auto& node : result.visited)
        out += (out.empty() ? "" : " ") + node;
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scir_interpreter)

BOOST_AUTO_TEST_CASE(rigid_gives_its_last_statement) {
    const auto result =
        run("[{'kind': 'rigid', 'node_id': 'a', 'statements': [{'kind': 'assign', 'name': 'x', 'value': '2'},"
            "{'kind': 'expression', 'expression': 'x * n'}], 'result_binding': 'r'}]",
            "{'n': 3}");
    completed(result, "6");
    BOOST_TEST(result.scope.dump(true) == R"({"r":6,"x":2})");
    BOOST_TEST(visited(result) == "node_entry a");
    BOOST_TEST(result.steps == 2);
}

BOOST_AUTO_TEST_CASE(an_empty_body_gives_null) {
    completed(run("[]"), "null");
}

BOOST_AUTO_TEST_CASE(names_resolve_in_the_documented_order) {
    const std::string variables =
        "[{'name': 'v', 'type': 'int', 'default': 1}, {'name': 'w', 'type': 'int', 'default': 2},"
        "{'name': 'empty', 'type': 'string'}]";
    completed(run("[" + bound("r", "5") + "," +
                      expression("z", "[v, w, r, empty, input.v, trigger.name, trigger.kind, unknown, f]") +
                      "]",
                  "{'v': 10, 'r': 11, 'f': 12}", variables),
              "[1, 2, 5, null, 10, 'entry', 'api', null, 12]");
    completed(run("[{'kind': 'foreach', 'node_id': 'l', 'collection': '[7]', 'item': 'v', 'body': [" +
                      expression("z", "v") + "]}]",
                  "{'v': 10}", variables),
              "[7]");
    completed(run("[" + expression("z", "input") + "]", "'plain'"), "'plain'");
}

BOOST_AUTO_TEST_CASE(no_field_of_the_input_passes_for_what_the_flow_sets) {
    // The review is not reached, the variable not yet assigned, the loop not entered: still not the caller's.
    const std::string match =
        "{'kind': 'match', 'node_id': 'm', 'arms': [{'when': 'false', 'body': [" +
        bound("review", "`reject`") +
        "]}], 'otherwise': [{'kind': 'foreach', 'node_id': 'l', 'collection': '[]', 'item': 'i', 'body': [" +
        bound("inner", "1") + "]}]}";
    const auto result = run("[" + bound("a", "[review, later, inner, input.review]") + "," + match + "," +
                                bound("b", "[review, later, inner, other]") + "," +
                                assign("c", "later", "1") + "," + bound("d", "[review, later, inner]") + "]",
                            "{'review': 'approve', 'later': 9, 'inner': 9, 'other': 8}");
    BOOST_TEST(result.scope.get("a").dump() == R"([null,null,null,"approve"])");
    BOOST_TEST(result.scope.get("b").dump() == "[null,null,null,8]");
    BOOST_TEST(result.scope.get("d").dump() == "[null,1,null]");
}

BOOST_AUTO_TEST_CASE(the_trigger_is_chosen_by_name) {
    ScriptedHost host;
    const auto nightly = run("[" + expression("a", "trigger.name") + "]", host, "{}", "[]", {}, "nightly");
    completed(nightly, "'nightly'");
    BOOST_TEST(visited(nightly) == "node_cron a");
    failed(run("[]", host, "{}", "[]", {}, "other"), "unknown_trigger", "", "'other'");
}

BOOST_AUTO_TEST_CASE(plugin_calls_render_their_arguments) {
    ScriptedHost host;
    host.answer("find", loose_json("{'hits': [1]}"));
    completed(
        run("[" + plugin("find", "{'query': 'for ${name}', 'limit': '${n}', 'raw': [1, '${none}']}") + "]",
            host, "{'name': 'Ada', 'n': 3}"),
        "{'hits': [1]}");
    BOOST_TEST_REQUIRE(host.effects.size() == 1);
    BOOST_TEST((host.effects[0].kind == EffectKind::plugin));
    BOOST_TEST(host.effects[0].path == "find");
    BOOST_TEST(
        host.effects[0].request.dump() ==
        R"({"plugin":"drive","method":"search","args":{"query":"for Ada","limit":3,"raw":[1,null]},"timeout_s":30})");
}

BOOST_AUTO_TEST_CASE(a_failed_call_fails_the_flow_with_its_own_code) {
    ScriptedHost host;
    host.fail("find", "plugin_failed");
    failed(run("[" + plugin("find") + "," + bound("b", "1") + "]", host), "plugin_failed", "find",
           "plugin_failed happened");
    BOOST_TEST(host.events.back().type == "block.failed");
}

BOOST_AUTO_TEST_CASE(flexible_asks_the_models_of_its_role) {
    ScriptedHost host;
    host.answer("ask", loose_json("{'intent': 'late', 'n': 3.0}"));
    completed(run("[" +
                      flexible("ask",
                               ", 'guidance': 'be brief', 'identity_ref': true, 'budget': {'max_retries': 0}",
                               "{'intent': 'enum[late, lost]', 'n': 'int'}") +
                      "]",
                  host, "{'name': 'Ada', 'message': {'deep': [1]}}"),
              "{'intent': 'late', 'n': 3}");
    const Value request = host.effects.at(0).request;
    BOOST_TEST((host.effects[0].kind == EffectKind::llm));
    BOOST_TEST(request.member("block_kind") == "flexible");
    BOOST_TEST(request.member("goal") == "Ask Ada");
    BOOST_TEST(request.member("guidance") == "be brief");
    BOOST_TEST(request.member("system_context") == "For Ada");
    BOOST_TEST(request.get("input").dump() == R"({"text":{"deep":[1]}})");
    BOOST_TEST(
        request.get("models").dump() ==
        R"([{"ref":"scaigrid","model":"m1","temperature":0.2,"modalities":["text"]},{"ref":"openai","model":"m2"}])");
    BOOST_TEST(request.get("identity").member("persona") == "Test");
    BOOST_TEST(request.get("output_type").size() == 2);
}

BOOST_AUTO_TEST_CASE(an_answer_that_does_not_fit_its_type_fails_the_block) {
    for (const auto& [answer, message] : std::vector<std::pair<std::string, std::string>>{
             {"{'intent': 'other', 'n': 1}", "field 'intent' must be enum[late, lost], found text other"},
             {"{'intent': 'late'}", "field 'n' must be int, found missing"},
             {"{'intent': 'late', 'n': 1.5}", "field 'n' must be int, found number 1.5"},
             {"{'intent': 'late', 'n': null}", "field 'n' must be int, found a null"},
             {"'no object'", "must be an object with the fields of output_type, found text no object"}}) {
        ScriptedHost host;
        host.answer("ask", loose_json(answer));
        failed(run("[" + flexible("ask", "", "{'intent': 'enum[late, lost]', 'n': 'int'}") + "]", host),
               "output_type", "ask", message);
    }
}

BOOST_AUTO_TEST_CASE(failed_answers_are_tried_again_and_then_handled) {
    const auto with = [](const std::string& handler, int failures) {
        ScriptedHost host;
        for (int i = 0; i < failures; ++i)
            host.fail("ask", "llm_failed");
        host.answer("ask", "good");
        const auto result = run("[" + flexible("ask", handler) + "]", host);
        return std::pair(result, host.effects.size());
    };
    completed(with(", 'budget': {'max_retries': 2}", 2).first, "'good'");
    failed(with(", 'budget': {'max_retries': 2}", 3).first, "llm_failed", "ask");
    completed(with(", 'on_failure': {'retry': 1}", 1).first, "'good'");
    BOOST_TEST(with(", 'on_failure': {'retry': 1}", 5).second == 2U);
    completed(with(", 'on_failure': {'value': {'sorry': '${missing}'}}", 1).first, "{'sorry': null}");
    completed(with(", 'on_failure': 'continue'", 1).first, "null");
    completed(with(", 'on_failure': {'body': [" + expression("plan_b", "1 + 1") + "]}", 1).first, "2");
    failed(with(", 'on_failure': 'fail'", 1).first, "llm_failed", "ask");
    ScriptedHost host;
    host.fail("ask", "llm_failed").answer("ask", 1);
    run("[" + flexible("ask", ", 'on_failure': {'retry': 1}") + "]", host);
    BOOST_TEST(host.effects.at(1).path == "ask#2");
}

BOOST_AUTO_TEST_CASE(a_guard_that_does_not_hold_fails_before_the_call) {
    ScriptedHost host;
    failed(run("[" + guarded("check", ", 'guard': 'n > 3'") + "]", host, "{'n': 3}"), "guard_failed", "check",
           "n > 3");
    BOOST_TEST(host.effects.empty());
    host.answer("check", "fine");
    completed(run("[" + guarded("check", ", 'guard': 'n > 3'") + "]", host, "{'n': 4}"), "'fine'");
    BOOST_TEST(host.effects.at(0).request.member("role") == "fast");
}

BOOST_AUTO_TEST_CASE(validate_sees_the_result) {
    const auto with = [](const std::string& more, const std::vector<int>& answers) {
        ScriptedHost host;
        for (const int answer : answers)
            host.answer("check", Value::object({{"offer", answer}}));
        return run("[" + guarded("check", ", 'validate': 'result.offer >= 0'" + more) + "]", host);
    };
    completed(with("", {1}), "{'offer': 1}");
    failed(with("", {-1}), "validation_failed", "check", "result.offer >= 0");
    completed(with(", 'on_validation_failure': 'continue'", {-1}), "{'offer': -1}");
    completed(with(", 'on_validation_failure': {'value': {'was': '${result.offer}'}}", {-1}), "{'was': -1}");
    completed(with(", 'on_validation_failure': {'retry': 2}", {-1, -2, 3}), "{'offer': 3}");
    failed(with(", 'on_validation_failure': {'retry': 1}", {-1, -2, 3}), "validation_failed", "check");
    completed(with(", 'on_validation_failure': {'retry': 1, 'body': [" +
                       expression("b", "result.offer * -1") + "]}",
                   {-1, -2}),
              "2");
    ScriptedHost host;
    host.fail("check", "llm_failed");
    failed(
        run("[" + guarded("check", ", 'validate': 'true', 'on_validation_failure': 'continue'") + "]", host),
        "llm_failed", "check");
}

BOOST_AUTO_TEST_CASE(match_runs_the_first_truthy_arm) {
    const std::string body = "[{'kind': 'match', 'node_id': 'd', 'subject': 'n', 'arms': ["
                             "{'when': 'subject > 10', 'body': [" +
                             expression("big", "`big`") +
                             "]},"
                             "{'when': 'n > 5', 'body': [" +
                             expression("mid", "`mid`") +
                             "]}],"
                             "'otherwise': [" +
                             expression("small", "`small`") + "], 'result_binding': 'd'}, " +
                             expression("after", "d + `!`") + "]";
    for (const auto& [n, word] : {std::pair{"20", "big"}, {"7", "mid"}, {"1", "small"}}) {
        const auto result = run(body, std::string("{'n': ") + n + "}");
        completed(result, std::string("'") + word + "!'");
        BOOST_TEST(visited(result) == std::string("node_entry d ") + word + " after");
    }
}

BOOST_AUTO_TEST_CASE(a_match_without_an_arm_leaves_the_output_alone) {
    completed(run("[" + expression("a", "1") +
                  ", {'kind': 'match', 'node_id': 'a', 'synthetic': true, 'arms': [{'when': 'false', 'body': "
                  "[]}], 'otherwise': []}]"),
              "1");
}

BOOST_AUTO_TEST_CASE(synthetic_blocks_are_neither_visited_nor_output) {
    ScriptedHost host;
    const auto result = run(
        "[" + expression("a", "1") + "," + assign("a", "took", "true", ", 'synthetic': true") + "]", host);
    completed(result, "1");
    BOOST_TEST(visited(result) == "node_entry a");
    BOOST_TEST(host.events.size() == 2);
}

BOOST_AUTO_TEST_CASE(foreach_collects_the_rounds) {
    ScriptedHost host;
    const auto result =
        run("[{'kind': 'foreach', 'node_id': 'l', 'collection': 'list', 'item': 'x', 'body': [" +
                plugin("p", "{'x': '${x}'}") + "," + bound("double", "x * 2") +
                "], 'result_binding': 'all'}," + expression("z", "all.sum()") + "]",
            host, "{'list': [1, 2, 3]}");
    completed(result, "12");
    BOOST_TEST(host.effects.at(2).path == "l[2]/p");
    BOOST_TEST(host.effects.at(2).request.get("args").dump() == R"({"x":3})");
    completed(run("[{'kind': 'foreach', 'node_id': 'l', 'collection': '[]', 'item': 'x', 'body': []}]"),
              "[]");
    completed(run("[{'kind': 'foreach', 'node_id': 'l', 'collection': '[1]', 'item': 'x', 'body': []}]"),
              "[null]");
    failed(run("[{'kind': 'foreach', 'node_id': 'l', 'collection': 'missing', 'item': 'x', 'body': []}]"),
           "expression", "l", "a list is needed, found null");
}

BOOST_AUTO_TEST_CASE(inner_loops_shadow_and_have_paths_of_their_own) {
    ScriptedHost host;
    completed(run("[{'kind': 'foreach', 'node_id': 'o', 'collection': '[[1], [2, 3]]', 'item': 'x', 'body': "
                  "[{'kind': 'foreach',"
                  "'node_id': 'i', 'collection': 'x', 'item': 'x', 'body': [" +
                      plugin("p") + "," + expression("e", "x") + "]}]}]",
                  host),
              "[[1], [2, 3]]");
    BOOST_TEST(host.effects.at(2).path == "o[1]/i[1]/p");
}

BOOST_AUTO_TEST_CASE(while_runs_until_its_condition_fails) {
    const std::string variables = "[{'name': 'n', 'type': 'int', 'default': 0}]";
    const auto loop = [&](const std::string& most) {
        return run("[{'kind': 'while', 'node_id': 'w', 'condition': 'n < 3', 'max_iterations': " + most +
                       ", 'body': [" + assign("inc", "n", "n + 1") + "]}]",
                   "{}", variables);
    };
    completed(loop("3"), "3");
    BOOST_TEST(visited(loop("5")) == "node_entry w inc inc inc");
    failed(loop("2"), "max_iterations", "w", "after 2 rounds");
    completed(
        run("[{'kind': 'while', 'node_id': 'w', 'condition': 'false', 'max_iterations': 1, 'body': []}]"),
        "null");
}

BOOST_AUTO_TEST_CASE(parallel_gives_branch_values_in_order) {
    ScriptedHost host;
    host.fail("b", "plugin_failed");
    const auto body = [](const std::string& fail_fast, const std::string& second) {
        return "[{'kind': 'parallel', 'node_id': 'p', 'fail_fast': " + fail_fast +
               ", 'branches': [{'name': 'x', 'body': [" + plugin("a") +
               "]},"
               "{'name': 'y', 'body': [" +
               second + "]}, {'name': 'z', 'body': [" + expression("c", "3") + "]}], 'result_binding': 'p'}]";
    };
    completed(run(body("true", bound("b", "2"))), "{'x': null, 'y': 2, 'z': 3}");
    const auto fast = run(body("true", plugin("b")), host);
    failed(fast, "plugin_failed", "b");
    BOOST_TEST(visited(fast) == "node_entry p a b");
    const auto slow = run(body("false", plugin("b")), host);
    failed(slow, "plugin_failed", "b");
    BOOST_TEST(visited(slow) == "node_entry p a b c");
}

BOOST_AUTO_TEST_CASE(checkpoints_bind_the_answer) {
    ScriptedHost host;
    host.answer("ok", "approve");
    completed(
        run("[" + checkpoint("ok") + "," + expression("z", "ok == `approve`") + "]", host, "{'amount': 5}"),
        "true");
    BOOST_TEST((host.effects[0].kind == EffectKind::checkpoint));
    BOOST_TEST(
        host.effects[0].request.dump() ==
        R"({"checkpoint_type":"approval","prompt":"Pay 5?","options":["approve","reject"],"timeout":"1h"})");
    ScriptedHost object;
    object.answer("ok", loose_json("{'resolution': 'reject', 'why': 'late'}"));
    completed(run("[" +
                      checkpoint("ok", ", 'hitl_target': {'scope': 's', 'queue': 'q', 'hitl_spec': {'title': "
                                       "'For ${amount}'}}") +
                      "," + expression("z", "ok.why") + "]",
                  object, "{'amount': 5}"),
              "'late'");
    BOOST_TEST(object.effects[0].request.get("hitl_target").dump() ==
               R"({"scope":"s","queue":"q","hitl_spec":{"title":"For 5"}})");
    ScriptedHost wrong;
    wrong.answer("ok", 7);
    failed(run("[" + checkpoint("ok") + "]", wrong), "checkpoint_answer", "ok", "found number");
}

BOOST_AUTO_TEST_CASE(options_and_targets_of_a_checkpoint_are_no_templates) {
    ScriptedHost host;
    host.answer("ok", "pay");
    completed(run("[{'kind': 'checkpoint', 'node_id': 'ok', 'checkpoint_type': 'choice',"
                  "'options': [{'id': 'pay', 'label': '${amount'}],"
                  "'hitl_target': {'scope': '${s', 'queue': 'q', 'hitl_spec': {'t': '${n}'}}}]",
                  host, "{'n': 1}"),
              "'pay'");
    BOOST_TEST(
        host.effects[0].request.dump() ==
        R"({"checkpoint_type":"choice","options":[{"id":"pay","label":"${amount"}],"hitl_target":{"scope":"${s","queue":"q","hitl_spec":{"t":1}}})");
}

BOOST_AUTO_TEST_CASE(a_timeout_of_a_checkpoint_does_what_on_timeout_says) {
    ScriptedHost host;
    host.fail("ok", "timeout");
    failed(run("[" + checkpoint("ok") + "]", host), "timeout", "ok");
    failed(run("[" + checkpoint("ok", ", 'on_timeout': 'fail'") + "]", host), "timeout", "ok");
    completed(run("[" + checkpoint("ok", ", 'on_timeout': 'continue'") + "]", host), "null");
    completed(run("[" + checkpoint("ok", ", 'on_timeout': 'escalate'") + "]", host), "'escalate'");
    completed(run("[" + checkpoint("ok", ", 'on_timeout': 'reject'") + "]", host), "'reject'");
    ScriptedHost other;
    other.fail("ok", "queue_down");
    failed(run("[" + checkpoint("ok", ", 'on_timeout': 'continue'") + "]", other), "queue_down", "ok");
}

BOOST_AUTO_TEST_CASE(a_breakpoint_pauses_before_its_node) {
    ScriptedHost host;
    const auto result = run(
        "[{'kind': 'checkpoint', 'node_id': 'a', 'checkpoint_type': 'debug_breakpoint', 'synthetic': true}," +
            plugin("a") + "]",
        host);
    completed(result, "null");
    BOOST_TEST(host.effects.at(0).path == "a~checkpoint");
    BOOST_TEST(host.effects.at(1).path == "a");
    BOOST_TEST(visited(result) == "node_entry a");
    BOOST_TEST(host.events.size() == 4);
}

BOOST_AUTO_TEST_CASE(core_calls_pass_their_keys) {
    ScriptedHost host;
    host.answer("sub", loose_json("{'ok': true}"));
    completed(run("[{'kind': 'core_call', 'node_id': 'sub', 'target': 'core://acme/other', 'input_bindings': "
                  "{'n': '${n}'}, 'instance_key': '${name}',"
                  "'timeout': '30s', 'is_async': false, 'result_binding': 'sub'}]",
                  host, "{'n': 1, 'name': 'k'}"),
              "{'ok': true}");
    BOOST_TEST((host.effects[0].kind == EffectKind::core_call));
    BOOST_TEST(
        host.effects[0].request.dump() ==
        R"({"target":"core://acme/other","timeout":"30s","input_bindings":{"n":1},"instance_key":"k","is_async":false})");
}

BOOST_AUTO_TEST_CASE(expression_failures_name_the_key) {
    failed(run("[" + expression("a", "1 / n") + "]", "{'n': 0}"), "expression", "a",
           "expression: division by zero");
    failed(run("[" + plugin("a", "{'x': '${n.trim()}'}") + "]", "{'n': 0}"), "expression", "a",
           "args: number has no method 'trim'");
    failed(run("[{'kind': 'match', 'node_id': 'm', 'arms': [{'when': 'false', 'body': []}, {'when': 'n - "
               "`a`', 'body': []}]}]"),
           "expression", "m", "arms[1].when: ");
}

BOOST_AUTO_TEST_CASE(steps_time_and_memory_are_bounded) {
    const std::string endless =
        "[{'kind': 'while', 'node_id': 'w', 'condition': 'true', 'max_iterations': 1000000, 'body': [" +
        assign("grow", "x", "[x, x]") + "]}]";
    ScriptedHost host;
    RunLimits steps;
    steps.max_steps = 100;
    const auto counted =
        run("[{'kind': 'while', 'node_id': 'w', 'condition': 'true', 'max_iterations': 1000000, 'body': []}]",
            host, "{}", "[]", steps);
    failed(counted, "step_budget", "w", "more than 100 steps");
    BOOST_TEST(counted.steps == 100);
    failed(run(endless, host), "scope_limit", "grow");
    RunLimits small;
    small.max_scope_bytes = 100;
    failed(run("[" + bound("a", "`x`.repeat(200)") + "]", host, "{}", "[]", small), "scope_limit", "a");
    failed(run("[{'kind': 'foreach', 'node_id': 'l', 'collection': '[1, 2, 3]', 'item': 'i', 'body': [" +
                   expression("a", "`x`.repeat(50)") + "]}]",
               host, "{}", "[]", small),
           "scope_limit", "l");
    failed(run("[]", host, "{'x': '" + std::string(200, 'x') + "'}", "[]", small), "scope_limit", "");
    completed(run("[" + bound("a", "`x`.repeat(60)") + "," + assign("b", "v", "`x`.repeat(10)") + "," +
                      assign("c", "v", "`y`.repeat(10)") + "]",
                  host, "{}", "[]", small),
              "'yyyyyyyyyy'");
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

BOOST_AUTO_TEST_CASE(the_time_limit_stops_a_run) {
    ScriptedHost host;
    const Value module = module_of(
        "[{'kind': 'while', 'node_id': 'w', 'condition': 'true', 'max_iterations': 1000000, 'body': []}]");
    const auto result = scai::scir::run(module, "", Value::object(), host, {}, RunningClock());
    failed(result, "time_limit", "w", "longer than 10000 ms");
    BOOST_TEST(result.steps < 12);
}

BOOST_AUTO_TEST_CASE(limits_are_not_for_handlers_to_catch) {
    ScriptedHost host;
    RunLimits limits;
    limits.max_steps = 20;
    const std::string loop =
        "{'kind': 'while', 'node_id': 'w', 'condition': 'true', 'max_iterations': 1000000, 'body': []}";
    const auto result =
        run("[{'kind': 'parallel', 'node_id': 'p', 'fail_fast': false, 'branches': [{'name': 'x', 'body': [" +
                loop + "]}, {'name': 'y', 'body': [" + expression("c", "3") + "]}]}]",
            host, "{}", "[]", limits);
    failed(result, "step_budget", "w");
    BOOST_TEST(visited(result) == "node_entry p w");
}

BOOST_AUTO_TEST_CASE(events_tell_what_happened) {
    ScriptedHost host;
    run("[" + bound("a", "1") +
            ", {'kind': 'foreach', 'node_id': 'l', 'collection': '[5]', 'item': 'x', 'body': [" +
            expression("b", "x.trim()") + "]}]",
        host);
    std::string told;
    for (const auto& event : host.events)
        told += event.type.substr(6) + " " + event.path + " " +
                (event.value.present() ? event.value.dump() : "") + event.message + "\n";
    BOOST_TEST(told == "entered a \nexited a 1\nentered l \nentered l[0]/b \n"
                       "failed l[0]/b expression: number has no method 'trim'\nfailed l expression: number "
                       "has no method 'trim'\n");
    BOOST_TEST(host.events[1].result_binding == "a");
    BOOST_TEST(host.events[2].block_kind == "foreach");
}

BOOST_AUTO_TEST_CASE(what_was_not_verified_fails_and_never_crashes) {
    ScriptedHost host;
    for (const char* const text :
         {"{}", "{'flows': 7}", "{'flows': [{}]}", "{'flows': [{'body': 3}]}",
          "{'flows': [{'body': [1, null, {}]}]}", "{'flows': [{'body': [{'kind': 'try'}]}]}",
          "{'flows': [{'body': [{'kind': 'match', 'arms': [{}]}]}]}",
          "{'flows': [{'body': [{'kind': 'rigid', 'statements': [{}]}]}]}",
          "{'flows': [{'body': [{'kind': 'foreach'}]}]}",
          "{'flows': [{'body': [{'kind': 'while', 'condition': 'true'}]}]}", "[]", "null"}) {
        const auto result = scai::scir::run(loose_json(text), "", Value(), host, {}, scai::test::FakeClock());
        BOOST_TEST((result.status != RunResult::Status::suspended), text);
    }
    std::string deep = expression("x", "1");
    for (int i = 0; i < 300; ++i)
        deep = "{'kind': 'match', 'node_id': 'm', 'arms': [{'when': 'true', 'body': [" + deep +
               "]}], 'otherwise': []}";
    failed(scai::scir::run(module_of("[" + deep + "]"), "", Value(), host, {}, scai::test::FakeClock()),
           "invalid_module", "m", "nested");
}

// A grid suspends at every call and later runs again with the answers so far.

namespace {

class ReplayHost final : public scai::scir::Host {
public:
    explicit ReplayHost(ScriptedHost& world) : world_(world) {}
    scai::scir::Outcome call(const scai::scir::Effect& effect) override {
        if (const auto known = answers_.find(effect.path); known != answers_.end())
            return known->second;
        answers_[effect.path] = world_.call(effect);
        return {.kind = scai::scir::Outcome::Kind::suspended, .value = {}, .code = {}, .message = {}};
    }
    void event(const scai::scir::Event&) override {}

private:
    ScriptedHost& world_;
    std::map<std::string, scai::scir::Outcome> answers_;
};

} // namespace

BOOST_AUTO_TEST_CASE(suspending_at_every_call_and_replaying_gives_the_same_result) {
    const std::string body =
        "[" + flexible("ask", ", 'on_failure': {'retry': 3}", "{'go': 'bool'}") +
        ", {'kind': 'foreach', 'node_id': 'l', 'collection': '[1, 2, 3]', 'item': 'x', 'body': [" +
        plugin("p", "{'x': '${x}'}") +
        ", {'kind': 'match', 'node_id': 'd', 'arms': [{'when': 'p.n > 1', 'body': [" + checkpoint("ok") +
        "]}], 'otherwise': [" + expression("e", "p.n") +
        "]}]}, {'kind': 'parallel', 'node_id': 'par', 'fail_fast': false, 'branches': [{'name': 'a', 'body': "
        "[" +
        guarded("g", ", 'validate': 'result.n > 5', 'on_validation_failure': {'retry': 5}") +
        "]}, {'name': 'b', 'body': [{'kind': 'core_call', 'node_id': 'sub', 'target': 'core://a/b', "
        "'input_bindings': {}, 'timeout': '30s', 'is_async': false}]}], 'result_binding': 'par'}," +
        expression("z", "[ask, par, ok]") + "]";
    const auto world = [] {
        ScriptedHost host;
        host.fail("ask", "llm_failed")
            .answer("ask", loose_json("{'go': 1}"))
            .answer("ask", loose_json("{'go': true}"));
        host.answer("p", loose_json("{'n': 1}"))
            .answer("p", loose_json("{'n': 2}"))
            .answer("p", loose_json("{'n': 3}"));
        host.answer("ok", "approve").answer("ok", "reject");
        host.answer("g", loose_json("{'n': 1}")).answer("g", loose_json("{'n': 9}"));
        host.answer("sub", "done");
        return host;
    };
    const Value module = module_of(body);
    const scai::test::FakeClock clock;
    ScriptedHost once = world();
    const auto whole = scai::scir::run(module, "", Value::object(), once, {}, clock);
    completed(whole, "[{'go': true}, {'a': {'n': 9}, 'b': 'done'}, 'reject']");

    ScriptedHost again = world();
    ReplayHost replay(again);
    std::size_t runs = 0;
    RunResult result;
    do {
        result = scai::scir::run(module, "", Value::object(), replay, {}, clock);
        ++runs;
        if (result.status == RunResult::Status::suspended)
            BOOST_TEST(result.error_code.empty());
    } while (result.status == RunResult::Status::suspended && runs < 100);
    BOOST_TEST(runs == once.effects.size() + 1);
    BOOST_TEST(result.output.dump() == whole.output.dump());
    BOOST_TEST(result.scope.dump() == whole.scope.dump());
    BOOST_TEST(visited(result) == visited(whole));
    BOOST_TEST(result.steps == whole.steps);
    for (std::size_t i = 0; i < once.effects.size(); ++i) {
        BOOST_TEST(once.effects[i].path == again.effects[i].path);
        BOOST_TEST(once.effects[i].request.dump() == again.effects[i].request.dump());
    }
    std::set<std::string> paths;
    for (const auto& effect : once.effects)
        BOOST_TEST(paths.insert(effect.path).second, effect.path);
}

BOOST_AUTO_TEST_SUITE_END()
