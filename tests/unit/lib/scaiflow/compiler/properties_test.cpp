// What holds for every flow, on generated ones. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/compiler/import.hpp"
#include "lib/scir/codec.hpp"
#include "lib/scir/interpreter.hpp"
#include "lib/scir/ir.hpp"
#include "lib/yaml/yaml.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/flow_builder.hpp"
#include "tests/support/flow_generator.hpp"
#include "tests/unit/lib/scaiflow/compiler/walker.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace scaiflow;
using compiler::Format;
using scai::json::Value;
using scai::test::Random;

namespace {

/// Sizes from tiny to a few hundred nodes.
std::size_t size_of(std::uint64_t seed) {
    return 2 + seed * seed % 97 + (seed % 20 == 0 ? 200 : 0);
}

std::string messages(const graph::Diagnostics& list) {
    std::string out;
    for (const auto& diagnostic : list)
        out += diagnostic.code + " " + diagnostic.path + " " + diagnostic.message + "\n";
    return out;
}

std::string body(const Value& flow, Format format) {
    const auto compiled = compiler::compile(flow, format);
    BOOST_REQUIRE_MESSAGE(compiled.body, messages(compiled.diagnostics) + flow.dump());
    return *compiled.body;
}

struct NoWorld : scai::scir::Host {
    scai::scir::Outcome call(const scai::scir::Effect&) override { return {}; }
    void event(const scai::scir::Event&) override {}
};

/// Random answers for conditions and loops, rounds inside rounds.
Value random_answers(Random& random, const Value& flow, int depth) {
    Value out = Value::object();
    for (std::size_t i = 0; i < flow.get("edges").size(); ++i)
        if (flow.get("edges").at(i).member("type") == "conditional")
            out.set("e" + std::to_string(i), random.chance(45));
    for (std::size_t i = 0; i < flow.get("nodes").size(); ++i) {
        if (flow.get("nodes").at(i).member("type") != "logic_loop")
            continue;
        Value rounds = Value::array();
        for (auto n = depth > 0 ? random.below(3) : 0; n > 0; --n)
            rounds.push(random_answers(random, flow, depth - 1));
        out.set("l" + std::to_string(i), rounds);
    }
    return out;
}

std::string joined(const std::vector<std::string>& list) {
    std::string out;
    for (const auto& each : list)
        out += each + " ";
    return out;
}

/// Runs the compiled module and the walker with the same answers.
void compare_runs(const Value& flow, Random& random) {
    const auto read = graph::read(flow);
    BOOST_REQUIRE(read.graph.has_value());
    const Value module = compiler::lower(*read.graph);
    BOOST_REQUIRE(scai::scir::verify(module).empty());
    test::Walker walker(flow);
    const scai::test::FakeClock clock;
    NoWorld host;
    const Value triggers = module.get("triggers");
    for (std::size_t t = 0; t < triggers.size(); ++t) {
        const Value answers = random_answers(random, flow, 2);
        const auto run = scai::scir::run(module, triggers.at(t).member("name"),
                                         Value::object({{"x", answers}}), host, {}, clock);
        BOOST_REQUIRE_MESSAGE(run.error_message.empty(), run.error_node_id + ": " + run.error_message);
        const auto expected = walker.walk(triggers.at(t).member("node_id"), answers);
        BOOST_REQUIRE_MESSAGE(run.visited == expected, "ran:    " + joined(run.visited) +
                                                           "\nwalked: " + joined(expected) + "\nanswers " +
                                                           answers.dump() + "\n" + flow.dump());
    }
}

/// A dense flow without rules but one: edges lead to later nodes.
Value wild_flow(Random& random, std::size_t count) {
    Value nodes = Value::array();
    Value edges = Value::array();
    const auto port = [](const char* id) { return Value::array({Value::object({{"id", id}})}); };
    std::vector<std::string> types;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t dice = random.below(10);
        const std::string type = i == 0 || (i == 1 && random.chance(30)) ? "entry_api"
                                 : dice == 0                             ? "logic_parallel"
                                 : dice == 1                             ? "logic_loop"
                                 : dice < 5                              ? "logic_decision"
                                                                         : "data_variable_set";
        types.push_back(type);
        Value outputs = port("out");
        if (type == "logic_loop")
            outputs = Value::array({Value::object({{"id", "body"}}), Value::object({{"id", "out"}})});
        Value node = Value::object({{"id", "node_n" + std::to_string(i)},
                                    {"type", type},
                                    {"label", "n"},
                                    {"position", Value::object({{"x", 0}, {"y", 0}})},
                                    {"outputs", outputs}});
        if (type != "entry_api")
            node.set("inputs", port("in"));
        nodes.push(node);
    }
    for (std::size_t i = 1; i < count; ++i)
        for (auto n = 1 + random.below(3); n > 0 && types[i] != "entry_api"; --n) {
            const std::size_t from = i - 1 - random.below(std::min<std::size_t>(i, 6));
            const bool conditional = random.chance(50) && types[from] != "entry_api";
            Value edge = Value::object(
                {{"id", "edge_" + std::to_string(edges.size())},
                 {"type", conditional ? "conditional" : "sequential"},
                 {"source",
                  Value::object(
                      {{"node", "node_n" + std::to_string(from)},
                       {"port", types[from] == "logic_loop" && random.chance(60) ? "body" : "out"}})},
                 {"target", Value::object({{"node", "node_n" + std::to_string(i)}, {"port", "in"}})}});
            if (conditional)
                edge.set("condition", "true");
            edges.push(edge);
        }
    return Value::object(
        {{"id", "flow_wild"},
         {"name", "Wild"},
         {"version", "1.0.0"},
         {"nodes", nodes},
         {"edges", edges},
         {"config",
          Value::object({{"core_identity",
                          Value::object({{"name", "Wild"},
                                         {"models", Value::array({Value::object({{"role", "primary"},
                                                                                 {"ref", "scaigrid"},
                                                                                 {"model", "m"}})})}})}})}});
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_compiler_properties)

