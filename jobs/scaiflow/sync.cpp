// The sweep by cron or by hand: mirrors ScaiKey's users, groups and memberships, reconciles the roles.
// Cron starts it every few minutes with --if-due; SCAIFLOW_SYNC_INTERVAL_MINUTES decides.
// SPDX-License-Identifier: Apache-2.0
#include "lib/log/log.hpp"
#include "lib/scaiflow/app/job_product.hpp"
#include "lib/scaiflow/app/settings.hpp"
#include "lib/scaiflow/mirror/sweep.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

namespace {

namespace job = scai::job;
using scaiflow::mirror::SweepOptions;
using scaiflow::mirror::SweepResult;

struct Options : job::Options {
    std::string tenant;
    bool if_due = false, force = false, verbose = false;
};

constexpr auto footer = R"(What it prints:
  Counters of what was applied, then one line per trouble saying what to do about it. With --json one object on
  standard output: run_id, outcome, the counters summed over tenants, partial, breaker, tenants, messages; "changes"
  with --dry-run or --verbose. Log lines go to standard error as JSON.

Safety:
  Nothing is removed that a completely read listing does not prove gone. More removals than the larger of
  SCAIFLOW_SYNC_MAX_DELETES and SCAIFLOW_SYNC_MAX_DELETE_PERCENT of the mirror stop the tenant, unless --force.
  An empty answer of ScaiKey over a mirror that has users or groups is stopped even with --force.

Exit codes:
  0   done (also: partly read, or not due yet)
  64  wrong usage
  65  stopped by a safety limit; what it concerns was left as it was
  69  ScaiKey or the database does not answer; nothing was changed
  75  another sync is running
  78  settings are missing or wrong, or the database is not at the version this program knows

Examples:
  scaiflow-job-sync --dry-run            what would change?
  scaiflow-job-sync --tenant tnt_acme    one tenant only
  scaiflow-job-sync --if-due             what cron runs
)";

/// nullopt: go on; else the exit code.
std::optional<int> parse(int argc, char** argv, Options& options) {
    job::CommandLine command(
        "Mirrors the users, groups and memberships of ScaiKey into ScaiFlow and reconciles the roles.",
        "scaiflow-job-sync", options, scaiflow::job_product());
    command.flag(
        "--if-due", options.if_due,
        "do nothing unless SCAIFLOW_SYNC_INTERVAL_MINUTES have passed since the last run (0: never due)");
    command.text("--tenant", options.tenant, "this tenant only (its id)");
    command.flag("--force", options.force, "let more removals pass than the limits allow");
    command.flag("--verbose", options.verbose, "print every tenant and every change");
    command.footer(footer);
    return command.parse(argc, argv);
}

std::string login() {
    const char* sudo = std::getenv("SUDO_USER"); // NOLINT(concurrency-mt-unsafe): no threads yet
    if (sudo != nullptr && *sudo != '\0' && getuid() == 0)
        return sudo;
    const passwd* user = getpwuid(getuid()); // NOLINT(concurrency-mt-unsafe)
    return user != nullptr ? user->pw_name : "uid" + std::to_string(getuid());
}

/// One line, rewritten in place, on a terminal only.
class ProgressLine {
public:
    explicit ProgressLine(bool wanted) : on_(wanted && isatty(STDERR_FILENO) == 1) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    bool on() const { return on_; }
    void show(const scai::directory::Progress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (progress.phase == phase_ && now - shown_ < std::chrono::milliseconds(100))
            return;
        phase_ = progress.phase;
        shown_ = now;
        std::string line = progress.tenant_id + " " + progress.phase;
        if (progress.done > 0)
            line += " " + std::to_string(progress.done);
        if (progress.total > 0)
            line += " of " + std::to_string(progress.total);
        std::fprintf(stderr, "\r\033[K%s", line.c_str());
        drawn_ = true;
    }
    void clear() {
        if (drawn_)
            std::fputs("\r\033[K", stderr);
        drawn_ = false;
    }

private:
    const bool on_;
    bool drawn_ = false;
    std::string phase_;
    std::chrono::steady_clock::time_point shown_{};
};

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

/// What could not even begin, in the shape that was asked for.
int refuse(const Options& options, int exit_code, const std::string& why) {
    SweepResult result;
    result.dry_run = options.dry_run;
    result.outcome = exit_code == job::exit_unavailable ? "unavailable" : "failed";
    result.exit_code = exit_code;
    result.messages.push_back({"error", "cannot_start", why});
    if (options.json)
        print(to_json(result, false).dump() + "\n");
    else
        std::fprintf(stderr, "scaiflow-job-sync: %s\n", why.c_str());
    return exit_code;
}

int run(const Options& options) {
    auto settings = scai::config::Settings::load(scaiflow::settings_table, scaiflow::settings_source,
                                                 options.env_file.empty() ? std::nullopt
                                                                          : std::optional(options.env_file));
    if (!settings)
        return refuse(options, job::exit_config, settings.error().message);
    ProgressLine line(!options.json);
    // On a terminal the text says what the log would; elsewhere the log is what a collector reads.
    scai::log::configure("scaiflow-job-sync", line.on() ? "error" : settings->text("SCAIFLOW_LOG_LEVEL"));
    std::unique_ptr<scaiflow::Context> context;
    try {
        context =
            std::make_unique<scaiflow::Context>(std::move(settings).value(), "jobs", scaiflow::real_edges());
    } catch (const std::runtime_error& error) { // a database URL that is missing or malformed
        return refuse(options, job::exit_config, error.what());
    }
    if (const auto problem = job::schema_problem(context->pool, scaiflow::job_product()); !problem.empty())
        return refuse(options, job::exit_config, problem);

    SweepOptions sweep{.trigger = options.if_due ? "cron" : "manual",
                       .actor = options.if_due ? "cron" : "cli:" + login(),
                       .tenant = options.tenant.empty() ? std::nullopt : std::optional(options.tenant),
                       .dry_run = options.dry_run,
                       .force = options.force,
                       .if_due = options.if_due};
    if (line.on())
        sweep.progress = [&](const scai::directory::Progress& progress) { line.show(progress); };
    const SweepResult result = scaiflow::mirror::sweep(*context, sweep);
    line.clear();
    const bool changes = options.dry_run || options.verbose;
    print(options.json ? to_json(result, changes).dump() + "\n" : to_text(result, options.verbose));
    return result.exit_code;
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    if (const auto code = parse(argc, argv, options))
        return *code;
    try {
        return run(options);
    } catch (const scai::db::Error& error) {
        const bool lost =
            error.connection_lost() || dynamic_cast<const scai::db::Unavailable*>(&error) != nullptr;
        return refuse(options, lost ? job::exit_unavailable : job::exit_software,
                      lost ? "the database cannot be reached (SQLSTATE " + error.sqlstate() +
                                 "): is PostgreSQL running, and does DATABASE_URL say where?"
                           : std::string("the database failed: ") + error.what());
    } catch (const std::exception& error) {
        return refuse(options, job::exit_software, error.what());
    }
}
