// SPDX-License-Identifier: Apache-2.0
#include "lib/db/migrate.hpp"
#include "lib/log/log.hpp"
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/app/gate.hpp"
#include "lib/scaikey/app/settings.hpp"
#include "lib/web/server.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <optional>

namespace scaikey {

namespace {

constexpr int exit_config = 78; // sysexits.h EX_CONFIG

int refuse(const std::string& why) {
    std::cerr << "scaikey: " << why << "\n";
    return exit_config;
}

/// Older is fine (expand, migrate, contract); newer is not. A database that does not answer yet is no reason
/// to refuse: requests get 503 until it does.
std::optional<std::string> database_is_ahead(Context& context) {
    try {
        const int found = scai::db::schema_version(context.pool, "scaikey");
        if (found > expected_schema_version())
            return "the database is at migration " + std::to_string(found) + ", this program knows " +
                   std::to_string(expected_schema_version()) + ": install the newer program";
    } catch (const scai::db::Error& error) {
        scai::log::warn("schema_version_unknown", {{"sqlstate", error.sqlstate()}});
    }
    return std::nullopt;
}

} // namespace

int serve_handler(std::vector<scai::web::ErasedRoute> (*routes)(Context&), int argc, char** argv) {
    CLI::App app{"Embedded ScaiKey: OpenID provider and directory, as a FastCGI or CGI program."};
    std::string env_file;
    std::string socket;
    app.add_option("--env-file", env_file,
                   "settings file (default: $SCAIKEY_ENV_FILE, /etc/scai/scaikey.env, ./.env)");
    app.add_option("--socket", socket,
                   "unix socket to listen on; without it the socket on descriptor 0, or CGI");
    app.set_version_flag("--version", SCAI_VERSION);
    CLI11_PARSE(app, argc, argv);

    auto settings = scai::config::Settings::load(settings_table, settings_source,
                                                 env_file.empty() ? std::nullopt : std::optional(env_file));
    if (!settings)
        return refuse(settings.error().message);
    scai::log::configure("scaikey", settings->text("SCAIKEY_LOG_LEVEL"));
    if (auto allowed = check_public(*settings); !allowed)
        return refuse(allowed.error().message);
    try {
        scai::web::ServerSettings server;
        server.socket = socket;
        server.threads = static_cast<int>(settings->integer("FCGI_THREADS"));
        server.base_url = settings->text("SCAIKEY_ISSUER");
        server.trusted_proxies = settings->list("TRUSTED_PROXIES");
        Context context(std::move(*settings), std::make_unique<scai::SystemClock>());
        if (auto why = database_is_ahead(context))
            return refuse(*why);
        const scai::web::Router router(routes(context), make_gate(context), scai::web::Envelope::scaiflow);
        return scai::web::serve(router, context.metrics, server);
    } catch (const std::exception& error) {
        return refuse(error.what());
    }
}

} // namespace scaikey
