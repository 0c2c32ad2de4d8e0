// The block of every kind, and what the module says about the whole. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scir/ir.hpp"
#include "tests/support/flow_builder.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow;
using scai::json::Value;
using scai::test::FlowBuilder;

namespace {

Value json(std::string_view text) {
    return scai::json::parse(text).value();
}

Value module_of(const FlowBuilder& flow) {
    const auto read = graph::read(flow.content());
    BOOST_REQUIRE(read.graph.has_value());
    const Value module = compiler::lower(*read.graph);
    for (const auto& finding : scai::scir::verify(module))
        BOOST_ERROR(finding.path + ": " + finding.message);
    return module;
}

Value body_of(const FlowBuilder& flow) {
    return module_of(flow).get("flows").at(0).get("body");
}

/// The block of one node "x", behind a node "src" that its expressions may name.
std::string block(const std::string& kind, const char* config) {
    FlowBuilder flow;
    flow.entry().node("src", "llm_rigid", json(R"({"template":"t"})")).node("x", kind, json(config));
    flow.chain({"start", "src", "x"}).config("scaiqueue", json(R"({"scope":"desk","queues":[]})"));
    return body_of(flow).at(1).dump();
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_compiler_lower)

BOOST_AUTO_TEST_CASE(a_rigid_template_becomes_one_expression) {
    BOOST_TEST(block("llm_rigid", R"({"template":"Dear {{node_src.name}}, 'hi'"})") ==
               R"({"kind":"rigid","node_id":"node_x","statements":[{"kind":"expression",)"
               R"("expression":"\"Dear \" + src.name + \", 'hi'\""}],"result_binding":"x"})");
}

BOOST_AUTO_TEST_CASE(prompts_get_roles_types_and_the_other_dialect) {
    BOOST_TEST(
        block("llm_flexible",
              R"({"goal":"Look at {{node_src}}","output_schema":{"m":"map<string, float>"}})") ==
        R"({"kind":"flexible","node_id":"node_x","goal":"Look at ${src}","output_type":{"m":"map[string, float]"},)"
        R"("llm_role":"primary","input_bindings":{},"context_bindings":{},"identity_ref":false,"examples":[],)"
        R"("on_failure":null,"budget":null,"result_binding":"x"})");
    BOOST_TEST(
        block("llm_guarded", R"({"goal":"g","guard":"node_src == 'a'","validate":"result.n > 1",)"
                             R"("model":"primary","guidance":"be {{src}}"})") ==
        R"({"kind":"guarded","node_id":"node_x","goal":"g","output_type":{},"llm_role":"primary",)"
        R"("guard":"src == \"a\"","validate":"result.n > 1","input_bindings":{},"context_bindings":{},)"
        R"("guidance":"be ${src}","on_validation_failure":null,"result_binding":"x"})");
}

