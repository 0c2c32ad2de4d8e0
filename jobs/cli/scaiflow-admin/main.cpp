// scaiflow-admin: what an operator does on the host. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow-admin/program.hpp"
#include "lib/job/commands.hpp"
#include "lib/job/job.hpp"
#include "lib/log/log.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
    namespace cli = scaiflow::cli;
    scai::log::configure("scaiflow-admin", "warn");
    CLI::App app{
        "Administration of ScaiFlow on its own host: the database schema, who is an administrator, what is "
        "wrong. `scaiflow-admin COMMAND --help` explains each command."};
    app.name("scaiflow-admin");
    app.set_version_flag("--version", std::string("scaiflow-admin ") + SCAI_VERSION);
    app.require_subcommand(1);
    cli::Common common;
    cli::Command run;
    cli::add_common(app, common);
    cli::add_migrate(app, common, run);
    cli::add_grant(app, common, run);
    cli::add_revoke(app, common, run);
    cli::add_list(app, common, run);
    cli::add_why(app, common, run);
    cli::add_doctor(app, common, run);
    if (const auto unknown = scai::job::unknown_command(app, argc, argv)) {
        std::fprintf(stderr, "%s\nRun with --help for more information.\n", unknown->c_str());
        return scai::job::exit_usage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : scai::job::exit_usage;
    }
    const auto say = [](const char* text) { std::fprintf(stderr, "scaiflow-admin: %s\n", text); };
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
