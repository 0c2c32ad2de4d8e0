// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/graph.hpp"
#include "tests/support/flow_json.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow::graph;
using scai::json::Value;
using scai::test::copy;
using scai::test::edge;
using scai::test::flow;
using scai::test::json;
using scai::test::node;

namespace {

/// "path: message" of every problem.
std::vector<std::string> problems(const Value& content) {
    std::vector<std::string> out;
    const Read result = read(content);
    for (const Diagnostic& problem : result.diagnostics) {
        BOOST_TEST(problem.code == "FLOW_SCHEMA");
        BOOST_TEST((problem.severity == Severity::error));
        out.push_back(problem.path + ": " + problem.message);
    }
    BOOST_TEST(result.graph.has_value() == out.empty());
    return out;
}

void expect(const Value& content, const std::vector<std::string>& expected) {
    const auto found = problems(content);
    BOOST_TEST(found == expected, boost::test_tools::per_element());
}

Value small() {
    return flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"hi"})")},
                {edge("node_in.out_request", "node_a")});
}

/// A flow that uses every member there is.
constexpr std::string_view full_text = R"json({
  "$schema": "https://scailabs.com/schemas/scaiflow/v2.json",
  "id": "flow_1", "name": "All", "version": "1.0.0-rc.1+b7", "scaicore_target": "0.2",
  "metadata": {"author": "a@b.test", "created": "2026-01-01T00:00:00Z", "description": null, "more": [1]},
  "nodes": [
    {"id": "node_in", "type": "entry_api", "label": "", "position": {"x": 1, "y": -2.5},
     "outputs": [{"id": "out_request", "label": "request", "type": "object"}]},
    {"id": "node_a", "type": "llm_flexible", "label": "A", "position": {"x": 1.5, "y": 0, "z": 3},
     "config": {"goal": "x", "foreign": {"deep": [null]}, "examples": null},
     "inputs": [{"id": "in"}], "outputs": []}],
  "edges": [{"id": "e", "type": "conditional", "source": {"node": "node_in", "port": "out_request"},
             "target": {"node": "node_a", "port": "in"}, "condition": "a > 1"}],
  "variables": [{"name": "n", "type": "int", "default": 3, "description": "d", "extra": true}],
  "config": {
    "core_identity": {"name": "X", "mode": "entity", "models": [
      {"role": "primary", "ref": "scaigrid", "model": "m", "temperature": 0.5, "modalities": ["text", "vision"],
       "system_context": "s", "fallback": [{"ref": "openai", "model": "n"}]}]},
    "plugins": ["a", {"alias": "b"}], "capabilities": ["c", {"d": {}}],
    "bunker": {"lifecycle": "session", "image": "i", "cpu_millicores": 1, "memory_mb": 1, "disk_mb": 0,
               "gpu_count": 0, "network_profile": "allowlisted", "network_allowlist": ["a.test"]},
    "scaiqueue": {"scope": "s", "queues": [{"slug": "q", "display_name": "Q", "description": null,
                  "consumer_mode": "priority", "max_retries": 0, "purpose": "dead-letter"}]},
    "publish_as_model": true, "model_visibility_group_ids": ["g"], "future": 1},
  "tests": [{"id": "t", "anything": 1}]
})json";

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_graph_read)

BOOST_AUTO_TEST_CASE(a_flow_with_every_member_comes_back_as_it_was) {
    const Value content = json(full_text);
    const Read result = read(content);
    BOOST_TEST_REQUIRE(result.graph.has_value());
    BOOST_TEST(result.diagnostics.empty());
    BOOST_TEST(to_json(*result.graph).dump(true) == content.dump(true));
    // the members are in the order of the contract, which the text above follows
    BOOST_TEST(to_json(*result.graph).dump() == content.dump());
}

BOOST_AUTO_TEST_CASE(absent_members_stay_absent) {
    const Value content = json(R"({"id":"f","name":"x","version":"1.0.0","nodes":[
        {"id":"n","type":"checkpoint","label":"","position":{"x":0,"y":0}}],"edges":[]})");
    const Read result = read(content);
    BOOST_TEST_REQUIRE(result.graph.has_value());
    BOOST_TEST(to_json(*result.graph).dump() == content.dump());
    BOOST_TEST(result.graph->target() == "0.2");
    BOOST_TEST(!result.graph->config.present());
    BOOST_TEST(!result.graph->nodes[0].inputs.has_value());
}

