// scaigrid-job-run: fires the schedules of Cores that are due, and takes up runs nobody works at: those left
// to the background, and those whose process was killed. Every minute from cron; --watch keeps looking within
// that minute. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/app/job_product.hpp"
#include "lib/scaigrid/runs/background.hpp"

#include <chrono>
#include <thread>
#include <unistd.h>

namespace {

using scai::json::Value;

constexpr auto help =
    R"(A schedule is fired once for each time it is due, however many hosts look; when nobody looked for a while, one late run
stands for all that were missed. A run is worked at by one process at a time: it is taken up when the lease of whoever
had it (SCAIGRID_RUN_LEASE_SECONDS) ran out.

One run per host at a time; several hosts share the work.

Examples:
  scaigrid-job-run                        what is due, once
  scaigrid-job-run --watch 1 --for 55     from cron
  scaigrid-job-run --dry-run --json       what waits

Exit codes:
  0   done
  64  wrong usage
  69  the database cannot be reached
  75  it runs already on this host
  78  settings are missing or wrong, or the database is at another version
)";

struct Watch {
    std::int64_t every_seconds = 0; ///< 0: look once
    std::int64_t for_seconds = 0;   ///< 0: until told to stop
};

std::string host_name() {
    char name[256] = "";
    return gethostname(name, sizeof name - 1) == 0 ? name : "host";
}

scai::job::Outcome work(scaigrid::Context& context, const Watch& watch, int parallel, scai::job::Run& run) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(watch.for_seconds);
    const auto over = [&] {
        return run.must_stop() || (watch.for_seconds > 0 && std::chrono::steady_clock::now() >= end);
    };
    scaigrid::runs::Background background(context, parallel);
    do {
        background.look(over);
        const auto again = std::chrono::steady_clock::now() +
                           std::chrono::seconds(std::max<std::int64_t>(1, watch.every_seconds));
        while (watch.every_seconds > 0 && !over() && std::chrono::steady_clock::now() < again)
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
    } while (watch.every_seconds > 0 && !over());
    scai::job::Outcome outcome;
    outcome.counters = background.counters();
    return outcome;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Fires schedules and takes up runs of the embedded ScaiGrid.", "scaigrid-job-run"};
    scai::job::Options options;
    Watch watch;
    int parallel = 4;
    scai::job::add_options(app, options, scaigrid::job_product());
    app.add_option("--watch", watch.every_seconds, "look again every so many seconds instead of once")
        ->check(CLI::Range(1, 3600));
    app.add_option("--for", watch.for_seconds, "end after so many seconds")->check(CLI::Range(1, 86400));
    app.add_option("--parallel", parallel, "runs worked at at the same time")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.footer(help);
    return scai::job::main(
        app, options, scaigrid::job_product(), argc, argv,
        [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            if (options.dry_run) {
                scai::job::print_counters(options, scaigrid::runs::waiting_counters(pool));
                return scai::job::exit_ok;
            }
            scaigrid::Context context(settings, "jobs", scaigrid::real_edges());
            const scai::SystemClock clock;
            const scai::job::Spec spec{"scaigrid", "run " + host_name(), std::chrono::hours(24 * 365)};
            return scai::job::print_outcome(
                options,
                scai::job::run(pool, spec, clock, watch.every_seconds > 0 ? "watch" : scai::job::trigger(),
                               [&](scai::job::Run& run) { return work(context, watch, parallel, run); }));
        });
}
