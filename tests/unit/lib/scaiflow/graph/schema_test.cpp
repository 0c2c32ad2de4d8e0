// The published schema file is what schema() writes, and an independent implementation of JSON Schema accepts
// by it exactly what read() accepts. (valijson knows draft 7, which is the same for all we use: it only
// ignores what stands beside $ref, descriptions and defaults. 3.0 is an integer in draft 2020-12 and to us,
// but not to valijson: the mutations use none.) SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/schema.hpp"

#include "lib/scaiflow/graph/graph.hpp"
#include "tests/support/flow_generator.hpp"
#include "tests/support/flow_json.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

using nlohmann::json;
using scai::test::Random;
namespace graph = scaiflow::graph;

namespace {

constexpr const char* schema_file = "nginx/www/schemas/scaiflow/v2.json";

std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Judge {
public:
    Judge() {
        json document = json::parse(graph::schema().dump());
        document.erase("$id"); // references are resolved in this document, not fetched
        valijson::SchemaParser(valijson::SchemaParser::kDraft7)
            .populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema_);
    }
    bool accepts(const json& flow) {
        return validator_.validate(schema_, valijson::adapters::NlohmannJsonAdapter(flow), nullptr);
    }

private:
    valijson::Schema schema_;
    valijson::Validator validator_;
};

void collect(json& value, std::vector<json*>& out) {
    out.push_back(&value);
    if (value.is_structured())
        for (json& each : value)
            collect(each, out);
}

json any_value(Random& random) {
    static const std::vector<json> values{nullptr,
                                          true,
                                          0,
                                          1,
                                          -1,
                                          2.5,
                                          100,
                                          101,
                                          1.5,
                                          "",
                                          "x",
                                          "1.0.0",
                                          "text",
                                          "sequential",
                                          "conditional",
                                          "llm_flexible",
                                          "entry_api",
                                          "fifo",
                                          "session",
                                          json::array(),
                                          json::object(),
                                          json::array({"text"}),
                                          json::array({1}),
                                          json{{"id", "a"}},
                                          json{{"node", "a"}, {"port", "b"}},
                                          json{{"x", 1}, {"y", 2}},
                                          json{{"ref", "a"}, {"model", "b"}},
                                          std::string(255, 'a'),
                                          std::string(256, 'a')};
    return random.pick(values);
}

std::string any_key(Random& random) {
    static const std::vector<std::string> keys{
        "id",        "type",        "label",      "config",    "inputs", "outputs",
        "condition", "goal",        "breakpoint", "timeout_s", "args",   "command",
        "sections",  "temperature", "modalities", "fallback",  "name",   "version",
        "$schema",   "tests",       "variables",  "metadata",  "bunker", "scaiqueue",
        "plugins",   "max_retries", "unheard_of", "position",  "z"};
    return random.pick(keys);
}

void mutate(json& flow, Random& random) {
    std::vector<json*> places;
    collect(flow, places);
    json& place = *random.pick(places);
    const std::size_t how = random.below(4);
    if (how == 0 && place.is_object() && !place.empty()) {
        auto member = place.begin();
        std::advance(member, static_cast<std::ptrdiff_t>(random.below(place.size())));
        place.erase(member);
    } else if (how == 1 && place.is_object()) {
        place[any_key(random)] = any_value(random);
    } else if (how == 1 && place.is_array()) {
        place.push_back(place.empty() || random.chance(50) ? any_value(random) : place.front());
    } else if (how == 2 && place.is_array() && !place.empty()) {
        place.erase(place.begin());
    } else {
        place = any_value(random);
    }
}

/// A flow with most of the members there are.
json rich() {
    json flow = json::parse(scai::test::generate_flow(1, 4).dump());
    flow["$schema"] = "x";
    flow["metadata"] = {{"author", "a"}, {"created", nullptr}, {"unknown_steps", {1}}};
    flow["tests"] = {{{"id", "t"}}};
    flow["config"]["bunker"] = {{"lifecycle", "session"}, {"gpu_count", 1}, {"network_allowlist", {"a"}}};
    flow["config"]["plugins"] = {"a", {{"alias", "b"}}};
    flow["config"]["model_visibility_group_ids"] = {"g"};
    flow["config"]["core_identity"]["mode"] = "entity";
    flow["config"]["core_identity"]["models"][0]["fallback"] = {{{"ref", "a"}, {"model", "b"}}};
    flow["config"]["scaiqueue"]["queues"][0]["consumer_mode"] = "deadline";
    return flow;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_graph_schema)

BOOST_AUTO_TEST_CASE(the_published_file_is_generated) {
    BOOST_TEST((file_text(schema_file) == graph::schema().dump_pretty() + "\n"),
               schema_file << " is out of date; write it anew: build/bin/scaiflow schema > " << schema_file);
}

BOOST_AUTO_TEST_CASE(the_schema_names_its_dialect_its_address_and_every_kind) {
    const json schema = json::parse(graph::schema().dump());
    BOOST_TEST(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
    BOOST_TEST(schema["$id"] == "https://scailabs.com/schemas/scaiflow/v2.json");
    BOOST_TEST(schema["$defs"]["node"]["properties"]["type"]["enum"].size() == 24U);
    BOOST_TEST(schema["$defs"]["node"]["allOf"].size() == 24U);
    for (const graph::KindDef& kind : graph::definitions())
        BOOST_TEST(schema["$defs"].contains("config_" + std::string(kind.name)), kind.name);
    BOOST_TEST(schema["$defs"]["config_tool_http"]["properties"]["timeout_s"]["default"] == 30);
}

BOOST_AUTO_TEST_CASE(generated_flows_fit_the_schema) {
    Judge judge;
    for (std::uint64_t seed = 0; seed < 40; ++seed)
        BOOST_TEST(judge.accepts(json::parse(scai::test::generate_flow(seed, 30).dump())));
}

BOOST_AUTO_TEST_CASE(the_schema_accepts_exactly_what_reading_accepts) {
    Judge judge;
    Random random(20260901);
    std::size_t accepted = 0, refused = 0;
    const json base = rich();
    BOOST_TEST_REQUIRE(judge.accepts(base));
    for (int i = 0; i < 3'000; ++i) {
        json flow = i % 4 != 0
                        ? base
                        : json::parse(scai::test::generate_flow(random.next(), 2 + random.below(6)).dump());
        for (std::size_t times = 1 + random.below(2); times > 0; --times)
            mutate(flow, random);
        const std::string text = flow.dump();
        const graph::Read read = graph::read(scai::test::json(text));
        const bool ours = read.graph.has_value();
        BOOST_TEST_CONTEXT(
            text << (ours ? "" : "\n" + read.diagnostics[0].path + ": " + read.diagnostics[0].message)) {
            BOOST_TEST(judge.accepts(flow) == ours);
        }
        (ours ? accepted : refused) += 1;
    }
    BOOST_TEST(accepted > 450U);
    BOOST_TEST(refused > 1'200U);
}

BOOST_AUTO_TEST_SUITE_END()
