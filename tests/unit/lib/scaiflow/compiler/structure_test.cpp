// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/structure.hpp"
#include "lib/scaiflow/graph/bindings.hpp"
#include "tests/support/flow_builder.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow;
using compiler::Body;
using compiler::Branch;
using compiler::Item;
using scai::test::FlowBuilder;

namespace {

std::string text(const Body& body);

std::string branches(const Item& item) {
    std::string out;
    for (const Branch& branch : item.branches)
        out += (out.empty() ? "" : " | ") + text(branch.body);
    return "(" + out + ")";
}

/// a; if(b | c)else(d); guard:a(b) ...
std::string text(const Body& body) {
    std::string out;
    for (const Item& item : body) {
        const std::string id = item.node->id.substr(5);
        out += out.empty() ? "" : "; ";
        switch (item.kind) {
        case Item::Kind::node:
            out += id + (item.branches.empty() ? "" : branches(item));
            break;
        case Item::Kind::breakpoint:
            out += "break:" + id;
            break;
        case Item::Kind::choice:
            out += "if:" + id + branches(item);
            break;
        case Item::Kind::triggers:
            out += "triggers" + branches(item);
            break;
        case Item::Kind::guard:
            out += "guard:" + id + branches(item);
            break;
        case Item::Kind::mark:
        case Item::Kind::reset:
            for (const std::string& flag : item.flags)
                out += (&flag == &item.flags.front() ? "" : ", ") +
                       std::string(item.kind == Item::Kind::mark ? "set " : "clear ") + flag;
        }
        if (!item.otherwise.empty())
            out += "else(" + text(item.otherwise) + ")";
    }
    return out;
}

std::string structure(const FlowBuilder& flow) {
    const auto read = graph::read(flow.content());
    BOOST_TEST_REQUIRE(read.graph.has_value());
    return text(compiler::structure_of(*read.graph, graph::bindings_of(*read.graph)).body);
}

FlowBuilder with_steps(const std::string& ids) {
    FlowBuilder flow;
    flow.entry();
    for (const char id : ids)
        flow.step(std::string(1, id));
    return flow;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_compiler_structure)

BOOST_AUTO_TEST_CASE(a_chain_is_a_list) {
    BOOST_TEST(structure(with_steps("abc").chain({"start", "a", "b", "c"})) == "a; b; c");
}

BOOST_AUTO_TEST_CASE(plain_edges_of_one_port_are_all_taken_a_chain_before_its_sibling) {
    BOOST_TEST(structure(with_steps("abcd").chain({"start", "a", "b", "d"}).edge("a", "c")) == "a; b; d; c");
    BOOST_TEST(
        structure(with_steps("abcd").edge("start", "a").edge("a", "c").edge("a", "b").chain({"b", "d"})) ==
        "a; c; b; d");
}

BOOST_AUTO_TEST_CASE(a_diamond_joins_behind_its_choice_without_a_flag) {
    FlowBuilder flow = with_steps("abcj");
    flow.node("d", "logic_decision").chain({"start", "d"});
    flow.edge("d", "a", "x == 1").edge("d", "b", "x == 2").edge("d", "c");
    flow.edge("a", "j").edge("b", "j").edge("c", "j");
    BOOST_TEST(structure(flow) == "d(a | b)else(c); j");
}

BOOST_AUTO_TEST_CASE(a_plain_edge_is_the_fallthrough_wherever_it_stands) {
    FlowBuilder flow = with_steps("ab");
    flow.node("d", "logic_decision").chain({"start", "d"});
    flow.edge("d", "a").edge("d", "b", "x == 1");
    BOOST_TEST(structure(flow) == "d(b)else(a)");
}

BOOST_AUTO_TEST_CASE(a_condition_that_is_plainly_true_closes_the_choice) {
    FlowBuilder flow = with_steps("abj");
    flow.node("d", "logic_decision").chain({"start", "d"});
    flow.edge("d", "a", "x == 1").edge("d", "b", "true").edge("a", "j").edge("b", "j");
    BOOST_TEST(structure(flow) == "d(a | b); j");
}

BOOST_AUTO_TEST_CASE(a_join_that_not_every_way_leads_to_is_guarded_with_all_that_hangs_on_it) {
    FlowBuilder flow = with_steps("abjk");
    flow.node("d", "logic_decision").chain({"start", "d"});
    flow.edge("d", "a", "x == 1").edge("d", "b", "x == 2").edge("a", "j").edge("b", "j").edge("j", "k");
    BOOST_TEST(structure(flow) == "d(set _reached_j; a | set _reached_j; b); guard:j(j; k)");
}

BOOST_AUTO_TEST_CASE(an_edge_past_a_branch_reaches_the_join) {
    FlowBuilder flow = with_steps("aj");
    flow.node("d", "logic_decision").chain({"start", "d"});
    flow.edge("d", "a", "x == 1").edge("d", "j").edge("a", "j");
    BOOST_TEST(structure(flow) == "d(a); j");
}

BOOST_AUTO_TEST_CASE(a_join_inside_a_branch_stays_there) {
    FlowBuilder flow = with_steps("abcjz");
    flow.node("d", "logic_decision").node("e", "logic_decision").chain({"start", "d"});
    flow.edge("d", "e", "x == 1").edge("d", "z");
    flow.edge("e", "a", "y == 1").edge("e", "b").edge("a", "j").edge("b", "j").edge("j", "c");
    BOOST_TEST(structure(flow) == "d(e(a)else(b); j; c)else(z)");
}

BOOST_AUTO_TEST_CASE(conditional_edges_of_any_node_make_a_choice_behind_it) {
    FlowBuilder flow = with_steps("ab");
    flow.chain({"start", "a"}).edge("a", "b", "x == 1");
    BOOST_TEST(structure(flow) == "a; if:a(b)");
}

BOOST_AUTO_TEST_CASE(what_hangs_on_a_node_comes_before_the_join_behind_it) {
    FlowBuilder flow = with_steps("abjk");
    flow.edge("start", "a").edge("start", "j").edge("a", "j").edge("a", "k");
    BOOST_TEST(structure(flow) == "a; k; j");
}

BOOST_AUTO_TEST_CASE(a_loop_holds_its_body_and_goes_on_behind_it) {
    FlowBuilder flow = with_steps("abz");
    flow.node("l", "logic_loop", scai::json::Value::object({{"collection", "rows"}})).chain({"start", "l"});
    flow.edge("l.body", "a").chain({"a", "b"}).edge("l.out", "z");
    BOOST_TEST(structure(flow) == "l(a; b); z");
}

BOOST_AUTO_TEST_CASE(flags_inside_a_loop_are_cleared_in_every_round) {
    FlowBuilder flow = with_steps("abj");
    flow.node("l", "logic_loop", scai::json::Value::object({{"collection", "rows"}})).chain({"start", "l"});
    flow.edge("l.body", "a", "x == 1").edge("l.body", "b", "x == 2").edge("a", "j").edge("b", "j");
    BOOST_TEST(structure(flow) ==
               "l(clear _reached_j; if:l(set _reached_j; a | set _reached_j; b); guard:j(j))");
}

BOOST_AUTO_TEST_CASE(a_node_reached_from_a_loop_body_and_from_elsewhere_runs_once_behind_the_loop) {
    FlowBuilder flow = with_steps("aj");
    flow.node("l", "logic_loop", scai::json::Value::object({{"collection", "rows"}})).chain({"start", "l"});
    flow.edge("l.body", "a").edge("a", "j").edge("l.out", "j");
    BOOST_TEST(structure(flow) == "l(a); j");
}

BOOST_AUTO_TEST_CASE(every_edge_of_a_parallel_is_a_branch_and_the_join_comes_behind) {
    FlowBuilder flow = with_steps("abcj");
    flow.node("p", "logic_parallel").chain({"start", "p"});
    flow.edge("p", "a").edge("p", "b").edge("p", "c", "x == 1").chain({"a", "j"}).chain({"b", "j"});
    BOOST_TEST(structure(flow) == "p(a | b | if:p(c)); j");
}

BOOST_AUTO_TEST_CASE(a_join_behind_a_parallel_is_guarded_only_when_no_branch_is_sure) {
    FlowBuilder flow = with_steps("abj");
    flow.node("p", "logic_parallel").chain({"start", "p"});
    flow.edge("p", "a").edge("p", "b").edge("a", "j", "x == 1").edge("b", "j", "x == 2");
    BOOST_TEST(structure(flow) == "p(a; if:a(set _reached_j) | b; if:b(set _reached_j)); guard:j(j)");
}

BOOST_AUTO_TEST_CASE(several_entries_start_with_the_choice_of_the_trigger) {
    FlowBuilder flow;
    flow.entry("one").node("two", "entry_webhook").step("a").step("b").step("j");
    flow.chain({"one", "a", "j"}).chain({"two", "b", "j"});
    BOOST_TEST(structure(flow) == "triggers(a | b); j");
    FlowBuilder same;
    same.entry("one").node("two", "entry_webhook").step("a").chain({"one", "a"}).chain({"two", "a"});
    BOOST_TEST(structure(same) == "a");
}

BOOST_AUTO_TEST_CASE(unreachable_nodes_and_data_edges_are_no_control_flow) {
    FlowBuilder flow = with_steps("abc");
    flow.chain({"start", "a"}).chain({"b", "c"});
    BOOST_TEST(structure(flow) == "a");
}

BOOST_AUTO_TEST_CASE(a_breakpoint_stands_before_its_block) {
    FlowBuilder flow;
    flow.entry().node("a", "llm_flexible", scai::json::Value::object({{"goal", "x"}, {"breakpoint", true}}));
    flow.chain({"start", "a"});
    BOOST_TEST(structure(flow) == "break:a; a");
}

BOOST_AUTO_TEST_CASE(two_thousand_nodes_in_a_row_stay_flat_conditional_or_not) {
    for (const bool conditional : {false, true}) {
        FlowBuilder flow;
        flow.entry();
        std::string before = "start";
        for (int i = 0; i < 1999; ++i) {
            const std::string id = "n" + std::to_string(i);
            flow.step(id).edge(before, id, conditional && i > 0 ? "ok" : "");
            before = id;
        }
        const auto read = graph::read(flow.content());
        BOOST_TEST_REQUIRE(read.graph.has_value());
        const auto built = compiler::structure_of(*read.graph, graph::bindings_of(*read.graph));
        BOOST_TEST(built.too_deep == nullptr);
        BOOST_TEST(built.body.size() >= (conditional ? 10U : 1999U));
    }
}

BOOST_AUTO_TEST_CASE(loops_nested_beyond_the_bound_are_refused_and_name_the_node) {
    FlowBuilder flow;
    flow.entry();
    std::string before = "start";
    for (int i = 0; i < 1000; ++i) {
        const std::string id = "l" + std::to_string(i);
        flow.node(id, "logic_loop", scai::json::Value::object({{"collection", "rows"}}));
        flow.edge(before, id);
        before = id + ".body";
    }
    const auto read = graph::read(flow.content());
    BOOST_TEST_REQUIRE(read.graph.has_value());
    const auto built = compiler::structure_of(*read.graph, graph::bindings_of(*read.graph));
    BOOST_TEST_REQUIRE(built.too_deep != nullptr);
    BOOST_TEST(built.too_deep->id == "node_l26");
    BOOST_TEST(built.body.empty());
}

BOOST_AUTO_TEST_SUITE_END()
