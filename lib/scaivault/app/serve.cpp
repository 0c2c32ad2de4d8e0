// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/context.hpp"

#include "lib/db/migrate.hpp"
#include "lib/log/log.hpp"
#include "lib/scaivault/app/bootstrap.hpp"
#include "lib/scaivault/app/settings.hpp"
#include "lib/web/server.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>

namespace scaivault {

namespace {

struct Options {
    std::string env_file;
    std::string socket;
};

std::string program_name(std::string_view group) {
    return "scaivault-" + std::string(group);
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
                     " endpoints of ScaiVault as a FastCGI process (as CGI when there is no socket).",
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

/// The memory of this process holds secrets: no core file, no debugger of the same user.
void keep_memory_private() {
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        scai::log::warn("memory_not_private", {{"meaning", "a crash may leave a core file"}});
}

std::string mismatch(int there, int known) {
    return "the database schema is at version " + std::to_string(there) + ", this program knows version " +
           std::to_string(known) +
           (there > known ? ": install the newer program" : ": run scaivault migrate");
}

/// Throws std::runtime_error when this program and the database do not fit. A database that cannot be reached
/// is no reason to stay down: requests answer 503 until it is back.
void fit_schema(const scai::config::Settings& settings, const std::string& group) {
    auto database = pool_settings(settings, group);
    database.role.clear(); // the roles may not be there yet
    database.size = 1;
    const int known = expected_schema_version();
    try {
        int there = 0;
        {
            scai::db::Pool pool(database);
            there = scai::db::schema_version(pool, "scaivault");
        }
        if (there < known && settings.flag("MIGRATE_ON_START")) {
            const auto folder = scai::db::sql_folder("", "scaivault");
            const auto done = scai::db::migrate(database, "scaivault",
                                                scai::db::read_migrations(folder + "/scaivault/migrations"),
                                                scai::db::read_roles(folder, "scaivault"), known);
            scai::log::info("migrated", {{"from", done.before}, {"to", done.after}});
            there = done.after;
        }
        if (there != known)
            throw std::runtime_error(mismatch(there, known));
    } catch (const scai::db::Error& error) {
        if (!error.connection_lost() && dynamic_cast<const scai::db::Unavailable*>(&error) == nullptr)
            throw std::runtime_error(std::string("the database cannot be brought to the version of this "
                                                 "program: ") +
                                     error.what());
        scai::log::warn("database_unavailable", {{"sqlstate", error.sqlstate()}, {"what", error.what()}});
    }
}

/// What cannot be written down now is written down by `scaivault migrate`, or at the next start.
void remember_bootstrap(Context& context) {
    try {
        bootstrap::remember(context.pool, context.settings);
    } catch (const scai::db::Error& error) {
        scai::log::warn("bootstrap_not_remembered", {{"sqlstate", error.sqlstate()}, {"what", error.what()}});
    }
}

} // namespace

int serve_group(std::string_view group, std::span<const Endpoint> endpoints, int argc, char** argv) {
    Options options;
    if (const auto code = parse(group, argc, argv, options))
        return *code;
    scai::log::configure(program_name(group), "info");
    keep_memory_private();
    auto settings = scai::config::Settings::load(settings_table, settings_source,
                                                 options.env_file.empty() ? std::nullopt
                                                                          : std::optional(options.env_file));
    if (!settings)
        return refuse(settings.error().message);
    scai::log::configure(program_name(group), settings->text("LOG_LEVEL"));
    scai::web::ServerSettings server{.socket = options.socket,
                                     .threads = static_cast<int>(settings->integer("FCGI_THREADS")),
                                     .base_url = settings->text("BASE_URL"),
                                     .trusted_proxies = settings->list("TRUSTED_PROXIES"),
                                     .wipe = true,
                                     .escaped_slashes = true};
    while (server.base_url.ends_with('/'))
        server.base_url.pop_back();
    try {
        fit_schema(*settings, std::string(group));
        Context context(std::move(settings).value(), std::string(group), real_edges());
        if (group == "auth")
            remember_bootstrap(context);
        const auto router = make_router(context, endpoints);
        return scai::web::serve(router, context.metrics, server);
    } catch (const std::runtime_error& error) { // db::Error is one
        return refuse(error.what());
    }
}

} // namespace scaivault