BOOST_AUTO_TEST_CASE(the_same_flow_gives_the_same_bytes_and_positions_matter_to_the_manifest_only) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Value flow = scai::test::generate_flow(seed, size_of(seed));
        const Value elsewhere = scai::test::moved(flow, seed);
        for (const Format format : {Format::yaml, Format::ir, Format::scai})
            BOOST_REQUIRE(body(flow, format) == body(flow, format));
        BOOST_REQUIRE(body(flow, Format::ir) == body(elsewhere, Format::ir));
        BOOST_REQUIRE(body(flow, Format::scai) == body(elsewhere, Format::scai));
        BOOST_REQUIRE(body(flow, Format::yaml) != body(elsewhere, Format::yaml));
    }
}

BOOST_AUTO_TEST_CASE(what_the_manifest_shares_with_the_flow_reads_as_if_made_anew) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Value made = scai::test::generate_flow(seed, size_of(seed));
        // Members sorted by name are in an order the manifest does not write.
        for (const Value& flow : {made, scai::json::parse(made.dump(true)).value()})
            BOOST_REQUIRE(body(flow, Format::yaml) ==
                          scai::yaml::dump(compiler::manifest(*graph::read(flow).graph)));
    }
}

BOOST_AUTO_TEST_CASE(import_gives_back_every_member_and_compiles_to_the_same_bytes) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const Value flow = scai::test::generate_flow(seed, size_of(seed));
        const std::string manifest = body(flow, Format::yaml);
        const auto imported = compiler::import_yaml(manifest);
        BOOST_REQUIRE_MESSAGE(static_cast<bool>(imported), (imported ? "" : imported.error().message));
        BOOST_REQUIRE(imported->lossless);
        BOOST_REQUIRE(imported->notes.empty());
        BOOST_REQUIRE_MESSAGE(imported->content.dump(true) == flow.dump(true),
                              flow.dump(true) + "\n" + imported->content.dump(true));
        for (const Format format : {Format::yaml, Format::ir, Format::scai})
            BOOST_REQUIRE(body(imported->content, format) == body(flow, format));
    }
}

