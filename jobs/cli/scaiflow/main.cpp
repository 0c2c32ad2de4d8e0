// scaiflow: the command of those who write flows, and of those who run a ScaiFlow. SPDX-License-Identifier:
// Apache-2.0
#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"
#include "lib/job/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

namespace {

constexpr const char* description =
    "ScaiFlow from the command line: checks, compiles, tests, formats, compares and packs flows without any "
    "server or settings. `scaiflow COMMAND --help` explains each command.";

constexpr const char* footer =
    R"(A FLOW is a file with flow JSON (by convention NAME.flow.json), or - for standard input. Problems go to standard
error, one a line: `file: error: message (path)`; with --json the result is one JSON object on standard output.
Colours appear on a terminal only, and never with NO_COLOR. Files are written whole or not at all.

Exit status: 0 fine, 1 problems found, 2 bad usage or a file that cannot be read or written; scaikey-register has
codes of its own, see its --help.

Examples:
  scaiflow validate my.flow.json              what is wrong with it, all at once
  scaiflow compile my.flow.json               writes my.yaml
  scaiflow test my.flow.json                  runs the tests in the flow, with mocks
  scaiflow deploy my.flow.json                deploys it to ScaiGrid (SCAIGRID_API_KEY)
  scaiflow import old.yaml | scaiflow validate -
  git diff --name-only '*.flow.json' | xargs scaiflow fmt --check)";

} // namespace

int main(int argc, char** argv) {
    CLI::App app{description};
    app.name("scaiflow");
    app.set_version_flag("--version", std::string("scaiflow ") + SCAI_VERSION);
    app.require_subcommand(1);
    app.footer(footer);
    namespace cli = scaiflow::cli;
    cli::Command run;
    cli::add_validate(app, run);
    cli::add_compile(app, run);
    cli::add_import(app, run);
    cli::add_deploy(app, run);
    cli::add_publish(app, run);
    cli::add_test(app, run);
    cli::add_fmt(app, run);
    cli::add_diff(app, run);
    cli::add_schema(app, run);
    cli::add_scaikey_register(app, run);
    if (const auto unknown = scai::job::unknown_command(app, argc, argv)) {
        std::fprintf(stderr, "%s\nRun with --help for more information.\n", unknown->c_str());
        return cli::exit_usage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (app.exit(error) == 0)
            return cli::exit_ok;
        return app.got_subcommand("scaikey-register") ? 64 /* EX_USAGE */ : cli::exit_usage;
    }
    try {
        return run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "scaiflow: %s\n", error.what());
        return 70; // EX_SOFTWARE
    }
}
