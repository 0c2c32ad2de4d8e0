// scaiflow: the command of those who run or use a ScaiFlow. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
    CLI::App app{"ScaiFlow from the command line. `scaiflow COMMAND --help` explains each command."};
    app.name("scaiflow");
    app.set_version_flag("--version", std::string("scaiflow ") + SCAI_VERSION);
    app.require_subcommand(1);
    scaiflow::cli::Command run;
    scaiflow::cli::add_scaikey_register(app, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 64; // EX_USAGE
    }
    try {
        return run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "scaiflow: %s\n", error.what());
        return 70; // EX_SOFTWARE
    }
}