BOOST_AUTO_TEST_CASE(tools_and_variables_are_statements) {
    BOOST_TEST(block("tool_plugin", R"({"plugin":"mail","method":"send","args":{"to":"{{src}}","n":1}})") ==
               R"({"kind":"rigid","node_id":"node_x","statements":[{"kind":"plugin_call","plugin":"mail",)"
               R"("method":"send","args":{"to":"${src}","n":1}}],"result_binding":"x"})");
    BOOST_TEST(block("tool_http", R"({"url":"https://x/{{src.id}}"})") ==
               R"({"kind":"rigid","node_id":"node_x","statements":[{"kind":"plugin_call","plugin":"http",)"
               R"("method":"request","args":{"method":"GET","url":"https://x/${src.id}","headers":{},)"
               R"("timeout_s":30},"timeout_s":30}],"result_binding":"x"})");
    BOOST_TEST(block("data_variable_set", R"({"name":"total","value":"node_src.n + 1"})") ==
               R"({"kind":"rigid","node_id":"node_x","statements":[{"kind":"assign","name":"total",)"
               R"("value":"src.n + 1"}],"result_binding":"x"})");
}

BOOST_AUTO_TEST_CASE(people_are_asked_by_a_checkpoint) {
    BOOST_TEST(
        block("checkpoint", R"({"prompt":"ok {{src}}?","options":["yes","no"],"timeout":"4h"})") ==
        R"({"kind":"checkpoint","node_id":"node_x","checkpoint_type":"approval","prompt":"ok ${src}?",)"
        R"("options":["yes","no"],"timeout":"4h","on_timeout":"fail","result_binding":"x"})");
    BOOST_TEST(
        block("hitl_decision", R"({"on_timeout":"escalate"})") ==
        R"({"kind":"checkpoint","node_id":"node_x","checkpoint_type":"approval","on_timeout":"escalate",)"
        R"("result_binding":"x"})");
    BOOST_TEST(
        block("hitl_review", R"({"queue":"q","timeout":"2m","assignee":"role:boss","sections":[)"
                             R"({"options":["pay"],"type":"decision","field":"f"},)"
                             R"({"type":"context","content":"{{src}}","own":1}]})") ==
        R"({"kind":"checkpoint","node_id":"node_x","checkpoint_type":"hitl_review","timeout":"2m",)"
        R"("on_timeout":"fail","hitl_target":{"scope":"desk","queue":"q","hitl_spec":{"sections":[)"
        R"({"type":"decision","field":"f","options":["pay"]},{"type":"context","content":"${src}","own":1}],)"
        R"("assignee":"role:boss","timeout_s":120}},"result_binding":"x"})");
}

BOOST_AUTO_TEST_CASE(queues_take_the_scope_of_the_flow_unless_they_say_their_own) {
    const auto args = [](const std::string& kind, const char* config) {
        const Value call = json(block(kind, config)).get("statements").at(0);
        return call.member("plugin") + "." + call.member("method") + call.get("args").dump();
    };
    BOOST_TEST(args("queue_publish", R"({"queue":"q","payload":{"a":"{{src}}"},"labels":["l"]})") ==
               R"(scaiqueue.publish{"scope":"desk","queue":"q","payload":{"a":"${src}"},"labels":["l"]})");
    BOOST_TEST(args("queue_consume", R"({"queue":"q","scope":"own"})") ==
               R"(scaiqueue.consume{"scope":"own","queue":"q","timeout_s":30,"max_messages":1})");
    BOOST_TEST(
        args("queue_escalation", R"({"queue":"q","reason":"r"})") ==
        R"(scaiqueue.escalate{"scope":"desk","queue":"q","reason":"r","payload":{},"priority_tier":"high"})");
}

BOOST_AUTO_TEST_CASE(a_text_that_looks_like_a_template_of_the_other_dialect_stays_a_text) {
    BOOST_TEST(block("queue_publish", R"({"queue":"q","message_type":"${x}","payload":{"a":"${y}"}})")
                   .find(R"("message_type":"\\${x}","payload":{"a":"\\${y}"})") != std::string::npos);
    BOOST_TEST(
        block("checkpoint", R"({"options":[{"id":"a","label":"${x}"}]})").find(R"("label":"${x}")") !=
        std::string::npos);
}

BOOST_AUTO_TEST_CASE(compute_calls_the_bunker_and_a_subflow_a_core) {
    const auto args = [](const std::string& kind, const char* config) {
        const Value call = json(block(kind, config)).get("statements").at(0);
        return call.member("plugin") + "." + call.member("method") + call.get("args").dump();
    };
    BOOST_TEST(args("compute_provision", "{}") ==
               R"(scaibunker.create{"image":"python-3.12","lifecycle":"ephemeral","cpu_millicores":1000,)"
               R"("memory_mb":512,"network_profile":"registry"})");
    BOOST_TEST(args("compute_exec", R"({"command":["ls","{{src}}"],"breakpoint":false})") ==
               R"(scaibunker.exec{"command":["ls","${src}"],"timeout_s":30})");
    BOOST_TEST(args("compute_file_upload", R"({"path":"/a","content":"x"})") ==
               R"(scaibunker.write_file{"path":"/a","content":"x"})");
    BOOST_TEST(args("compute_file_download", R"({"path":"/a"})") == R"(scaibunker.read_file{"path":"/a"})");
    BOOST_TEST(args("compute_destroy", "{}") == "scaibunker.destroy{}");
    BOOST_TEST(
        block("subflow_call",
              R"({"target":"core://acme/x","input_bindings":{"a":"{{src}}"},"version":null})") ==
        R"({"kind":"core_call","node_id":"node_x","target":"core://acme/x","input_bindings":{"a":"${src}"},)"
        R"("timeout":"30s","is_async":false,"result_binding":"x"})");
}

BOOST_AUTO_TEST_CASE(an_item_of_a_loop_is_not_taken_for_a_node_of_that_name) {
    FlowBuilder flow;
    flow.entry().step("Hit").node("l", "logic_loop", json(R"({"collection":"node_Hit.rows","item":"Hit"})"));
    flow.node("in", "data_variable_set", json(R"({"name":"v","value":"Hit.n"})"));
    flow.node("out", "data_variable_set", json(R"({"name":"v","value":"Hit.n"})"));
    flow.chain({"start", "Hit", "l"}).edge("l.body", "in").edge("l.out", "out");
    const Value body = body_of(flow);
    const std::string binding = body.at(0).member("result_binding");
    BOOST_TEST(body.at(1).member("collection") == binding + ".rows");
    BOOST_TEST(body.at(1).get("body").at(0).get("statements").at(0).member("value") == "Hit.n");
    BOOST_TEST(body.at(2).get("statements").at(0).member("value") == binding + ".n");
}

BOOST_AUTO_TEST_CASE(logic_becomes_match_while_and_parallel) {
    FlowBuilder flow;
    flow.entry()
        .step("a")
        .step("b")
        .node("d", "logic_decision")
        .node("p", "logic_parallel", json(R"({"max_concurrent":2})"));
    flow.node("w", "logic_loop", json(R"({"style":"while","condition":"v != 'b'","max_iterations":5})"));
    flow.chain({"start", "d"}).edge("d", "p", "x == 'y'").edge("d", "w").edge("p", "a").edge("w.body", "b");
    const Value match = body_of(flow).at(0);
    BOOST_TEST(match.member("kind") == "match");
    BOOST_TEST(match.get("arms").at(0).member("when") == "x == \"y\"");
    BOOST_TEST(match.get("arms").at(0).member("edge_id") == "edge_2");
    const Value parallel = match.get("arms").at(0).get("body").at(0);
    BOOST_TEST(parallel.get("branches").at(0).member("name") == "a");
    BOOST_TEST(parallel.get("max_concurrent").integer().value() == 2);
    BOOST_TEST(!parallel.get("fail_fast").boolean().value());
    const Value loop = match.get("otherwise").at(0);
    BOOST_TEST(loop.member("condition") == "v != \"b\"");
    BOOST_TEST(loop.get("max_iterations").integer().value() == 5);
    BOOST_TEST(loop.get("body").size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_module_names_what_the_flow_uses) {
    FlowBuilder flow("Parcel  Claims!");
    flow.entry("in-Box")
        .node("tick", "entry_schedule")
        .node("run", "compute_destroy")
        .node("q", "queue_consume", json(R"({"queue":"q"})"));
    flow.chain({"in-Box", "run", "q"}).chain({"tick", "run"});
    flow.config("scaiqueue", json(R"({"scope":"s","queues":[]})"));
    flow.config("plugins", json(R"(["mail",{"alias":"crm","endpoint":"https://crm","version":"2"}])"));
    flow.member(
        "variables",
        json(
            R"([{"name":"n","type":"map<string, int>","default":null},{"name":"m","type":"int","default":1}])"));
    const Value module = module_of(flow);
    BOOST_TEST(module.member("name") == "parcel-claims");
    BOOST_TEST(
        module.get("plugins").dump() ==
        R"([{"alias":"mail","endpoint":"plugin://mail"},{"alias":"crm","endpoint":"https://crm","version":"2"},)"
        R"({"alias":"scaibunker","endpoint":"plugin://scaibunker"},{"alias":"scaiqueue","endpoint":"plugin://scaiqueue"}])");
    BOOST_TEST(module.get("capabilities").dump() ==
               R"([{"bunker":{"lifecycle":"ephemeral","image":"python-3.12"}}])");
    BOOST_TEST(
        module.get("triggers").dump() ==
        R"([{"kind":"api","name":"in_box","target_flow":"parcel-claims","node_id":"node_in-Box","method":"POST",)"
        R"("path":"/"},{"kind":"schedule","name":"tick","target_flow":"parcel-claims","node_id":"node_tick",)"
        R"("cron":"0 * * * *","timezone":"UTC"}])");
    BOOST_TEST(module.get("flows").at(0).get("variables").dump() ==
               R"([{"name":"n","type":"map[string, int]"},{"name":"m","type":"int","default":1}])");
}

BOOST_AUTO_TEST_CASE(a_slug_is_kebab_case_and_never_empty) {
    BOOST_TEST(compiler::slug("Parcel Claims") == "parcel-claims");
    BOOST_TEST(compiler::slug("  A--b__C 9 ") == "a-b-c-9");
    BOOST_TEST(compiler::slug("日本") == "flow");
    BOOST_TEST(compiler::slug("") == "flow");
}

BOOST_AUTO_TEST_CASE(a_flow_with_errors_has_no_body_and_all_of_them) {
    FlowBuilder flow;
    flow.step("a").node("l", "llm_flexible", json(R"({"llm_role":"nobody"})")).edge("a.oops", "l");
    for (const auto format : {compiler::Format::yaml, compiler::Format::ir, compiler::Format::scai}) {
        const auto compiled = compiler::compile(flow.content(), format);
        BOOST_TEST(!compiled.body.has_value());
        BOOST_TEST(compiled.diagnostics.size() >= 4U); // no entry, port, role, goal
    }
    BOOST_TEST(!compiler::compile(Value(), compiler::Format::ir).body);
    BOOST_TEST(!compiler::compile(json("[]"), compiler::Format::ir).body);
}

BOOST_AUTO_TEST_CASE(what_is_nested_too_deeply_is_said_at_its_node) {
    Value deep = 1;
    for (int i = 0; i < 150; ++i)
        deep = Value::array({deep});
    FlowBuilder flow;
    flow.entry().node(
        "a", "tool_plugin",
        Value::object({{"plugin", "p"}, {"method", "m"}, {"args", Value::object({{"x", deep}})}}));
    flow.chain({"start", "a"});
    for (const auto format : {compiler::Format::yaml, compiler::Format::ir, compiler::Format::scai}) {
        const auto compiled = compiler::compile(flow.content(), format);
        BOOST_TEST(!compiled.body.has_value());
        BOOST_TEST_REQUIRE(compiled.diagnostics.size() == 1U);
        BOOST_TEST(compiled.diagnostics.front().message == "flow is nested too deeply: at node 'node_a'");
        BOOST_TEST(compiled.diagnostics.front().path == "nodes[1].config");
    }
}

BOOST_AUTO_TEST_CASE(the_text_shows_the_same_flow_and_names_its_id_first) {
    FlowBuilder flow("Two Ways");
    flow.entry("in").node("p", "llm_guarded",
                          json(R"({"goal":"g","validate":"result.n > 1","output_schema":{"n":"int"}})"));
    flow.step("a").step("b").chain({"in", "p"}).edge("p", "a", "p.n > 2").edge("p", "b");
    flow.member("variables", json(R"([{"name":"v","type":"string\nx"}])"));
    const auto text = compiler::compile(flow.content(), compiler::Format::scai, false).body.value_or("");
    BOOST_TEST(text == R"(// "flow_test" version 1.0.3, compiled for ScaiCore 0.2
@core TwoWays {
  version = "1.0.3"
  instance = :stateless
  identity = { persona = "Two Ways" }
  @models {
    primary = {
      provider = "scaigrid"
      model = "scailabs/poolnoodle-omni"
      modalities = [:text]
    }
  }
  @triggers {
    @api in {
      flow = two_ways
    }
  }
  @flow two_ways(input: object) {
    v: string x?
    p = @guarded {
      goal = "g"
      llm = primary
      output = { n: int }
      validate = { output.n > 1 }
    }
    if p.n > 2 {
      v = "a"
    }
    else {
      v = "b"
    }
  }
}
)");
}

BOOST_AUTO_TEST_SUITE_END()
