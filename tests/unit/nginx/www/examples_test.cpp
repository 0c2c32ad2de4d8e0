// The flows served for the editor: sound, in file format, compilable, and their own tests pass.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/graph/validate.hpp"
#include "lib/scaiflow/testing/testing.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/flow_json.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace graph = scaiflow::graph;
using scai::json::Value;

namespace {

const std::filesystem::path folder = "nginx/www/examples";

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::set<std::string> flow_files() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().filename() != "index.json")
            names.insert(entry.path().filename());
    return names;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nginx_www_examples)

BOOST_AUTO_TEST_CASE(the_index_names_every_example_once) {
    std::set<std::string> named;
    scai::test::json(text_of(folder / "index.json")).get("examples").each_item([&](const Value& example) {
        const std::string file = example.member("file");
        BOOST_TEST(named.insert(file).second, file);
        BOOST_TEST_REQUIRE(std::filesystem::exists(folder / file), file);
        BOOST_TEST(file == example.member("id") + ".flow.json");
        const Value flow = scai::test::json(text_of(folder / file));
        BOOST_TEST(flow.member("name") == example.member("name"));
        BOOST_TEST(flow.get("metadata").member("description") == example.member("description"));
    });
    BOOST_TEST(named == flow_files(), boost::test_tools::per_element());
    BOOST_TEST(named.size() >= 7U);
}

BOOST_AUTO_TEST_CASE(every_example_is_sound_and_in_file_format) {
    for (const std::string& file : flow_files()) {
        BOOST_TEST_CONTEXT(file) {
            const std::string text = text_of(folder / file);
            const Value content = scai::test::json(text);
            for (const graph::Diagnostic& each : graph::validate(content))
                BOOST_ERROR(each.path << ": " << each.message);
            const graph::Read read = graph::read(content);
            BOOST_TEST_REQUIRE(read.graph.has_value());
            BOOST_TEST((graph::format(*read.graph) == text), "run scaiflow fmt on it");
            BOOST_TEST(read.graph->schema.value_or("") == graph::schema_url);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_example_compiles_to_every_format) {
    using scaiflow::compiler::Format;
    for (const std::string& file : flow_files())
        for (const Format format : {Format::yaml, Format::ir, Format::scai}) {
            const auto compiled =
                scaiflow::compiler::compile(scai::test::json(text_of(folder / file)), format);
            BOOST_TEST(compiled.body.has_value(), file << " to " << scaiflow::compiler::name_of(format));
            BOOST_TEST(compiled.diagnostics.empty(), file);
        }
}

BOOST_AUTO_TEST_CASE(the_tests_of_every_example_pass) {
    for (const std::string& file : flow_files()) {
        BOOST_TEST_CONTEXT(file) {
            const auto report =
                scaiflow::testing::run(scai::test::json(text_of(folder / file)), {}, scai::test::FakeClock());
            BOOST_TEST_REQUIRE(static_cast<bool>(report));
            BOOST_TEST(report->results.size() >= 2U);
            for (const auto& result : report->results) {
                BOOST_TEST(result.passed, result.id);
                for (const auto& failure : result.failures)
                    BOOST_TEST_MESSAGE(result.id << ": " << failure.message);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(between_them_the_tests_visit_every_node_and_the_examples_use_every_kind) {
    std::set<std::string> kinds;
    for (const std::string& file : flow_files()) {
        const Value content = scai::test::json(text_of(folder / file));
        const auto report = scaiflow::testing::run(content, {}, scai::test::FakeClock());
        BOOST_TEST_REQUIRE(static_cast<bool>(report));
        std::set<std::string> visited;
        for (const auto& result : report->results)
            visited.insert(result.visited.begin(), result.visited.end());
        content.get("nodes").each_item([&](const Value& node) {
            kinds.insert(node.member("type"));
            if (!node.member("type").starts_with("entry_"))
                BOOST_TEST(visited.contains(node.member("id")), file << ": " << node.member("id"));
        });
    }
    BOOST_TEST(kinds.size() == static_cast<std::size_t>(graph::kind_count));
}

BOOST_AUTO_TEST_SUITE_END()
