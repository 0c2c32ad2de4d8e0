// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow-admin/program.hpp"

#include "lib/db/migrate.hpp"
#include "lib/job/job.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/app/settings.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

namespace scaiflow::cli {

namespace job = scai::job;
using scai::json::Value;

void add_common(CLI::App& command, Common& common) {
    command.add_option(
        "--env-file", common.env_file,
        "settings file; else $SCAIFLOW_ENV_FILE, /etc/scai/scaiflow.env, ./.env. The environment wins");
    command.add_flag("--json", common.json, "print one JSON object instead of text");
}

std::string exit_codes(const std::string& own) {
    return "Exit codes:\n  0   done\n" + own +
           "  64  wrong usage\n  69  the database cannot be reached\n  78  settings are missing or wrong, or "
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
        out.application = "scaiflow-admin";
        out.size = 2;
        return out;
    } catch (const std::runtime_error& error) {
        throw Stop(job::exit_config, error.what());
    }
}

scai::db::Pool& open(std::optional<scai::db::Pool>& pool, const scai::config::Settings& settings) {
    try {
        pool.emplace(database_of(settings, "cli"));
    } catch (const scai::db::Error&) {
        throw;
    } catch (const Stop&) {
        throw;
    } catch (const std::runtime_error& error) {
        throw Stop(job::exit_config, error.what());
    }
    int there = 0;
    try {
        there = scai::db::schema_version(*pool, "scaiflow");
    } catch (const scai::db::Unavailable& error) {
        if (error.sqlstate() == "22023") // no such role
            throw Stop(job::exit_config, "the database has no role scaiflow_cli: run scaiflow-admin migrate");
        if (error.sqlstate() == "42501")
            throw Stop(
                job::exit_config,
                "the login of DATABASE_URL is not a member of scaiflow_cli: run scaiflow-admin migrate");
        throw;
    }
    const int known = expected_schema_version();
    if (there != known)
        throw Stop(job::exit_config,
                   "the database schema is at version " + std::to_string(there) +
                       ", this program knows version " + std::to_string(known) +
                       (there < known ? ": run scaiflow-admin migrate" : ": install the newer program"));
    return *pool;
}

roles::SuperAdminGroups super_admin_groups(const scai::config::Settings& settings) {
    return {settings.list("SCAIFLOW_SUPER_ADMIN_GROUPS"), settings.text("SCAIFLOW_HOME_TENANT")};
}

roles::Cause cause_of(const std::string& command) {
    const char* sudo = std::getenv("SUDO_USER"); // NOLINT(concurrency-mt-unsafe): no threads yet
    const passwd* user = getpwuid(getuid());     // NOLINT(concurrency-mt-unsafe)
    const std::string login = sudo && *sudo && getuid() == 0 ? sudo
                              : user                         ? user->pw_name
                                                             : "uid" + std::to_string(getuid());
    return {"cli:" + login, Value::object({{"command", "scaiflow-admin " + command}})};
}

std::string describe(const roles::Person& person) {
    return person.email + " (tenant " + person.target.tenant_id + ", user " + person.target.user_id + ")";
}

Value to_json(const roles::Person& person) {
    return Value::object({{"email", person.email},
                          {"tenant_id", person.target.tenant_id},
                          {"user_id", person.target.user_id},
                          {"status", person.status},
                          {"deleted", person.deleted}});
}

void print(const Common& common, const Value& object, const std::string& text) {
    const std::string out = common.json ? object.dump() + "\n" : text;
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

} // namespace scaiflow::cli
