// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/compiler/import.hpp"
#include "tests/support/flow_builder.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow;
using scai::json::Value;
using scai::test::FlowBuilder;

namespace {

constexpr std::string_view foreign = R"(
core:
  name: hello
  runtime_version: "0.3"
  identity: {persona: Hello There}
  model: scaigrid/openai/gpt-4o
  plugins: [{alias: mail, endpoint: "plugin://mail"}]
  flows:
    - name: hello
      trigger: {type: schedule, cron: "0 6 * * *", timezone: Europe/Amsterdam}
      steps:
        - llm_turn: Say hello.
        - foreach:
            over: names
            steps:
              - plugin_call: {alias: mail, method: send}
                meta: {node_id: node_mail, node_kind: tool_plugin, node_label: Mail, node_config: {plugin: mail, method: send}}
        - guess: what
          meta: {node_id: node_x, node_kind: no_such_kind}
        - checkpoint: {type: approval}
          meta: {node_id: node_ok, node_kind: checkpoint}
)";

compiler::Imported imported(std::string_view text) {
    auto result = compiler::import_yaml(text);
    BOOST_REQUIRE_MESSAGE(static_cast<bool>(result), (result ? "" : result.error().message));
    return *result;
}

std::string manifest_of(const FlowBuilder& flow) {
    const auto compiled = compiler::compile(flow.content(), compiler::Format::yaml);
    BOOST_REQUIRE(compiled.body.has_value());
    return *compiled.body;
}

FlowBuilder two_prompts() {
    FlowBuilder flow("Two Prompts");
    flow.entry().node("a", "llm_flexible", Value::object({{"goal", "first"}}));
    flow.node("b", "llm_flexible", Value::object({{"goal", "second"}})).chain({"start", "a", "b"});
    return flow;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_compiler_import)

BOOST_AUTO_TEST_CASE(a_foreign_manifest_becomes_a_chain_with_what_is_unknown_kept) {
    const auto result = imported(foreign);
    BOOST_TEST(!result.lossless);
    BOOST_TEST(result.unknown_steps == 3U);
    const Value flow = result.content;
    BOOST_TEST(flow.member("name") == "Hello There");
    BOOST_TEST(flow.member("version") == "1.0.0");
    BOOST_TEST(flow.member("scaicore_target") == "0.3");
    BOOST_TEST(flow.member("id").starts_with("flow_"));
    const Value unknown = flow.get("metadata").get("unknown_steps");
    BOOST_TEST(unknown.at(0).member("llm_turn") == "Say hello.");
    BOOST_TEST(unknown.at(1).get("foreach").present());
    BOOST_TEST(unknown.at(2).member("guess") == "what");
    const Value nodes = flow.get("nodes");
    BOOST_TEST_REQUIRE(nodes.size() == 3U);
    BOOST_TEST(nodes.at(0).member("type") == "entry_schedule");
    BOOST_TEST(nodes.at(0).get("config").dump() == R"({"cron":"0 6 * * *","timezone":"Europe/Amsterdam"})");
    BOOST_TEST(nodes.at(1).member("id") == "node_mail");
    BOOST_TEST(nodes.at(2).member("label") == "Checkpoint");
    for (std::size_t i = 0; i < nodes.size(); ++i)
        BOOST_TEST(nodes.at(i).get("position").get("y").integer().value() ==
                   static_cast<std::int64_t>(i) * 120);
    BOOST_TEST(flow.get("edges").size() == 2U);
    BOOST_TEST(flow.get("edges").at(0).get("source").dump() == R"({"node":"node_entry","port":"out_tick"})");
    const Value model = flow.get("config").get("core_identity").get("models").at(0);
    BOOST_TEST(model.dump() == R"({"role":"primary","ref":"scaigrid","model":"openai/gpt-4o"})");
    BOOST_TEST(graph::read(flow).graph.has_value());
}

