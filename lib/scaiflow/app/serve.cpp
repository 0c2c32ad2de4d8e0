// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/context.hpp"

#include "lib/db/migrate.hpp"
#include "lib/log/log.hpp"
#include "lib/scaiflow/app/schema_version.hpp"
#include "lib/scaiflow/app/settings.hpp"
#include "lib/web/server.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <sysexits.h>

namespace scaiflow {

namespace {

struct Options {
    std::string env_file;
    std::string socket;
};

std::string program_name(std::string_view group) {
    return "scaiflow-" + std::string(group) + (group == "admin" ? "-api" : "");
}

std::string settings_help() {
    std::string out = "Settings (environment, or KEY=VALUE lines of the env file):\n";
    for (const auto& row : settings_table) {
        out += "  " + std::string(row.name);
        if (!row.default_value.empty())
            out += " [" + std::string(row.default_value) + "]";
        out += "\n      " + std::string(row.doc) + "\n";
    }
    return out;
}

/// nullopt: go on; else the exit code.
std::optional<int> parse(std::string_view group, int argc, char** argv, Options& options) {
    CLI::App app("The " + std::string(group) +
                     " endpoints of ScaiFlow as a FastCGI process (as CGI when there is no socket).",
                 program_name(group));
    app.add_option("--env-file", options.env_file, "read settings from this file");
    app.add_option("--socket", options.socket,
                   "unix socket to listen on; without it descriptor 0 when that is a listening socket");
    app.set_version_flag("--version", std::string(SCAI_VERSION));
    app.footer(settings_help());
    // RFC 3875 4.4: a web server passes a query without "=" as arguments. They are the client's text.
    if (std::getenv("GATEWAY_INTERFACE") != nullptr) // NOLINT(concurrency-mt-unsafe): no threads yet
        return std::nullopt;
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? EX_OK : EX_USAGE;
    }
    return std::nullopt;
}

int refuse(const std::string& why) {
    scai::log::error("cannot_start", {{"error", why}});
    return EX_CONFIG;
}

/// nullopt: good enough to start. A database that cannot be reached is not a reason to stay down: requests
/// answer 503 until it is back.
std::optional<std::string> schema_problem(Context& context) {
    try {
        const int there = scai::db::schema_version(context.pool, "scaiflow");
        const int known = expected_schema_version();
        if (there > known)
            return "the database schema is at version " + std::to_string(there) +
                   ", this program knows version " + std::to_string(known) + ": install the newer program";
        if (there < known)
            scai::log::warn("schema_behind",
                            {{"database", there}, {"program", known}, {"fix", "run scaiflow-admin migrate"}});
    } catch (const scai::db::Error& error) {
        scai::log::warn("database_unavailable", {{"sqlstate", error.sqlstate()}, {"what", error.what()}});
    }
    return std::nullopt;
}

} // namespace

int expected_schema_version() {
    return newest_migration;
}

int serve_group(std::string_view group, std::span<const scai::web::Route<Context>> routes, int argc,
                char** argv) {
    Options options;
    if (const auto code = parse(group, argc, argv, options))
        return *code;
    scai::log::configure(program_name(group), "info");
    auto settings = scai::config::Settings::load(settings_table, settings_source,
                                                 options.env_file.empty() ? std::nullopt
                                                                          : std::optional(options.env_file));
    if (!settings)
        return refuse(settings.error().message);
    scai::log::configure(program_name(group), settings->text("SCAIFLOW_LOG_LEVEL"));
    scai::web::ServerSettings server{.socket = options.socket,
                                     .threads = static_cast<int>(settings->integer("FCGI_THREADS")),
                                     .base_url = settings->text("SCAIFLOW_PUBLIC_URL"),
                                     .trusted_proxies = settings->list("TRUSTED_PROXIES")};
    while (server.base_url.ends_with('/'))
        server.base_url.pop_back();
    try {
        Context context(std::move(settings).value(), std::string(group), real_edges());
        if (const auto problem = schema_problem(context))
            return refuse(*problem);
        const scai::web::Router router(scai::web::bind_routes(routes, context), make_gate(context),
                                       scai::web::Envelope::scaiflow);
        return scai::web::serve(router, context.metrics, server);
    } catch (const scai::db::Error& error) {
        return refuse(error.what());
    } catch (const std::runtime_error& error) {
        return refuse(error.what());
    }
}

} // namespace scaiflow
