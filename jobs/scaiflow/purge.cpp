// scaiflow-job-purge: every hour; removes Idempotency-Keys older than a day and stale presence.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/purge.hpp"
#include "lib/base/clock.hpp"
#include "lib/db/migrate.hpp"
#include "lib/job/job.hpp"
#include "lib/json/value.hpp"
#include "lib/log/log.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/app/settings.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <unistd.h>

namespace {

namespace job = scai::job;
using scai::json::Value;

struct Options {
    std::string env_file;
    bool json = false, dry_run = false;
};

constexpr auto help =
    R"(Removes what stopped to matter: the remembered answers of requests with an Idempotency-Key after 24 hours, and presence
entries of flows nobody refreshed for an hour. Flows, versions and audit rows are never removed.

Examples:
  scaiflow-job-purge --dry-run
  scaiflow-job-purge --json

Exit codes:
  0   done
  64  wrong usage
  69  the database cannot be reached
  75  another purge runs
  78  settings are missing or wrong, or the database is at another version
)";

Value to_json(const scaiflow::flows::Purged& purged, bool dry_run) {
    return Value::object(
        {{"idempotency_keys", purged.idempotency_keys}, {"presence", purged.presence}, {"dry_run", dry_run}});
}

void print(const Options& options, const scaiflow::flows::Purged& purged) {
    const std::string text =
        options.json ? to_json(purged, options.dry_run).dump() + "\n"
                     : std::string(options.dry_run ? "dry run, nothing was removed: " : "removed: ") +
                           std::to_string(purged.idempotency_keys) + " idempotency keys, " +
                           std::to_string(purged.presence) + " presence entries\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
}

int fail(int code, const std::string& text) {
    std::fprintf(stderr, "scaiflow-job-purge: %s\n", text.c_str());
    return code;
}

int purge(const Options& options, scai::db::Pool& pool) {
    const int there = scai::db::schema_version(pool, "scaiflow");
    if (const int known = scaiflow::expected_schema_version(); there != known)
        return fail(job::exit_config,
                    "the database schema is at version " + std::to_string(there) +
                        ", this program knows version " + std::to_string(known) +
                        (there < known ? ": run scaiflow-admin migrate" : ": install the newer program"));
    if (options.dry_run) {
        print(options, scaiflow::flows::count_purgeable(pool));
        return job::exit_ok;
    }
    const scai::SystemClock clock;
    scaiflow::flows::Purged purged;
    const auto ran = job::run(pool, {"scaiflow", "purge"}, clock,
                              isatty(STDOUT_FILENO) == 1 ? "manual" : "cron", [&](job::Run& /*run*/) {
                                  purged = scaiflow::flows::purge(pool);
                                  job::Outcome outcome;
                                  outcome.counters = to_json(purged, false);
                                  return outcome;
                              });
    if (const auto* locked = std::get_if<job::Locked>(&ran))
        return fail(job::exit_locked, "already running: " + locked->holder);
    const auto& outcome = std::get<job::Outcome>(ran);
    if (outcome.exit_code != job::exit_ok)
        return fail(outcome.exit_code, outcome.error);
    print(options, purged);
    return job::exit_ok;
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Removes remembered answers and presence entries that stopped to matter."};
    app.name("scaiflow-job-purge");
    app.set_version_flag("--version", std::string("scaiflow-job-purge ") + SCAI_VERSION);
    app.add_option(
        "--env-file", options.env_file,
        "settings file; else $SCAIFLOW_ENV_FILE, /etc/scai/scaiflow.env, ./.env. The environment wins");
    app.add_flag("--json", options.json, "print one JSON object instead of text");
    app.add_flag("--dry-run", options.dry_run, "say what would be removed, remove nothing");
    app.footer(help);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : job::exit_usage;
    }
    scai::log::configure("scaiflow-job-purge", "info");
    const auto settings = scai::config::Settings::load(
        scaiflow::settings_table, scaiflow::settings_source,
        options.env_file.empty() ? std::nullopt : std::optional(options.env_file));
    if (!settings)
        return fail(job::exit_config, settings.error().message);
    try {
        auto database = scaiflow::pool_settings(*settings, "jobs");
        database.statement_timeout = std::chrono::milliseconds{0};
        database.size = 2;
        scai::db::Pool pool(database);
        return purge(options, pool);
    } catch (const scai::db::Unavailable& error) {
        return fail(job::exit_unavailable, error.what());
    } catch (const scai::db::Error& error) {
        return fail(job::exit_software, error.what());
    } catch (const std::runtime_error& error) { // no database URL, or none that libpq understands
        return fail(job::exit_config, error.what());
    }
}
