// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/bindings.hpp"
#include "lib/scaiflow/graph/graph.hpp"
#include "tests/support/flow_json.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace scaiflow::graph;
using scai::json::Value;
using scai::test::flow;
using scai::test::json;
using scai::test::node;

BOOST_AUTO_TEST_SUITE(lib_scaiflow_graph)

BOOST_AUTO_TEST_CASE(there_are_24_kinds_and_names_lead_back_to_them) {
    BOOST_TEST(definitions().size() == 24U);
    std::set<std::string_view> names, labels;
    for (const KindDef& kind : definitions()) {
        BOOST_TEST((kind_of(kind.name) == kind.kind));
        BOOST_TEST(name_of(kind.kind) == kind.name);
        BOOST_TEST(&definition(kind.kind) == &kind);
        names.insert(kind.name);
        labels.insert(kind.label);
    }
    BOOST_TEST(names.size() == 24U);
    BOOST_TEST(labels.size() == 24U);
    BOOST_TEST(!kind_of("entry_chat").has_value());
    BOOST_TEST(!kind_of("").has_value());
}

BOOST_AUTO_TEST_CASE(entries_have_no_input_and_everything_else_can_pause) {
    for (const KindDef& kind : definitions()) {
        BOOST_TEST_CONTEXT(kind.name) {
            BOOST_TEST(is_entry(kind.kind) == (kind.category == Category::entry));
            BOOST_TEST(kind.inputs.empty() == is_entry(kind.kind));
            BOOST_TEST(!kind.outputs.empty());
            BOOST_TEST((find_key(kind.kind, "breakpoint") == nullptr) == is_entry(kind.kind));
        }
    }
    BOOST_TEST(definition(Kind::entry_api).outputs[0].id == "out_request");
    BOOST_TEST(definition(Kind::entry_webhook).outputs[0].id == "out_event");
    BOOST_TEST(definition(Kind::entry_schedule).outputs[0].id == "out_tick");
    BOOST_TEST_REQUIRE(definition(Kind::logic_loop).outputs.size() == 2U);
    BOOST_TEST(definition(Kind::logic_loop).outputs[0].id == "body");
    BOOST_TEST(definition(Kind::logic_loop).outputs[1].id == "out");
}

