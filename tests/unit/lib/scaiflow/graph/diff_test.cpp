// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/diff.hpp"

#include "tests/support/flow_generator.hpp"
#include "tests/support/flow_json.hpp"

#include <boost/test/unit_test.hpp>

using namespace scai::test;
using scai::json::Value;
using scaiflow::graph::Change;

namespace {

Value line() {
    return flow({node("node_in", "entry_api"),
                 node("node_a", "llm_rigid", R"({"template":"hi","x":{"y":1}})"),
                 node("node_b", "checkpoint")},
                {edge("node_in.out_request", "node_a"), edge("node_a", "node_b")});
}

/// "changed node node_a 'L node_a' [config.goal, label]", with "layout" behind a move.
void expect(const Value& before, const Value& after, const std::vector<std::string>& expected) {
    std::vector<std::string> found;
    for (const Change& change : scaiflow::graph::diff(before, after)) {
        std::string text = change.kind == Change::Kind::added     ? "added "
                           : change.kind == Change::Kind::removed ? "removed "
                                                                  : "changed ";
        text += change.what + " " + change.id + " '" + change.label + "' [";
        for (const std::string& member : change.members)
            text += (text.back() == '[' ? "" : ", ") + member;
        found.push_back(text + "]" + (change.layout_only ? " layout" : ""));
        BOOST_TEST(change.before.present() == (change.kind != Change::Kind::added));
        BOOST_TEST(change.after.present() == (change.kind != Change::Kind::removed));
    }
    BOOST_TEST(found == expected, boost::test_tools::per_element());
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_graph_diff)

BOOST_AUTO_TEST_CASE(a_flow_does_not_differ_from_itself) {
    expect(line(), line(), {});
    Value bumped = line();
    expect(line(), bumped.set("version", "1.0.1"), {});
    const Value generated = generate_flow(3, 60);
    expect(generated, copy(generated), {});
    BOOST_TEST(
        scaiflow::graph::to_json(scaiflow::graph::diff(line(), line())).dump() ==
        R"({"summary":{"nodes":{"added":0,"removed":0,"changed":0,"layout_only":0},"edges":{"added":0,)"
        R"("removed":0,"changed":0,"layout_only":0},"other":{"added":0,"removed":0,"changed":0,"layout_only":0}},)"
        R"("changes":[]})");
}

BOOST_AUTO_TEST_CASE(nodes_and_edges_come_and_go) {
    Value after =
        flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"hi","x":{"y":1}})"),
              node("node_c", "compute_destroy")},
             {edge("node_in.out_request", "node_a"), edge("node_a", "node_c")});
    expect(line(), after,
           {"added node node_c 'L node_c' []", "removed node node_b 'L node_b' []",
            "added edge edge_node_a_node_c 'node_a.out -> node_c.in' []",
            "removed edge edge_node_a_node_b 'node_a.out -> node_b.in' []"});
}

BOOST_AUTO_TEST_CASE(changed_members_are_named_by_their_path) {
    Value after = line();
    after.get("nodes").at(1).set("label", "Other").get("config").set("template", "ho").get("x").set("y", 2);
    after.get("nodes").at(1).get("config").set("new", true);
    after.get("edges").at(1).get("target").set("port", "left");
    expect(line(), after,
           {"changed node node_a 'Other' [label, config.template, config.x.y, config.new]",
            "changed edge edge_node_a_node_b 'node_a.out -> node_b.left' [target.port]"});
    expect(after, line(),
           {"changed node node_a 'L node_a' [label, config.template, config.x.y, config.new]",
            "changed edge edge_node_a_node_b 'node_a.out -> node_b.in' [target.port]"});
}