BOOST_AUTO_TEST_CASE(what_is_no_manifest_is_refused_by_name) {
    for (const auto& [text, what] : std::vector<std::pair<std::string, std::string>>{
             {"a: 1", "'core'"},
             {"core: 3", "'core'"},
             {"[]", "'core'"},
             {"core: [", "not usable YAML"},
             {"core: {flows: 3}", "core.flows"},
             {"core: {name: x}", "names no model: core.model"}}) {
        const auto result = compiler::import_yaml(text);
        BOOST_TEST_REQUIRE(!result, text);
        BOOST_TEST(result.error().message.find(what) != std::string::npos, result.error().message);
        BOOST_TEST((result.error().kind == scai::ErrorKind::bad_request));
    }
}

BOOST_AUTO_TEST_CASE(a_step_edited_by_hand_wins_over_the_graph) {
    const std::string edited = replaced(manifest_of(two_prompts()), "              goal: second",
                                        "              goal: edited by hand");
    const auto result = imported(edited);
    BOOST_TEST(result.lossless); // the graph does not hold configs, so nothing disagrees
    BOOST_TEST(result.content.get("nodes").at(2).get("config").member("goal") == "edited by hand");
}

BOOST_AUTO_TEST_CASE(a_node_whose_step_was_removed_goes_with_its_edges_and_is_told) {
    const std::string manifest = manifest_of(two_prompts());
    const auto from = manifest.find("        - llm_turn: second");
    const auto to = manifest.find("  scaiflow_meta:");
    const auto result = imported(manifest.substr(0, from) + manifest.substr(to));
    BOOST_TEST(!result.lossless);
    BOOST_TEST_REQUIRE(result.notes.size() == 1U);
    BOOST_TEST(result.notes.front() == "node 'node_b' has no step any more and is left out");
    BOOST_TEST(result.content.get("nodes").size() == 2U);
    BOOST_TEST(result.content.get("edges").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_step_the_graph_does_not_know_is_added_and_told) {
    const std::string edited =
        replaced(manifest_of(two_prompts()), "  scaiflow_meta:",
                 "        - llm_turn: third\n          meta: {node_id: node_c, node_kind: "
                 "llm_flexible, node_label: C, node_config: {goal: third}}\n"
                 "        - mystery: 1\n  scaiflow_meta:");
    const auto result = imported(edited);
    BOOST_TEST(!result.lossless);
    BOOST_TEST(result.unknown_steps == 1U);
    BOOST_TEST(result.content.get("nodes").size() == 4U);
    BOOST_TEST(result.notes.size() == 1U);
    BOOST_TEST(result.content.get("metadata").get("unknown_steps").at(0).get("mystery").integer().value() ==
               1);
}

BOOST_AUTO_TEST_CASE(a_broken_graph_part_falls_back_to_the_steps) {
    const std::string edited =
        replaced(manifest_of(two_prompts()), "      edges:\n", "      edges: 3\n      was:\n");
    const auto result = imported(edited);
    BOOST_TEST(!result.lossless);
    BOOST_TEST(result.notes.size() == 1U);
    BOOST_TEST(result.content.get("nodes").size() == 3U);
    BOOST_TEST(result.content.get("edges").size() == 2U);
    BOOST_TEST(result.content.member("id") == "flow_test");
}

BOOST_AUTO_TEST_CASE(several_entries_unreachable_nodes_and_open_members_come_back) {
    FlowBuilder flow("All Of It");
    flow.entry("one").node("two", "entry_webhook",
                           Value::object({{"path", "/x"}, {"own", Value::array({1.0})}}));
    flow.node("a", "llm_rigid", Value::object({{"template", "hi\nthere"}}))
        .chain({"one", "a"})
        .chain({"two", "a"});
    flow.node("lost", "checkpoint", Value::object({{"breakpoint", true}}));
    flow.member("metadata", Value::object({{"author", "a@b"}, {"more", Value::object({{"deep", nullptr}})}}));
    flow.member(
        "tests",
        Value::array({Value::object(
            {{"id", "t"}, {"name", "x"}, {"input", Value::object()}, {"assertions", Value::array()}})}));
    const auto result = imported(manifest_of(flow));
    BOOST_TEST(result.lossless);
    BOOST_TEST(result.content.dump(true) == flow.content().dump(true));
}

BOOST_AUTO_TEST_SUITE_END()
