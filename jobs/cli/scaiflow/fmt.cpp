// scaiflow fmt: one spelling of a flow file, so that a difference means something. SPDX-License-Identifier:
// Apache-2.0
#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"
#include "lib/scaiflow/graph/graph.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace scaiflow::cli {

namespace {

struct FmtOptions {
    std::vector<std::string> flows;
    bool check = false, write = false;
};

int format_one(const FmtOptions& options, const std::string& file) {
    const auto flow = read_flow(file);
    if (flow.exit_code != exit_ok)
        return flow.exit_code;
    const auto read = graph::read(flow.content);
    complain(file, read.diagnostics);
    if (!read.graph)
        return exit_problems;
    const auto formatted = graph::format(*read.graph);
    if (options.check) {
        if (formatted == flow.text)
            return exit_ok;
        const int printed = print(shown(file) + "\n");
        return printed == exit_ok ? exit_problems : printed;
    }
    if (!options.write)
        return print(formatted);
    if (formatted == flow.text)
        return exit_ok;
    const int written = write_file(file, formatted);
    return written == exit_ok ? print("wrote " + file + "\n") : written;
}

int run_fmt(const FmtOptions& options) {
    const auto standard = std::count(options.flows.begin(), options.flows.end(), "-");
    if (standard > 1 || (standard > 0 && options.write)) {
        std::fprintf(stderr, "scaiflow: standard input %s\n",
                     standard > 1 ? "can be read once only" : "cannot be written to: leave out --write");
        return exit_usage;
    }
    int worst = exit_ok;
    for (const auto& file : options.flows)
        worst = std::max(worst, format_one(options, file));
    return worst;
}

constexpr const char* fmt_footer =
    R"(Members in the order of the schema, two spaces, a line feed at the end. What a flow means never changes, and
what is formatted stays as it is. Prints to standard output, unless:
  --check   nothing is changed; the names of files that are not formatted are printed, exit status 1
  --write   files that are not formatted are rewritten in place, and their names printed
A file that holds no flow is told and left alone; the others are done all the same.

Examples:
  scaiflow fmt my.flow.json | less
  scaiflow fmt --write *.flow.json
  scaiflow fmt --check *.flow.json || echo "run scaiflow fmt --write")";

} // namespace

void add_fmt(CLI::App& app, Command& run) {
    auto options = std::make_shared<FmtOptions>();
    auto* command = app.add_subcommand("fmt", "format flow files");
    command->footer(std::string(fmt_footer) + "\n\n" + exit_help);
    command->add_option("FLOW", options->flows, "files with flow JSON, - for standard input")->required();
    auto* check = command->add_flag("--check", options->check, "only tell which files are not formatted");
    command->add_flag("--write", options->write, "rewrite the files")->excludes(check);
    command->callback([options, &run] { run = [options] { return run_fmt(*options); }; });
}

} // namespace scaiflow::cli