BOOST_AUTO_TEST_CASE(a_move_is_layout_only) {
    Value after = line();
    after.get("nodes").at(1).get("position").set("x", 5);
    expect(line(), after, {"changed node node_a 'L node_a' [position.x] layout"});
    after.get("nodes").at(1).set("label", "Other");
    expect(line(), after, {"changed node node_a 'Other' [label, position.x]"});
    const Value big = generate_flow(5, 40);
    const auto changes = scaiflow::graph::diff(big, moved(big, 9));
    BOOST_TEST(changes.size() == big.get("nodes").size());
    for (const Change& change : changes)
        BOOST_TEST(change.layout_only);
    BOOST_TEST(
        scaiflow::graph::to_json(changes).get("summary").get("nodes").get("layout_only").integer().value() ==
        static_cast<std::int64_t>(changes.size()));
}

BOOST_AUTO_TEST_CASE(the_order_of_edges_is_a_change) {
    Value after = line();
    const Value edges = line().get("edges");
    after.set("edges", Value::array({edges.at(1), edges.at(0)}));
    expect(line(), after, {"changed edges  '' [order]"});
    const Value told = scaiflow::graph::to_json(scaiflow::graph::diff(line(), after));
    BOOST_TEST(
        told.get("changes").at(0).dump() ==
        R"({"kind":"changed","what":"edges","id":null,"label":null,"layout_only":false,"members":["order"],)"
        R"("before":["edge_node_in.out_request_node_a","edge_node_a_node_b"],)"
        R"("after":["edge_node_a_node_b","edge_node_in.out_request_node_a"]})");
    // another edge in front moves nobody
    after = line();
    after.set("edges", Value::array({edge("node_in.out_request", "node_b"), edges.at(0), edges.at(1)}));
    expect(line(), after,
           {"added edge edge_node_in.out_request_node_b 'node_in.out_request -> node_b.in' []"});
}

BOOST_AUTO_TEST_CASE(the_rest_of_the_flow_is_compared_too) {
    Value before = line();
    before.set("variables", json(R"([{"name":"a","type":"int"},{"name":"b"}])"));
    before.set("metadata", json(R"({"author":"x"})"));
    Value after = line();
    after.set("name", "New name").set("scaicore_target", "0.3");
    after.set("variables", json(R"([{"name":"a","type":"float"},{"name":"c"}])"));
    after.set("tests", json(R"([{"id":"t1","name":"First"}])"));
    after.get("config").get("core_identity").set("name", "Other");
    after.get("config").set("publish_as_model", true);
    expect(before, after,
           {"changed name  '' []", "changed scaicore_target  '' []", "removed metadata  '' []",
            "changed config  '' [core_identity.name, publish_as_model]", "changed variable a 'a' [type]",
            "added variable c 'c' []", "removed variable b 'b' []", "added test t1 'First' []"});
}

BOOST_AUTO_TEST_CASE(damaged_flows_are_compared_as_far_as_they_go) {
    expect(json("[]"), json("3"), {});
    expect(json(R"({"nodes":[1,{"id":"a"},{"id":"a","label":"2"}]})"),
           json(R"({"nodes":[2,{"id":"a"},{"id":"a","label":"3"}],"edges":7})"),
           {"changed node  '' []", "changed node a '3' [label]"});
}

BOOST_AUTO_TEST_CASE(deep_and_wide_changes_are_told_in_short) {
    std::string open, close, key(5'000, 'k');
    for (int i = 0; i < 100; ++i) {
        open += "{\"" + key + "\":";
        close += "}";
    }
    const Value before = json(R"({"metadata":)" + open + "1" + close + "}");
    const Value after = json(R"({"metadata":)" + open + "2" + close + "}");
    const auto deep = scaiflow::graph::diff(before, after);
    BOOST_TEST_REQUIRE(deep.size() == 1U);
    BOOST_TEST_REQUIRE(deep[0].members.size() == 1U);
    BOOST_TEST(deep[0].members[0].size() == 8U * 81 - 1);
    Value wide = Value::object();
    for (int i = 0; i < 2'000; ++i)
        wide.set("m" + std::to_string(i), i);
    const auto flat = scaiflow::graph::diff(Value::object({{"metadata", Value::object()}}),
                                            Value::object({{"metadata", wide}}));
    BOOST_TEST_REQUIRE(flat.size() == 1U);
    BOOST_TEST(flat[0].members.size() == 500U);
}

BOOST_AUTO_TEST_SUITE_END()