BOOST_AUTO_TEST_CASE(the_bundle_reads_the_same_for_an_independent_reader) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Value flow = scai::test::generate_flow(seed, size_of(seed));
        const std::string bundle = body(flow, Format::ir);
        const auto read = graph::read(flow);
        const Value module = compiler::lower(*read.graph);
        BOOST_REQUIRE(scai::scir::verify(module).empty());
        const auto decoded = scai::scir::decode(bundle);
        BOOST_REQUIRE(decoded);
        BOOST_REQUIRE(decoded->dump() == module.dump());
        BOOST_REQUIRE(bundle.substr(0, 4) == "SCIR");
        const auto other = nlohmann::json::from_msgpack(bundle.begin() + 4, bundle.end());
        BOOST_REQUIRE(other == nlohmann::json::parse(module.dump()));
    }
}

BOOST_AUTO_TEST_CASE(no_node_is_written_twice_and_none_is_lost) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Value flow = scai::test::generate_flow(seed, size_of(seed));
        std::map<std::string, int> blocks;
        const std::function<void(const Value&)> count = [&](const Value& value) {
            if (value.get("kind").present() && value.get("node_id").present() &&
                !value.get("synthetic").present())
                ++blocks[value.member("node_id")];
            if (value.is_array())
                value.each_item(count);
            if (value.is_object())
                value.each_member([&](std::string_view, const Value& inner) { count(inner); });
        };
        count(compiler::lower(*graph::read(flow).graph)); // triggers have kind and node_id, too
        for (std::size_t i = 0; i < flow.get("nodes").size(); ++i)
            BOOST_REQUIRE(blocks[flow.get("nodes").at(i).member("id")] == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_compiled_flow_runs_as_it_is_drawn) {
    Random random(11);
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const Value flow = test::answerable(scai::test::generate_flow(seed, 4 + seed % 40));
        for (int i = 0; i < 3; ++i)
            compare_runs(flow, random);
    }
}

BOOST_AUTO_TEST_CASE(a_flow_drawn_without_any_plan_runs_as_it_is_drawn) {
    Random random(12);
    for (int i = 0; i < 250; ++i) {
        const Value flow = test::answerable(wild_flow(random, 3 + random.below(14)));
        for (int n = 0; n < 3; ++n)
            compare_runs(flow, random);
    }
}

BOOST_AUTO_TEST_CASE(a_flow_too_deep_to_nest_runs_as_it_is_drawn_all_the_same) {
    Random random(13);
    for (const std::size_t nodes : {30U, 61U, 121U})
        for (int i = 0; i < 8; ++i)
            compare_runs(test::answerable(scai::test::ladder_flow(nodes)), random);
}

BOOST_AUTO_TEST_CASE(a_field_of_the_input_passes_for_no_flag) {
    scai::test::FlowBuilder flow;
    flow.entry().node("d", "logic_decision").step("a").step("b").step("join").chain({"start", "d"});
    flow.edge("d", "a", "x == 1").edge("d", "b", "x == 2").edge("a", "join").edge("b", "join");
    const Value module = compiler::lower(*graph::read(flow.content()).graph);
    const scai::test::FakeClock clock;
    NoWorld host;
    const auto visited = [&](const Value& input) {
        return joined(scai::scir::run(module, "", input, host, {}, clock).visited);
    };
    BOOST_TEST(visited(Value::object({{"x", 2}})) == "node_start node_d node_b node_join ");
    BOOST_TEST(visited(Value::object({{"x", 3}, {"_reached_join", true}})) == "node_start node_d ");
}

BOOST_AUTO_TEST_SUITE_END()
