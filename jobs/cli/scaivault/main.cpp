// scaivault: secrets from the command line, and what an operator does on the host. SPDX-License-Identifier:
// Apache-2.0
#include "jobs/cli/scaivault/connection.hpp"
#include "jobs/cli/scaivault/server.hpp"
#include "lib/job/commands.hpp"
#include "lib/job/job.hpp"
#include "lib/log/log.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

namespace {

constexpr const char* description =
    "ScaiVault from the command line. `scaivault COMMAND --help` explains each command.";

} // namespace

int main(int argc, char** argv) {
    namespace cli = scaivault::cli;
    scai::log::configure("scaivault", "warn");
    CLI::App app{description};
    app.name("scaivault");
    app.set_version_flag("--version", std::string("scaivault ") + SCAI_VERSION);
    app.require_subcommand(1);
    cli::Common common;
    cli::Command run;
    cli::add_config(app, run);
    cli::add_auth(app, run);
    cli::add_secrets(app, run);
    cli::add_run(app, run);
    cli::add_render(app, run);
    cli::add_import(app, run);
    cli::add_policies(app, run);
    cli::add_rotation(app, run);
    cli::add_webhooks(app, run);
    cli::add_identity(app, run);
    cli::add_migrate(app, common, run);
    cli::add_bootstrap(app, common, run);
    cli::add_audit(app, common, run);
    cli::add_keys(app, common, run);
    cli::add_grant(app, common, run);
    if (const auto unknown = scai::job::unknown_command(app, argc, argv)) {
        std::fprintf(stderr, "%s\nRun with --help for more information.\n", unknown->c_str());
        return cli::exit_validation;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? cli::exit_ok : cli::exit_validation;
    }
    const auto say = [](const char* text) { std::fprintf(stderr, "scaivault: %s\n", text); };
    try {
        return run();
    } catch (const cli::Stop& stop) {
        say(stop.what());
        return stop.code();
    } catch (const scai::db::InDoubt&) {
        say("the connection broke while the change was being committed: look whether it is there, then run "
            "it again");
        return scai::job::exit_unavailable;
    } catch (const scai::db::Error& error) {
        const bool gone = error.connection_lost() || dynamic_cast<const scai::db::Unavailable*>(&error);
        say(gone ? (std::string(error.what()) + ": is PostgreSQL running, and does DATABASE_URL say where?")
                       .c_str()
                 : error.what());
        return gone ? scai::job::exit_unavailable : scai::job::exit_software;
    } catch (const std::exception& error) {
        say(error.what());
        return scai::job::exit_software;
    }
}
