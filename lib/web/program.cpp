// SPDX-License-Identifier: Apache-2.0
#include "lib/web/program.hpp"

#include "lib/base/strings.hpp"
#include "lib/db/migrate.hpp"
#include "lib/log/log.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <stdexcept>
#include <sysexits.h>

namespace scai::web {

namespace {

struct Options {
    std::string env_file;
    std::string socket;
};

std::string settings_help(std::span<const config::Setting> table) {
    std::string out = "Settings (environment, or KEY=VALUE lines of the env file):\n";
    for (const auto& row : table) {
        out += "  " + std::string(row.name);
        if (!row.default_value.empty())
            out += " [" + std::string(row.default_value) + "]";
        out += "\n      " + std::string(row.doc) + "\n";
    }
    return out;
}

/// nullopt: go on; else the exit code.
std::optional<int> parse(const Program& program, int argc, char** argv, Options& options) {
    CLI::App app(program.description, program.name);
    app.add_option("--env-file", options.env_file,
                   "settings file (default: $" + std::string(program.source.env_file_variable) +
                       ", /etc/scai/" + std::string(program.source.product) + ".env, ./.env)");
    app.add_option("--socket", options.socket,
                   "unix socket to listen on; without it descriptor 0 when that is a listening socket, "
                   "else CGI");
    app.set_version_flag("--version", std::string(SCAI_VERSION));
    app.footer(settings_help(program.settings));
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
    log::error("cannot_start", {{"error", why}});
    return EX_CONFIG;
}

/// Host of an http(s) URL, lower case, brackets of IPv6 dropped.
std::string host_of(std::string_view url) {
    const auto start = url.find("://");
    if (start == std::string_view::npos)
        return "";
    url.remove_prefix(start + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (const auto at = url.rfind('@'); at != std::string_view::npos)
        url.remove_prefix(at + 1);
    if (url.starts_with('['))
        return to_lower(url.substr(1, url.find(']') - 1));
    return to_lower(url.substr(0, url.find(':')));
}

} // namespace

int run_program(const Program& program, int argc, char** argv,
                const std::function<int(config::Settings, const std::string&)>& serve) {
    Options options;
    if (const auto code = parse(program, argc, argv, options))
        return *code;
    log::configure(program.name, "info");
    auto settings =
        config::Settings::load(program.settings, program.source,
                               options.env_file.empty() ? std::nullopt : std::optional(options.env_file));
    if (!settings)
        return refuse(settings.error().message);
    log::configure(program.name, settings->text(program.log_level));
    try {
        return serve(std::move(settings).value(), options.socket);
    } catch (const std::runtime_error& error) { // db::Error is one
        return refuse(error.what());
    }
}

std::string schema_mismatch(int there, int known, std::string_view migrate_command) {
    return "the database schema is at version " + std::to_string(there) + ", this program knows version " +
           std::to_string(known) +
           (there > known ? ": install the newer program" : ": run " + std::string(migrate_command));
}

void fit_schema(db::Pool& pool, const std::string& schema, int known, std::string_view migrate_command) {
    int there = known;
    try {
        there = db::schema_version(pool, schema);
    } catch (const db::Error& error) {
        log::warn("database_unavailable", {{"sqlstate", error.sqlstate()}, {"what", error.what()}});
    }
    if (there > known)
        throw std::runtime_error(schema_mismatch(there, known, migrate_command));
    if (there < known)
        log::warn("schema_behind",
                  {{"database", there}, {"program", known}, {"fix", "run " + std::string(migrate_command)}});
}

bool is_loopback_url(std::string_view url) {
    const auto host = host_of(url);
    if (host == "localhost" || host == "::1" || host.ends_with(".localhost"))
        return true;
    // 127.0.0.0/8 in dotted form; "127.evil.example" is a name, not an address.
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

} // namespace scai::web
