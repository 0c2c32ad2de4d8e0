// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/server.hpp"

#include "lib/db/migrate.hpp"
#include "lib/job/job.hpp"
#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/settings.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace scaivault::cli {

namespace job = scai::job;
using scai::json::Value;

void add_common(CLI::App& command, Common& common) {
    command.add_option(
        "--env-file", common.env_file,
        "settings file; else $SCAIVAULT_ENV_FILE, /etc/scai/scaivault.env, ./.env. The environment wins");
    command.add_flag("--json", common.json, "print one JSON object instead of text");
}

std::string exit_codes(const std::string& own) {
    return "Exit codes:\n  0   done\n" + own +
           "  5   wrong usage\n  69  the database cannot be reached\n  78  settings are missing or wrong, or "
           "the database is "
           "not at the version this program knows\n";
}

scai::config::Settings load_settings(const Common& common) {
    auto settings =
        scai::config::Settings::load(settings_table, settings_source,
                                     common.env_file.empty() ? std::nullopt : std::optional(common.env_file));
    if (!settings)
        throw Stop(job::exit_config, settings.error().message);
    return std::move(settings).value();
}

scai::db::PoolSettings database_of(const scai::config::Settings& settings, const std::string& role_group) {
    try {
        auto out = pool_settings(settings, role_group);
        out.application = "scaivault";
        out.size = 2;
        return out;
    } catch (const std::runtime_error& error) {
        throw Stop(job::exit_config, error.what());
    }
}

scai::db::Pool& open(std::optional<scai::db::Pool>& pool, const scai::config::Settings& settings,
                     const std::string& role_group) {
    try {
        pool.emplace(database_of(settings, role_group));
    } catch (const scai::db::Error&) {
        throw;
    } catch (const Stop&) {
        throw;
    } catch (const std::runtime_error& error) {
        throw Stop(job::exit_config, error.what());
    }
    int there = 0;
    try {
        there = scai::db::schema_version(*pool, "scaivault");
    } catch (const scai::db::Unavailable& error) {
        if (error.sqlstate() == "22023") // no such role
            throw Stop(job::exit_config,
                       "the database has no role scaivault_" + role_group + ": run scaivault migrate");
        if (error.sqlstate() == "42501")
            throw Stop(job::exit_config, "the login of DATABASE_URL is not a member of scaivault_" +
                                             role_group + ": run scaivault migrate");
        throw;
    }
    const int known = expected_schema_version();
    if (there != known)
        throw Stop(job::exit_config,
                   "the database schema is at version " + std::to_string(there) +
                       ", this program knows version " + std::to_string(known) +
                       (there < known ? ": run scaivault migrate" : ": install the newer program"));
    return *pool;
}

void print(const Common& common, const Value& object, const std::string& text) {
    const std::string out = common.json ? object.dump() + "\n" : text;
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
}

} // namespace scaivault::cli
