// scaiflow, the real binary: offline, without settings. SPDX-License-Identifier: Apache-2.0
#include "lib/json/value.hpp"
#include "lib/scaiflow/catalog/package.hpp"
#include "tests/support/flow_json.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace fs = std::filesystem;
using scai::json::Value;

namespace {

std::string program() {
    const char* folder = std::getenv("SCAI_BIN");
    return fs::absolute(folder != nullptr && *folder != '\0' ? folder : "build/bin") / "scaiflow";
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// A folder of its own, in which the program runs.
struct Fixture {
    Fixture() : folder(fs::temp_directory_path() / ("scaiflow-cli-" + std::to_string(::getpid()))) {
        fs::remove_all(folder);
        fs::create_directories(folder / "sub");
        write("good.flow.json", good().dump_pretty());
        write("bad.flow.json", bad().dump());
        write("garbage.json", "{\"a\": \x01\xff");
        write("list.json", "[]");
    }
    ~Fixture() { fs::remove_all(folder); }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    static Value good() {
        using namespace scai::test; // NOLINT(google-build-using-namespace)
        auto content =
            flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"hi"})")},
                 {edge("node_in.out_request", "node_a")});
        content.set("name", "Good Flow");
        return content;
    }
    static Value bad() {
        using namespace scai::test; // NOLINT(google-build-using-namespace)
        return flow({node("node_a", "llm_rigid", R"({"template":"hi"})")}, {edge("node_a", "node_gone")});
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name, std::ios::binary) << text;
    }
    std::string read(const std::string& name) const {
        std::ifstream file(folder / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    bool exists(const std::string& name) const { return fs::exists(folder / name); }
    test::Finished run(std::vector<std::string> arguments, const std::string& input = "") const {
        arguments.insert(arguments.begin(), {"/usr/bin/env", "-C", folder.string(), program()});
        return test::run(arguments, test::clean_environment(), input);
    }

    fs::path folder;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(jobs_cli_scaiflow, Fixture)

BOOST_AUTO_TEST_CASE(every_command_has_help_with_an_example) {
    for (const auto* command :
         {"validate", "compile", "import", "publish", "test", "fmt", "diff", "schema", "scaikey-register"}) {
        const auto help = run({command, "--help"});
        BOOST_TEST(help.status == 0, command);
        BOOST_TEST(has(help.out, "Example"), command);
        BOOST_TEST(help.err.empty(), command);
    }
    BOOST_TEST(has(run({"--help"}).out, "Exit status"));
    BOOST_TEST(run({"--version"}).out.starts_with("scaiflow "));
}

BOOST_AUTO_TEST_CASE(bad_usage_is_2) {
    BOOST_TEST(run({}).status == 2);
    BOOST_TEST(run({"nonsense"}).status == 2);
    BOOST_TEST(has(run({"nonsense"}).err, "there is no command 'nonsense'"));
    for (const auto* command : {"validate", "compile", "import", "publish", "test", "fmt", "diff"}) {
        BOOST_TEST(run({command}).status == 2, command);
        BOOST_TEST(run({command, "--no-such-option", "x"}).status == 2, command);
    }
    BOOST_TEST(run({"compile", "good.flow.json", "--format", "exe"}).status == 2);
    BOOST_TEST(run({"fmt", "--check", "--write", "good.flow.json"}).status == 2);
    BOOST_TEST(run({"diff", "-", "-"}).status == 2);
    BOOST_TEST(run({"fmt", "-", "--write"}, "{}").status == 2);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_2_and_what_is_no_flow_is_1) {
    for (const std::string command : {"validate", "compile", "publish", "test", "fmt"}) {
        const auto missing = run({command, "missing.json"});
        BOOST_TEST(missing.status == 2, command);
        BOOST_TEST(missing.err.starts_with("missing.json: error: cannot be read: "), command);
        const auto directory = run({command, "sub"});
        BOOST_TEST(directory.status == 2, command);
        BOOST_TEST(has(directory.err, "sub: error: "), command);
        const auto garbage = run({command, "garbage.json"});
        BOOST_TEST(garbage.status == 1, command);
        BOOST_TEST(has(garbage.err, "garbage.json: error: is no JSON"), command);
        BOOST_TEST(has(run({command, "list.json"}).err, "a JSON object is needed"), command);
        const auto nothing = run({command, "-"}, "");
        BOOST_TEST(nothing.status == 1, command);
        BOOST_TEST(has(nothing.err, "it ends too early"), command);
    }
    write("huge.json", "{\"a\":\"" + std::string(17U << 20U, 'x') + "\"}");
    const auto huge = run({"validate", "huge.json"});
    BOOST_TEST(huge.status == 2);
    BOOST_TEST(has(huge.err, "larger than 16 MiB"));
    write("large.json", "{\"a\":\"" + std::string(6U << 20U, 'x') + "\"}");
    BOOST_TEST(has(run({"validate", "large.json"}).err, "too large"));
}

BOOST_AUTO_TEST_CASE(validate_tells_everything_one_line_each) {
    const auto fine = run({"validate", "good.flow.json"});
    BOOST_TEST(fine.status == 0, fine.err);
    BOOST_TEST(fine.out.empty());
    const auto broken = run({"validate", "bad.flow.json"});
    BOOST_TEST(broken.status == 1);
    BOOST_TEST(has(broken.err, "bad.flow.json: error: flow has no entry-point node"));
    BOOST_TEST(has(broken.err, "(edges[0]"));
    BOOST_TEST(!has(broken.err, "\x1b")); // no terminal, no colours
    BOOST_TEST(run({"validate", "-"}, good().dump()).status == 0);
    BOOST_TEST(has(run({"validate", "-"}, bad().dump()).err, "<standard input>: error: "));
}

BOOST_AUTO_TEST_CASE(validate_prints_one_object_with_json) {
    const auto fine = run({"validate", "--json", "good.flow.json"});
    BOOST_TEST(fine.status == 0);
    auto object = scai::json::parse(fine.out).value();
    BOOST_TEST(object.get("ok").boolean().value_or(false));
    BOOST_TEST(object.get("errors").size() == 0U);
    const auto broken = run({"validate", "--json", "bad.flow.json"});
    BOOST_TEST(broken.status == 1);
    BOOST_TEST(broken.err.empty());
    object = scai::json::parse(broken.out).value();
    BOOST_TEST(!object.get("ok").boolean().value_or(true));
    BOOST_TEST(object.get("errors").size() >= 2U);
    BOOST_TEST(object.get("errors").at(0).member("severity") == "error");
    const auto garbage = run({"validate", "--json", "garbage.json"});
    BOOST_TEST(garbage.status == 1);
    BOOST_TEST(has(scai::json::parse(garbage.out).value().get("errors").at(0).member("message"), "no JSON"));
    BOOST_TEST(run({"validate", "--json", "missing.json"}).status == 2);
}

BOOST_AUTO_TEST_CASE(a_hostile_name_cannot_write_to_the_terminal) {
    auto content = bad();
    content.get("edges").at(0).get("target").set("node", "x\x1b[31m\ny");
    const auto answer = run({"validate", "-"}, content.dump());
    BOOST_TEST(answer.status == 1);
    BOOST_TEST(!has(answer.err, "\x1b"));
    BOOST_TEST(!has(answer.err, "\ny"));
}

BOOST_AUTO_TEST_CASE(compile_writes_beside_its_name_here) {
    const auto yaml = run({"compile", "good.flow.json"});
    BOOST_TEST(yaml.status == 0, yaml.err);
    BOOST_TEST(yaml.out == "wrote good.yaml\n");
    BOOST_TEST(has(read("good.yaml"), "name: good-flow"));
    BOOST_TEST(run({"compile", "good.flow.json", "--format", "ir"}).out == "wrote good.scir\n");
    BOOST_TEST(run({"compile", "good.flow.json", "--format", "scai"}).out == "wrote good.scai\n");
    BOOST_TEST(has(read("good.scai"), "@core"));
    fs::copy(folder / "good.flow.json", folder / "sub/other.flow.json");
    BOOST_TEST(run({"compile", "sub/other.flow.json"}).out == "wrote other.yaml\n");
    BOOST_TEST(run({"compile", "good.flow.json", "--out", "sub/x.yml"}).out == "wrote sub/x.yml\n");
    BOOST_TEST(read("sub/x.yml") == read("good.yaml"));
    // Standard input to standard output, unless told otherwise.
    BOOST_TEST(run({"compile", "-"}, good().dump()).out == read("good.yaml"));
    BOOST_TEST(run({"compile", "good.flow.json", "--out", "-", "--format", "ir"}).out == read("good.scir"));
    BOOST_TEST(run({"compile", "good.flow.json", "--format", "ir", "--no-verify", "--out", "-"}).out ==
               read("good.scir"));
}

BOOST_AUTO_TEST_CASE(a_broken_flow_writes_nothing) {
    for (const auto& command : {std::vector<std::string>{"compile", "bad.flow.json", "--out", "out"},
                                std::vector<std::string>{"publish", "bad.flow.json", "--out", "out"}}) {
        const auto answer = run(command);
        BOOST_TEST(answer.status == 1);
        BOOST_TEST(answer.out.empty());
        BOOST_TEST(has(answer.err, "no entry-point"));
        BOOST_TEST(!exists("out"));
    }
}

BOOST_AUTO_TEST_CASE(the_input_is_never_overwritten_and_no_half_file_stays) {
    const auto before = read("good.flow.json");
    for (const auto* out : {"good.flow.json", "./good.flow.json", "sub/../good.flow.json"}) {
        BOOST_TEST(run({"compile", "good.flow.json", "--out", out}).status == 2, out);
        BOOST_TEST(run({"publish", "good.flow.json", "--out", out}).status == 2, out);
    }
    fs::create_symlink("good.flow.json", folder / "link");
    BOOST_TEST(run({"compile", "good.flow.json", "--out", "link"}).status == 2);
    BOOST_TEST(read("good.flow.json") == before);
    BOOST_TEST(run({"compile", "good.flow.json", "--out", "nowhere/x.yaml"}).status == 2);
    BOOST_TEST(run({"compile", "good.flow.json", "--out", "sub"}).status == 2);
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        BOOST_TEST(!has(entry.path().string(), ".XXX"));
    BOOST_TEST(run({"compile", "good.flow.json", "--out", "/dev/full"}).status == 2);
    BOOST_TEST(run({"compile", "good.flow.json", "--out", "/dev/null"}).status == 0);
}

BOOST_AUTO_TEST_CASE(import_gives_the_flow_back) {
    BOOST_TEST(run({"compile", "good.flow.json"}).status == 0);
    const auto printed = run({"import", "good.yaml"});
    BOOST_TEST(printed.status == 0, printed.err);
    BOOST_TEST(scai::json::parse(printed.out).value().dump(true) == good().dump(true));
    BOOST_TEST(run({"import", "good.yaml", "--out", "back.flow.json"}).out == "wrote back.flow.json\n");
    BOOST_TEST(run({"diff", "good.flow.json", "back.flow.json"}).status == 0);
    BOOST_TEST(run({"import", "-"}, read("good.yaml")).out == printed.out);
    BOOST_TEST(run({"import", "good.yaml", "--out", "good.yaml"}).status == 2);
    const auto nonsense = run({"import", "-"}, "a: [");
    BOOST_TEST(nonsense.status == 1);
    BOOST_TEST(nonsense.err.starts_with("<standard input>: error: "));
    BOOST_TEST(run({"import", "-"}, "a: 1").status == 1);
    BOOST_TEST(run({"import", "missing.yaml"}).status == 2);
}

BOOST_AUTO_TEST_CASE(publish_writes_a_package) {
    write("README.md", "# Good\n");
    const auto simple = run({"publish", "good.flow.json"});
    BOOST_TEST(simple.status == 0, simple.err);
    BOOST_TEST(simple.out == "wrote good-flow-0.1.0.scaipkg\n");
    const auto bytes = read("good-flow-0.1.0.scaipkg");
    BOOST_TEST(run({"publish", "-", "--out", "-"}, good().dump()).out == bytes); // the same bytes, always
    const auto all =
        run({"publish", "good.flow.json", "--package-id", "other", "--name", "Other", "--version", "2.0.0",
             "--description", "d", "--readme", "README.md", "--out", "x.scaipkg"});
    BOOST_TEST(all.out == "wrote x.scaipkg\n");
    const auto package = scaiflow::catalog::read_package(read("x.scaipkg"));
    BOOST_REQUIRE(package);
    BOOST_TEST(package->info.package_id == "other");
    BOOST_TEST(package->info.name == "Other");
    BOOST_TEST(package->info.version == "2.0.0");
    BOOST_TEST(package->info.description == "d");
    BOOST_TEST(package->info.readme.value_or("") == "# Good\n");
    const std::string good_file = "good.flow.json";
    BOOST_TEST(run({"publish", good_file, "--package-id", "Not A Slug"}).status == 2);
    BOOST_TEST(run({"publish", good_file, "--version", "1"}).status == 2);
    BOOST_TEST(run({"publish", good_file, "--readme", "missing.md"}).status == 2);
    BOOST_TEST(run({"publish", good_file, "--readme", "garbage.json"}).status == 1);
    BOOST_TEST(run({"publish", good_file, "--readme", "README.md", "--out", "README.md"}).status == 2);
    auto numbered = good();
    numbered.set("name", "2026 report");
    BOOST_TEST(run({"publish", "-"}, numbered.dump()).out == "wrote flow-2026-report-0.1.0.scaipkg\n");
}

BOOST_AUTO_TEST_CASE(fmt_has_one_spelling) {
    const auto printed = run({"fmt", "-"}, good().dump());
    BOOST_TEST(printed.status == 0);
    BOOST_TEST(run({"fmt", "-"}, printed.out).out == printed.out);
    BOOST_TEST(scai::json::parse(printed.out).value().dump(true) == good().dump(true));
    write("a.flow.json", good().dump());
    write("b.flow.json", printed.out);
    const auto checked = run({"fmt", "--check", "a.flow.json", "b.flow.json"});
    BOOST_TEST(checked.status == 1);
    BOOST_TEST(checked.out == "a.flow.json\n");
    BOOST_TEST(read("a.flow.json") == good().dump());
    fs::permissions(folder / "a.flow.json", fs::perms(0640));
    const auto written = run({"fmt", "--write", "a.flow.json", "b.flow.json", "garbage.json"});
    BOOST_TEST(written.status == 1); // for the garbage, which is left alone
    BOOST_TEST(written.out == "wrote a.flow.json\n");
    BOOST_TEST(read("a.flow.json") == printed.out);
    BOOST_TEST((fs::status(folder / "a.flow.json").permissions() == fs::perms(0640)));
    BOOST_TEST(run({"fmt", "--check", "a.flow.json"}).status == 0);
    fs::create_symlink("b.flow.json", folder / "link.json");
    write("b.flow.json", good().dump());
    BOOST_TEST(run({"fmt", "--write", "link.json"}).status == 0);
    BOOST_TEST(fs::is_symlink(folder / "link.json"));
    BOOST_TEST(read("b.flow.json") == printed.out);
}

BOOST_AUTO_TEST_CASE(diff_says_what_changed) {
    BOOST_TEST(run({"diff", "good.flow.json", "-"}, good().dump()).status == 0);
    auto changed = good();
    changed.set("name", "Other name");
    changed.get("nodes").at(1).get("config").set("template", "ho");
    changed.get("nodes").at(0).get("position").set("x", 999);
    const auto text = run({"diff", "good.flow.json", "-"}, changed.dump());
    BOOST_TEST(text.status == 1);
    BOOST_TEST(has(text.out, "~ node node_a"));
    BOOST_TEST(has(text.out, "config.template"));
    BOOST_TEST(has(text.out, "~ node node_in \"L node_in\": moved"));
    const auto json = run({"diff", "--json", "good.flow.json", "-"}, changed.dump());
    BOOST_TEST(json.status == 1);
    BOOST_TEST(scai::json::parse(json.out).value().get("changes").size() == 3U);
    BOOST_TEST(run({"diff", "good.flow.json", "missing.json"}).status == 2);
    BOOST_TEST(run({"diff", "good.flow.json", "garbage.json"}).status == 2); // 1 means different
}

BOOST_AUTO_TEST_CASE(test_runs_the_tests_of_the_flow) {
    BOOST_TEST(run({"test", "good.flow.json"}).out == "0 passed, 0 failed\n");
    auto tested = good();
    tested.set("tests", scai::test::json(R"([
        {"id":"t1","name":"Runs","assertions":[{"kind":"status","value":"completed"}]},
        {"id":"t2","name":"Fails","assertions":[{"kind":"status","value":"failed"}]}])"));
    const auto both = run({"test", "-"}, tested.dump());
    BOOST_TEST(both.status == 1, both.all());
    BOOST_TEST(has(both.out, "ok     t1 - Runs"), both.all());
    BOOST_TEST(has(both.out, "FAILED t2 - Fails"));
    BOOST_TEST(has(both.out, "1 passed, 1 failed\n"));
    BOOST_TEST(run({"test", "-", "--test", "t1"}, tested.dump()).status == 0);
    const auto json = run({"test", "-", "--json", "--test", "t1", "--test", "t2"}, tested.dump());
    BOOST_TEST(json.status == 1);
    BOOST_TEST(scai::json::parse(json.out).value().get("passed").integer().value_or(-1) == 1);
    BOOST_TEST(run({"test", "-", "--test", "nobody"}, tested.dump()).status == 2);
    BOOST_TEST(run({"test", "bad.flow.json"}).status == 1);
}

BOOST_AUTO_TEST_CASE(the_way_of_a_failed_test_is_told_at_a_length_that_can_be_read) {
    using namespace scai::test; // NOLINT(google-build-using-namespace)
    const auto counts = R"({"style":"while","condition":"true","max_iterations":100000})";
    auto endless = flow({node("node_in", "entry_api"), node("node_loop", "logic_loop", counts),
                         node("node_a", "llm_rigid", R"({"template":"t"})")},
                        {edge("node_in.out_request", "node_loop"), edge("node_loop.body", "node_a")});
    endless.set("tests", json(R"([{"id":"t"}])"));
    const auto rounds = run({"test", "-"}, endless.dump());
    BOOST_TEST(has(rounds.out, "path: node_in -> node_loop -> node_a (998 times) -> ...\n"), rounds.all());
    endless.get("nodes").push(node("node_b", "llm_rigid", R"({"template":"t"})"));
    endless.get("edges").push(edge("node_a", "node_b"));
    const auto pairs = run({"test", "-"}, endless.dump());
    BOOST_TEST(has(pairs.out, " -> ... 961 more ... -> "), pairs.all());
    BOOST_TEST(pairs.out.size() < 1000U);
}

BOOST_AUTO_TEST_CASE(schema_prints_the_json_schema) {
    const auto printed = run({"schema"});
    BOOST_TEST(printed.status == 0);
    const auto schema = scai::json::parse(printed.out).value();
    BOOST_TEST(schema.member("$schema") == "https://json-schema.org/draft/2020-12/schema");
}

BOOST_AUTO_TEST_SUITE_END()
