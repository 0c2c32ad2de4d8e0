// Stage 2, and what holds for all stages. Messages are compared literally: programs and people look for them.
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/scaiflow/graph/complaints.hpp"

#include "tests/support/flow_generator.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>

using namespace scaiflow::graph;
using namespace scai::test;
using scai::json::Value;

namespace {

/// entry -> a -> b, all plain.
Value line() {
    return flow({node("node_in", "entry_api"), node("node_a", "checkpoint"), node("node_b", "checkpoint")},
                {edge("node_in.out_request", "node_a"), edge("node_a", "node_b")});
}

Value with_edges(std::vector<Value> edges) {
    return flow({node("node_in", "entry_api"), node("a", "checkpoint"), node("b", "checkpoint"),
                 node("c", "checkpoint"), node("d", "checkpoint")},
                std::move(edges));
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_graph_validate)

BOOST_AUTO_TEST_CASE(a_sound_flow_has_no_complaints) {
    expect_complaints(line(), {});
}

BOOST_AUTO_TEST_CASE(a_fault_of_the_shape_hides_no_other_error) {
    Value content = flow(
        {node("node_in", "entry_api"), node("node_a", "llm_flexible", R"({"goal":"g","llm_role":"x"})"),
         node("node_b", "llm_rigid")},
        {edge("node_in.out_request", "node_a"), edge("node_a.oops", "node_b"), edge("node_b", "node_a")});
    content.set("name", 1);
    content.get("nodes").at(1).set("label", 7).set("colour", "red");
    content.set("variables", Value::array({Value::object({{"name", "9"}})}));
    expect_complaints(
        content,
        {"error FLOW_SCHEMA name: 'name' must be a text",
         "error FLOW_SCHEMA nodes[1].label (node_a): 'label' must be a text",
         "error FLOW_SCHEMA nodes[1].colour (node_a): unknown member 'colour'",
         "error EDGE_PORT_SOURCE edges[1].source.port [edge_node_a.oops_node_b]: edge "
         "'edge_node_a.oops_node_b': "
         "source node 'node_a' has no output port 'oops'",
         "error CYCLE edges[2] (node_a) [edge_node_b_node_a]: cycle detected: node_a -> node_b -> node_a",
         "error ROLE_UNDECLARED nodes[1].config.llm_role (node_a): llm_role validation failed: node "
         "'node_a': "
         "llm_role='x' is not declared",
         "error SETTING_MISSING nodes[2].config.template (node_b): node 'node_b': 'template' is required",
         "error BAD_NAME variables[0].name: variable '9': a name has letters, digits and _, not a digit "
         "first"});
}

BOOST_AUTO_TEST_CASE(what_only_follows_from_a_fault_of_the_shape_is_not_told) {
    const auto alone = [](const std::function<void(Value&)>& change, const std::string& fault) {
        // node_z makes a third stage speak when the fault does not concern it.
        Value content =
            flow({node("node_in", "entry_api"), node("node_a", "llm_flexible", R"({"goal":"g"})"),
                  node("node_b", "queue_consume", R"({"queue":"q"})"), node("node_z", "llm_rigid")},
                 {edge("node_in.out_request", "node_a"), edge("node_a", "node_b"), edge("node_b", "node_z")});
        content.get("config").set("scaiqueue", Value::object({{"scope", "s"}}));
        change(content);
        expect_complaints(content, {"error FLOW_SCHEMA " + fault,
                                    "error SETTING_MISSING nodes[3].config.template (node_z): node 'node_z': "
                                    "'template' is required"});
    };
    const auto at = [](const Value& content, std::size_t index) { return content.get("nodes").at(index); };
    alone([&](Value& content) { at(content, 1).set("id", 5); }, "nodes[1].id: 'id' must be a text");
    alone([&](Value& content) { at(content, 0).set("type", 5); },
          "nodes[0].type (node_in): 'type' must be a text");
    alone([&](Value& content) { at(content, 1).set("type", 5); },
          "nodes[1].type (node_a): 'type' must be a text");
    alone([&](Value& content) { at(content, 1).set("outputs", 5); },
          "nodes[1].outputs (node_a): 'outputs' must be a list");
    alone([&](Value& content) { at(content, 2).set("inputs", Value::array({"in"})); },
          "nodes[2].inputs[0] (node_b): 'inputs[0]' must be an object");
    alone(
        [&](Value& content) {
            at(content, 1).set("config", Value::object({{"goal", 5}}));
        },
        "nodes[1].config.goal (node_a): 'goal' must be a text");
    alone([&](Value& content) { content.get("edges").at(0).set("source", "node_in"); },
          "edges[0].source [edge_node_in.out_request_node_a]: 'source' must be an object");
    alone([&](Value& content) { content.set("edges", 5); }, "edges: 'edges' must be a list");
    alone([&](Value& content) { content.get("config").set("scaiqueue", "s"); },
          "config.scaiqueue: 'scaiqueue' must be an object");
    alone([&](Value& content) { content.get("config").get("core_identity").set("models", 5); },
          "config.core_identity.models: 'models' must be a list");
}

BOOST_AUTO_TEST_CASE(without_a_list_of_nodes_there_is_nothing_more_to_say) {
    expect_complaints(line().set("nodes", 1), {"error FLOW_SCHEMA nodes: 'nodes' must be a list"});
    expect_complaints(Value::array(), {"error FLOW_SCHEMA : the flow must be an object"});
}

BOOST_AUTO_TEST_CASE(ids_are_unique) {
    Value content = line();
    content.get("nodes").push(node("node_a", "checkpoint"));
    content.get("edges").push(edge("node_a", "node_b"));
    content.get("nodes").at(1).get("inputs").push(json(R"({"id":"in"})"));
    content.get("nodes").at(1).get("outputs").push(json(R"({"id":"out"})"));
    expect_complaints(
        content, {"error DUP_ID nodes[1].inputs[1].id (node_a): node 'node_a': duplicate input port 'in'",
                  "error DUP_ID nodes[1].outputs[1].id (node_a): node 'node_a': duplicate output port 'out'",
                  "error DUP_ID nodes[3].id (node_a): duplicate node id 'node_a'",
                  "error DUP_ID edges[2].id [edge_node_a_node_b]: duplicate edge id 'edge_node_a_node_b'"});
}

BOOST_AUTO_TEST_CASE(edges_name_nodes_that_exist) {
    Value content = line();
    content.get("edges").at(0).get("source").set("node", "node_x");
    content.get("edges").at(1).get("target").set("node", "node_y");
    expect_complaints(
        content,
        {"error EDGE_NODE edges[0].source.node [edge_node_in.out_request_node_a]: "
         "edge 'edge_node_in.out_request_node_a': source node 'node_x' does not exist",
         "error EDGE_NODE edges[1].target.node [edge_node_a_node_b]: edge 'edge_node_a_node_b': target node "
         "'node_y' does not exist",
         "warning UNREACHABLE nodes[1] (node_a): node 'node_a' is not reachable from any entry point",
         "warning UNREACHABLE nodes[2] (node_b): node 'node_b' is not reachable from any entry point"});
}

BOOST_AUTO_TEST_CASE(edges_name_ports_that_exist) {
    Value content = line();
    content.get("edges").at(1).set("id", "e7").get("source").set("port", "out_aux");
    content.get("edges").at(1).get("target").set("port", "left");
    expect_complaints(content,
                      {"error EDGE_PORT_SOURCE edges[1].source.port [e7]: edge 'e7': source node 'node_a' "
                       "has no output port 'out_aux'",
                       "error EDGE_PORT_TARGET edges[1].target.port [e7]: edge 'e7': target node 'node_b' "
                       "has no input port 'left'"});
    // port ids are data: any name goes when the node has it
    content = line();
    content.get("nodes").at(0).get("outputs").at(0).set("id", "out_amount");
    content.get("edges").at(0).get("source").set("port", "out_amount");
    expect_complaints(content, {});
}

BOOST_AUTO_TEST_CASE(nothing_leads_to_an_entry) {
    expect_complaints(
        with_edges({edge("node_in.out_request", "a"), edge("a", "b"), edge("b", "c"), edge("c", "d"),
                    json(R"({"id":"e","type":"data","source":{"node":"d","port":"out"},
                             "target":{"node":"node_in","port":"in"}})")}),
        {"error EDGE_ENTRY edges[4].target.node [e]: edge 'e': target node 'node_in' is an entry point, "
         "nothing leads to it"});
}

BOOST_AUTO_TEST_CASE(conditional_edges_need_a_condition_and_others_have_none) {
    Value content = line();
    content.get("edges").at(0).set("id", "e0").set("type", "conditional");
    content.get("edges").at(1).set("id", "e1").set("condition", "true");
    expect_complaints(content,
                      {"error EDGE_CONDITION edges[0].condition [e0]: edge 'e0': a conditional edge "
                       "needs a condition",
                       "warning EDGE_CONDITION edges[1].condition [e1]: edge 'e1': the condition has "
                       "no effect, the edge is sequential"});
    content.get("edges").at(0).set("condition", "input.amount > 3");
    content.get("edges").at(1).set("type", "conditional");
    expect_complaints(content, {});
}

BOOST_AUTO_TEST_CASE(a_flow_has_an_entry) {
    expect_complaints(flow({node("a", "checkpoint"), node("b", "checkpoint")}, {edge("a", "b")}),
                      {"error NO_ENTRY nodes: flow has no entry-point node"});
    expect_complaints(flow({}, {}), {"error NO_ENTRY nodes: flow has no entry-point node"});
    for (const char* kind : {"entry_api", "entry_webhook", "entry_schedule"})
        expect_complaints(flow({node("a", kind)}, {}), {});
}

BOOST_AUTO_TEST_CASE(a_cycle_is_told_with_its_path) {
    expect_complaints(with_edges({edge("node_in.out_request", "a"), edge("a", "b"), edge("b", "c"),
                                  edge("c", "d"), edge("d", "b")}),
                      {"error CYCLE edges[4] (b) [edge_d_b]: cycle detected: b -> c -> d -> b"});
    expect_complaints(with_edges({edge("node_in.out_request", "a"), edge("a", "b"), edge("b", "c"),
                                  edge("c", "d"), edge("c", "c")}),
                      {"error CYCLE edges[4] (c) [edge_c_c]: cycle detected: c -> c"});
}

BOOST_AUTO_TEST_CASE(every_knot_gets_one_cycle) {
    expect_complaints(with_edges({edge("node_in.out_request", "a"), edge("a", "b"), edge("b", "a"),
                                  edge("b", "c"), edge("c", "d"), edge("d", "c")}),
                      {"error CYCLE edges[2] (a) [edge_b_a]: cycle detected: a -> b -> a",
                       "error CYCLE edges[5] (c) [edge_d_c]: cycle detected: c -> d -> c"});
}

BOOST_AUTO_TEST_CASE(data_edges_close_no_cycle) {
    Value content = with_edges(
        {edge("node_in.out_request", "a"), edge("a", "b"), edge("b", "c"), edge("c", "d"), edge("d", "b")});
    content.get("edges").at(4).set("type", "data");
    expect_complaints(content, {});
}

BOOST_AUTO_TEST_CASE(a_diamond_is_no_cycle) {
    expect_complaints(with_edges({edge("node_in.out_request", "a"), edge("a", "b"), edge("a", "c"),
                                  edge("b", "d"), edge("c", "d")}),
                      {});
}

BOOST_AUTO_TEST_CASE(long_cycles_are_abridged) {
    Value content = chain_flow(1'000);
    Value back = edge("node_step_999", "node_step_1");
    content.get("edges").push(back);
    const Diagnostics found = validate(content);
    BOOST_TEST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found[0].code == "CYCLE");
    BOOST_TEST(found[0].message.starts_with("cycle detected: node_step_1 -> node_step_2 -> "));
    BOOST_TEST(found[0].message.find("node_step_20 -> ... -> node_step_980 -> ") != std::string::npos);
    BOOST_TEST(found[0].message.ends_with(" -> node_step_999 -> node_step_1"));
}

BOOST_AUTO_TEST_CASE(unreachable_nodes_are_a_warning_and_data_edges_reach_nothing) {
    Value content =
        with_edges({edge("node_in.out_request", "a"), edge("a", "b"), edge("b", "c"), edge("c", "d")});
    content.get("edges").at(3).set("type", "data");
    expect_complaints(content,
                      {"warning UNREACHABLE nodes[4] (d): node 'd' is not reachable from any entry point"});
}

BOOST_AUTO_TEST_CASE(unused_output_ports_are_a_warning_but_not_the_only_one) {
    Value content = line();
    content.get("nodes").at(1).get("outputs").push(json(R"({"id":"out_aux"})"));
    expect_complaints(content,
                      {"warning UNUSED_PORT nodes[1].outputs[1] (node_a): node 'node_a' has an unused "
                       "output port 'out_aux'"});
    Value data = edge("node_a.out_aux", "node_b");
    content.get("edges").push(data.set("type", "data"));
    expect_complaints(content, {});
}

BOOST_AUTO_TEST_CASE(all_stages_speak_at_once) {
    expect_complaints(
        flow({node("a", "llm_rigid"), node("b", "llm_flexible", R"({"goal":"x","llm_role":"big"})")},
             {edge("a", "b"), edge("b", "a")}),
        {"error NO_ENTRY nodes: flow has no entry-point node",
         "error CYCLE edges[1] (a) [edge_b_a]: cycle detected: a -> b -> a",
         "error SETTING_MISSING nodes[0].config.template (a): node 'a': 'template' is required",
         "error ROLE_UNDECLARED nodes[1].config.llm_role (b): llm_role validation failed: node "
         "'b': llm_role='big' is not declared"});
}

BOOST_AUTO_TEST_CASE(warnings_never_crowd_out_an_error) {
    Value content = flow({}, {});
    Value nodes = content.get("nodes");
    nodes.push(node("node_in", "entry_api"));
    for (int i = 0; i < 1'500; ++i)
        nodes.push(node("node_" + std::to_string(i), "checkpoint"));
    nodes.push(node("node_z", "llm_rigid"));
    const Diagnostics found = validate(content);
    BOOST_TEST(found.size() == 1'002U);
    BOOST_TEST(found[1'000].message == "there are more problems than are listed here");
    BOOST_TEST((found[1'000].severity == Severity::warning));
    BOOST_TEST(found[1'001].code == "SETTING_MISSING");
    BOOST_TEST(has_errors(found));
}

BOOST_AUTO_TEST_CASE(generated_flows_are_valid) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const Value content = generate_flow(seed, 2 + seed % 90);
        BOOST_TEST_CONTEXT("seed " << seed << ": " << content.dump()) {
            expect_complaints(content, {});
        }
    }
    expect_complaints(chain_flow(2'000), {});
    expect_complaints(ladder_flow(2'000), {});
    expect_complaints(moved(generate_flow(7, 50), 1), {});
}

BOOST_AUTO_TEST_CASE(generated_flows_use_every_kind_and_edge_and_the_size_asked_for) {
    std::set<std::string> kinds, edges;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Value content = generate_flow(seed, 80);
        content.get("nodes").each_item([&](const Value& each) { kinds.insert(each.member("type")); });
        content.get("edges").each_item([&](const Value& each) { edges.insert(each.member("type")); });
        BOOST_TEST(content.get("nodes").size() >= 80U);
        BOOST_TEST(content.get("nodes").size() <= 120U);
        BOOST_TEST(generate_flow(seed, 80).dump() == content.dump());
    }
    BOOST_TEST(kinds.size() == 24U);
    BOOST_TEST(edges.size() == 3U);
}

BOOST_AUTO_TEST_CASE(two_thousand_nodes_are_checked_in_no_time) {
    const Value content = generate_flow(11, 1'900);
    const auto start = std::chrono::steady_clock::now();
    expect_complaints(content, {});
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
    BOOST_TEST_MESSAGE("validated in " << spent.count() << " ms");
    BOOST_TEST(spent.count() < 1'000); // 50 ms is the goal, on a machine that does nothing else
}

BOOST_AUTO_TEST_SUITE_END()
