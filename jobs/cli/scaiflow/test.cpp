// scaiflow test: the tests that are in the flow, with mocks (contract scaiflow-model.md 3.9).
// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaiflow/testing/testing.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <unistd.h>

namespace scaiflow::cli {

namespace {

struct TestOptions {
    std::string flow;
    std::vector<std::string> tests;
    bool json = false;
};

/// The way a run went, at a length that can be read: rounds of a loop are counted, the middle is left out.
std::string path_of(const std::vector<std::string>& visited) {
    std::vector<std::string> steps;
    for (std::size_t i = 0; i < visited.size();) {
        std::size_t end = i + 1;
        while (end < visited.size() && visited[end] == visited[i])
            ++end;
        steps.push_back(visited[i] + (end - i > 1 ? " (" + std::to_string(end - i) + " times)" : ""));
        i = end;
    }
    constexpr std::size_t shown = 40;
    if (steps.size() > shown) {
        const std::size_t hidden = steps.size() - shown + 1;
        const auto middle = steps.begin() + shown / 2;
        *middle = "... " + std::to_string(hidden) + " more ...";
        steps.erase(middle + 1, middle + static_cast<std::ptrdiff_t>(hidden));
    }
    return scai::join(steps, " -> ") + (visited.size() < testing::max_visited ? "" : " -> ...");
}

std::string lines_of(const testing::TestResult& result, const Paint& paint) {
    std::string out =
        (result.passed ? paint.green("ok    ") : paint.red("FAILED")) + " " + printable(result.id);
    if (!result.name.empty() && result.name != result.id)
        out += " - " + printable(result.name);
    out += " (" + std::to_string(result.duration_ms) + " ms, " + result.status + ")\n";
    for (const auto& failure : result.failures)
        out += "         " + printable(failure.message) + "\n";
    if (!result.passed && !result.visited.empty())
        out += "         path: " + printable(path_of(result.visited)) + "\n";
    return out;
}

std::string text_of(const testing::Report& report) {
    const Paint paint(STDOUT_FILENO);
    std::string out;
    for (const auto& result : report.results)
        out += lines_of(result, paint);
    return out + std::to_string(report.passed()) + " passed, " + std::to_string(report.failed()) +
           " failed\n";
}

/// An id nobody has is a typing error, tests that make no sense are the file's.
int refusal(const TestOptions& options, const scai::Error& error) {
    complain(options.flow, error);
    const bool content = !error.fields.empty() && error.fields.front().path.starts_with("content");
    return content ? exit_problems : exit_usage;
}

int run_test(const TestOptions& options) {
    const auto flow = read_flow(options.flow);
    if (flow.exit_code != exit_ok)
        return flow.exit_code;
    const scai::SystemClock clock;
    testing::Options wanted;
    wanted.test_ids = options.tests;
    const auto report = testing::run(flow.content, wanted, clock);
    if (!report)
        return refusal(options, report.error());
    const bool broken = complain(options.flow, report->diagnostics);
    const int printed = options.json ? print(testing::to_json(*report).dump() + "\n")
                        : broken     ? exit_ok
                                     : print(text_of(*report));
    if (printed != exit_ok)
        return printed;
    return broken || report->failed() > 0 ? exit_problems : exit_ok;
}

constexpr const char* test_footer =
    R"(Compiles the flow and runs its tests on an interpreter: nothing leaves the machine, models, plugins, queues,
sandboxes and sub-flows answer what the test's mocks say. A failed test shows what was expected and the nodes
that were visited.

With --json: {"total", "passed", "failed", "results": [...]}.

Examples:
  scaiflow test my.flow.json
  scaiflow test my.flow.json --test refund --test late)";

} // namespace

void add_test(CLI::App& app, Command& run) {
    auto options = std::make_shared<TestOptions>();
    auto* command = app.add_subcommand("test", "run the tests of a flow");
    command->footer(std::string(test_footer) + "\n\n" + exit_help);
    command->add_option("FLOW", options->flow, "file with flow JSON, - for standard input")->required();
    command->add_option("--test", options->tests, "id of a test to run; may be repeated; all without it")
        ->type_name("ID")
        ->expected(1)
        ->take_all();
    command->add_flag("--json", options->json, "print one JSON object");
    command->callback([options, &run] { run = [options] { return run_test(*options); }; });
}

} // namespace scaiflow::cli