BOOST_AUTO_TEST_CASE(config_keys_of_a_kind_are_distinct_and_their_defaults_are_json_they_allow) {
    for (const KindDef& kind : definitions()) {
        std::set<std::string_view> keys;
        for (const ConfigKey& key : kind.config) {
            BOOST_TEST_CONTEXT(kind.name << "." << key.name) {
                BOOST_TEST(keys.insert(key.name).second);
                BOOST_TEST(!key.doc.empty());
                BOOST_TEST(!(key.required && !key.default_json.empty()));
                if (key.default_json.empty())
                    continue;
                Value content = flow({node("n", kind.name)}, {});
                content.get("nodes").at(0).set("config",
                                               Value::object().set(key.name, json(key.default_json)));
                BOOST_TEST(read(content).graph.has_value());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(settings_fall_back_to_the_default_of_the_kind) {
    const Read result =
        read(flow({node("a", "entry_schedule", R"({"cron":"1 2 * * *"})"), node("b", "logic_loop"),
                   node("c", "tool_http", R"({"method":null,"mine":[1]})")},
                  {}));
    BOOST_TEST_REQUIRE(result.graph.has_value());
    const auto& nodes = result.graph->nodes;
    BOOST_TEST(nodes[0].text("cron") == "1 2 * * *");
    BOOST_TEST(nodes[0].text("timezone") == "UTC");
    BOOST_TEST(nodes[1].text("style") == "foreach");
    BOOST_TEST(!nodes[1].setting("max_iterations").present());
    BOOST_TEST(nodes[1].text("collection").empty());
    BOOST_TEST(nodes[2].text("method") == "GET");
    BOOST_TEST(nodes[2].setting("timeout_s").integer().value() == 30);
    BOOST_TEST(nodes[2].setting("mine").size() == 1U);
    BOOST_TEST(!nodes[2].setting("unheard_of").present());
}

BOOST_AUTO_TEST_CASE(nodes_are_found_by_their_id_and_ports_by_theirs) {
    const Read result = read(flow({node("a", "logic_loop"), node("b", "checkpoint")}, {}));
    BOOST_TEST_REQUIRE(result.graph.has_value());
    const Graph& graph = *result.graph;
    BOOST_TEST(graph.find("b") == &graph.nodes[1]);
    BOOST_TEST(graph.index_of(*graph.find("b")) == 1U);
    BOOST_TEST(graph.find("c") == nullptr);
    BOOST_TEST(graph.find("a")->has_output("body"));
    BOOST_TEST(!graph.find("a")->has_output("in"));
    BOOST_TEST(graph.find("a")->has_input("in"));
}

BOOST_AUTO_TEST_CASE(the_file_form_is_indented_and_stable) {
    const Read result = read(json(R"({"version":"1.0.0","name":"x","edges":[],"nodes":[],"id":"f"})"));
    BOOST_TEST_REQUIRE(result.graph.has_value());
    const std::string text = format(*result.graph);
    BOOST_TEST(text == "{\n  \"id\": \"f\",\n  \"name\": \"x\",\n  \"version\": \"1.0.0\",\n  \"nodes\": "
                       "[],\n  \"edges\": []\n}\n");
    BOOST_TEST(format(*read(json(text)).graph) == text);
}

BOOST_AUTO_TEST_CASE(new_ids_have_a_prefix_and_ten_characters) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string id = new_id("node_");
        BOOST_TEST(id.size() == 15U);
        BOOST_TEST(id.starts_with("node_"));
        BOOST_TEST(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789", 5) == std::string::npos);
        BOOST_TEST(seen.insert(id).second);
    }
}

BOOST_AUTO_TEST_CASE(semver_is_checked_and_bumped) {
    for (const char* good : {"0.0.0", "1.2.3", "10.20.30", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-0.3.7",
                             "1.0.0-x.7.z.92", "1.0.0+20130313144700", "1.0.0-beta+exp.sha.5114f85",
                             "1.0.0--", "1.0.0-0a.b-c", "99999999999999999999.1.1", "1.0.0+001"})
        BOOST_TEST(valid_semver(good), good);
    for (const char* bad :
         {"",        "1",        "1.0",    "1.0.0.0",    "v1.0.0",    "01.0.0", "1.00.0",
          "1.0.0-",  "1.0.0-01", "1.0.0+", "1.0.0-a..b", "1.0.0-a_b", " 1.0.0", "1.0.0 ",
          "1.0.0\n", "-1.0.0",   "1..0",   "1.0.",       ".0.0",      "1.0.x",  "1.0.0+a+b"})
        BOOST_TEST(!valid_semver(bad), bad);
    BOOST_TEST(bump_patch("1.2.3") == "1.2.4");
    BOOST_TEST(bump_patch("1.2.9") == "1.2.10");
    BOOST_TEST(bump_patch("1.2.1999") == "1.2.2000");
    BOOST_TEST(bump_patch("0.0.99999999999999999999") == "0.0.100000000000000000000");
    BOOST_TEST(bump_patch("1.2.3-rc.1+b") == "1.2.4");
    BOOST_TEST(bump_patch("nonsense") == "1.0.0");
}

BOOST_AUTO_TEST_CASE(bindings_are_ids_without_their_prefix) {
    const Read result =
        read(flow({node("node_in", "entry_api"), node("node_classify", "checkpoint"),
                   node("Sort-Mail", "checkpoint"), node("node_7k2", "checkpoint"),
                   node("node_result", "checkpoint"), node("9", "checkpoint"), node("true", "checkpoint")},
                  {}));
    BOOST_TEST_REQUIRE(result.graph.has_value());
    const std::map<std::string, std::string> expected{{"node_classify", "classify"},
                                                      {"Sort-Mail", "_ort__ail"},
                                                      {"node_7k2", "node_7k2"},
                                                      {"node_result", "node_result"},
                                                      {"9", "node_9"},
                                                      {"true", "node_true"}};
    BOOST_TEST((bindings_of(*result.graph) == expected));
    const auto spellings = spellings_of(*result.graph, bindings_of(*result.graph));
    BOOST_TEST(spellings.at("node_classify") == "classify");
    BOOST_TEST(spellings.at("classify") == "classify");
    BOOST_TEST(spellings.at("7k2") == "node_7k2");
    BOOST_TEST(spellings.at("node_9") == "node_9");
    BOOST_TEST(!spellings.contains("node_in"));
}

BOOST_AUTO_TEST_CASE(bindings_that_clash_keep_the_full_id) {
    Value content = flow({node("node_a", "checkpoint"), node("a", "checkpoint"),
                          node("node_b-c", "checkpoint"), node("node_b_c", "checkpoint"),
                          node("node_total", "checkpoint"), node("node_node_a", "checkpoint")},
                         {});
    content.set("variables", json(R"([{"name":"total"}])"));
    const Read result = read(content);
    BOOST_TEST_REQUIRE(result.graph.has_value());
    const auto bindings = bindings_of(*result.graph);
    BOOST_TEST(bindings.at("a") == "a");
    BOOST_TEST(bindings.at("node_node_a") == "node_a");
    BOOST_TEST(bindings.at("node_a") == "node_a_2");
    BOOST_TEST(bindings.at("node_b-c") == "node_b_c");
    BOOST_TEST(bindings.at("node_b_c") == "node_b_c_2");
    BOOST_TEST(bindings.at("node_total") == "node_total");
    std::set<std::string> distinct;
    for (const auto& [id, name] : bindings)
        BOOST_TEST(distinct.insert(name).second);
    const auto spellings = spellings_of(*result.graph, bindings_of(*result.graph));
    BOOST_TEST(spellings.at("node_a") == "node_a_2"); // the full id comes first
    BOOST_TEST(!spellings.contains("total"));         // that is the variable
}

BOOST_AUTO_TEST_CASE(two_thousand_clashes_are_told_apart) {
    std::vector<Value> nodes;
    for (int i = 0; i < 2'000; ++i) { // Hangul syllables: three bytes each, none of them a letter of a name
        const int point = 0xAC00 + i;
        const std::string id{static_cast<char>(0xE0 | point >> 12),
                             static_cast<char>(0x80 | (point >> 6 & 0x3F)),
                             static_cast<char>(0x80 | (point & 0x3F))};
        nodes.push_back(node(id, "checkpoint"));
    }
    const Read result = read(flow(std::move(nodes), {}));
    BOOST_TEST_REQUIRE(result.graph.has_value());
    std::set<std::string> names;
    for (const auto& [id, name] : bindings_of(*result.graph))
        names.insert(name);
    BOOST_TEST(names.size() == 2'000U);
    BOOST_TEST(names.contains("___"));
    BOOST_TEST(names.contains("____2000"));
}

BOOST_AUTO_TEST_SUITE_END()