BOOST_AUTO_TEST_CASE(every_problem_is_told_at_once_with_its_path) {
    expect(json(R"({"id":"","name":7,"version":"1.0","edges":{},"extra":1,
                    "nodes":[{"id":"n","type":"llm","label":"x","position":{"x":"1"},"colour":2}, 5]})"),
           {"id: 'id' must not be empty", "name: 'name' must be a text",
            "version: 'version' must be a semantic version, e.g. 1.0.0", "edges: 'edges' must be a list",
            "extra: unknown member 'extra'",
            "nodes[0].type: 'type' must be one of: entry_api, entry_webhook, entry_schedule, llm_rigid, "
            "llm_guarded, llm_flexible, logic_decision, logic_loop, logic_parallel, tool_plugin, tool_http, "
            "data_variable_set, checkpoint, queue_publish, queue_consume, hitl_review, hitl_decision, "
            "queue_escalation, compute_provision, compute_exec, compute_file_upload, compute_file_download, "
            "compute_destroy, subflow_call",
            "nodes[0].position.x: 'x' must be a number", "nodes[0].position.y: 'y' is required",
            "nodes[0].colour: unknown member 'colour'", "nodes[1]: 'nodes[1]' must be an object"});
}

BOOST_AUTO_TEST_CASE(what_is_no_object_is_no_flow) {
    for (const char* text : {"[]", "null", "3", "\"x\"", "true"})
        expect(json(text), {": the flow must be an object"});
    expect(Value(), {": the flow must be an object"});
    expect(json("{}"), {"id: 'id' is required", "name: 'name' is required", "version: 'version' is required",
                        "nodes: 'nodes' is required", "edges: 'edges' is required"});
}

BOOST_AUTO_TEST_CASE(edges_and_ports_are_closed) {
    Value content = small();
    content.get("edges").at(0).set("colour", "red").get("source").set("x", 1);
    content.get("nodes").at(1).get("inputs").at(0).set("max", 1);
    expect(content, {"nodes[1].inputs[0].max: unknown member 'max'", "edges[0].source.x: unknown member 'x'",
                     "edges[0].colour: unknown member 'colour'"});
}

BOOST_AUTO_TEST_CASE(problems_name_the_node_and_the_edge) {
    Value content = small();
    content.get("nodes").at(1).set("label", 1);
    content.get("edges").at(0).set("type", "loop");
    const Diagnostics found = read(content).diagnostics;
    BOOST_TEST_REQUIRE(found.size() == 2U);
    BOOST_TEST(found[0].node_id == "node_a");
    BOOST_TEST(found[0].edge_id.empty());
    BOOST_TEST(found[1].node_id.empty());
    BOOST_TEST(found[1].edge_id == "edge_node_in.out_request_node_a");
    BOOST_TEST(to_json(found).dump() ==
               R"([{"severity":"error","message":"'label' must be a text","code":"FLOW_SCHEMA",)"
               R"("path":"nodes[1].label","node_id":"node_a","edge_id":null},{"severity":"error",)"
               R"("message":"'type' must be one of: sequential, conditional, data","code":"FLOW_SCHEMA",)"
               R"("path":"edges[0].type","node_id":null,"edge_id":"edge_node_in.out_request_node_a"}])");
}

BOOST_AUTO_TEST_CASE(the_flow_config_has_a_shape) {
    Value content = small();
    content.set("config", json(R"({"core_identity":{"models":[
        {"role":"a","ref":"","model":3,"temperature":2.5,"modalities":["text","smell"],"fallback":[{}]}]},
        "bunker":{"lifecycle":"forever"},"publish_as_model":"yes",
        "scaiqueue":{"queues":[{"max_retries":101,"consumer_mode":"lifo","purpose":"fun"},
                               {"slug":"s","max_retries":1.5}]},
        "model_visibility_group_ids":[1]})"));
    expect(content,
           {"config.core_identity.models[0].ref: 'ref' must not be empty",
            "config.core_identity.models[0].model: 'model' must be a text",
            "config.core_identity.models[0].temperature: 'temperature' must be between 0 and 2",
            "config.core_identity.models[0].modalities[1]: 'modalities[1]' must be one of: text, "
            "structured_output, vision, tts, stt, embedding, image_generation",
            "config.core_identity.models[0].fallback[0].ref: 'ref' is required",
            "config.core_identity.models[0].fallback[0].model: 'model' is required",
            "config.bunker.lifecycle: 'lifecycle' must be one of: ephemeral, session, persistent, appliance",
            "config.publish_as_model: 'publish_as_model' must be true or false",
            "config.scaiqueue.queues[0].max_retries: 'max_retries' must be between 0 and 100",
            "config.scaiqueue.queues[0].consumer_mode: 'consumer_mode' must be one of: fifo, priority, "
            "deadline, broadcast",
            "config.scaiqueue.queues[0].purpose: 'purpose' must be one of: intake, processing, review, "
            "escalation, completed, dead-letter, custom",
            "config.scaiqueue.queues[0].slug: 'slug' is required",
            "config.scaiqueue.queues[1].max_retries: 'max_retries' must be an integer",
            "config.model_visibility_group_ids[0]: 'model_visibility_group_ids[0]' must be a text"});
    content.set("config", json(R"({"core_identity":{"models":[]},"bunker":null,"scaiqueue":null})"));
    expect(content, {"config.core_identity.models: 'models' must have at least 1 item"});
}

BOOST_AUTO_TEST_CASE(known_settings_of_a_node_have_a_type_and_null_means_unset) {
    Value content = small();
    Value nodes = content.get("nodes");
    nodes.push(node("node_x", "compute_exec", R"({"command":"ls","timeout_s":"9","mine":{"a":1}})"));
    nodes.push(node("node_y", "llm_flexible",
                    R"({"goal":1,"output_schema":[],"examples":{},"identity_ref":0,"breakpoint":"on"})"));
    nodes.push(node("node_z", "llm_flexible", R"({"goal":null,"output_schema":null,"breakpoint":null})"));
    expect(content, {"nodes[2].config.command: 'command' must be a list",
                     "nodes[2].config.timeout_s: 'timeout_s' must be an integer",
                     "nodes[3].config.goal: 'goal' must be a text",
                     "nodes[3].config.output_schema: 'output_schema' must be an object",
                     "nodes[3].config.examples: 'examples' must be a list",
                     "nodes[3].config.identity_ref: 'identity_ref' must be true or false",
                     "nodes[3].config.breakpoint: 'breakpoint' must be true or false"});
}

BOOST_AUTO_TEST_CASE(an_unfinished_flow_can_be_read) {
    expect(json(R"({"id":"f","name":"x","version":"1.0.0","nodes":[],"edges":[]})"), {});
    expect(flow({node("n", "subflow_call"), node("m", "hitl_review", "{}")}, {}), {});
}

BOOST_AUTO_TEST_CASE(two_thousand_nodes_are_the_limit) {
    std::vector<Value> nodes;
    for (int i = 0; i < 2'000; ++i)
        nodes.push_back(node("node_" + std::to_string(i), "checkpoint"));
    expect(flow(nodes, {}), {});
    nodes.push_back(node("node_2000", "checkpoint"));
    expect(flow(nodes, {}), {"nodes: 'nodes' must have at most 2000 items"});
}

BOOST_AUTO_TEST_CASE(a_node_has_at_most_256_ports_a_side) {
    Value content = small();
    Value ports = Value::array();
    for (int i = 0; i < 256; ++i)
        ports.push(Value::object({{"id", "in" + std::to_string(i)}}));
    content.get("nodes").at(1).set("inputs", ports);
    expect(content, {});
    ports.push(json(R"({"id":"in"})"));
    expect(content, {"nodes[1].inputs: 'inputs' must have at most 256 items"});
}

BOOST_AUTO_TEST_CASE(a_thousand_problems_are_enough) {
    Value content = small();
    for (int i = 0; i < 5'000; ++i)
        content.get("edges").push(0);
    const Diagnostics found = read(content).diagnostics;
    BOOST_TEST(found.size() == 1'001U);
    BOOST_TEST(found.back().message == "there are more problems than are listed here");
}

BOOST_AUTO_TEST_CASE(long_and_wide_texts_are_counted_in_characters) {
    Value content = small();
    std::string name;
    for (int i = 0; i < 255; ++i)
        name += "\xC3\xA9";
    content.set("name", name);
    expect(content, {});
    content.set("name", name + "x");
    expect(content, {"name: 'name' must have at most 255 characters"});
    Value odd = small();
    odd.set(name, 1);
    std::string shown;
    for (int i = 0; i < 40; ++i)
        shown += "\xC3\xA9";
    expect(odd, {shown + ": unknown member '" + shown + "...'"});
}

BOOST_AUTO_TEST_SUITE_END()
