// scaigrid-job-run: fires the schedules of Cores that are due, and takes up runs nobody works at: those left
// to the background, and those whose process was killed. Every minute from cron; --watch keeps looking within
// that minute. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/app/job_product.hpp"
#include "lib/scaigrid/runs/background.hpp"

#include <chrono>
#include <unistd.h>

namespace {

using scai::job::Watch;
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

std::string host_name() {
    char name[256] = "";
    return gethostname(name, sizeof name - 1) == 0 ? name : "host";
}

scai::job::Outcome work(scaigrid::Context& context, const Watch& watch, int parallel, scai::job::Run& run) {
    scaigrid::runs::Background background(context, parallel);
    scai::job::repeat(watch, run, [&](const scai::job::Over& over) { background.look(over); });
    scai::job::Outcome outcome;
    outcome.counters = background.counters();
    return outcome;
}

} // namespace

int main(int argc, char** argv) {
    scai::job::Options options;
    Watch watch;
    int parallel = 4;
    scai::job::CommandLine command("Fires schedules and takes up runs of the embedded ScaiGrid.",
                                   "scaigrid-job-run", options, scaigrid::job_product());
    command.watch(watch);
    command.number("--parallel", parallel, "runs worked at at the same time", {1, 64});
    command.footer(help);
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            if (options.dry_run) {
                scai::job::print_counters(options, scaigrid::runs::waiting_counters(pool));
                return scai::job::exit_ok;
            }
            scaigrid::Context context(settings, "jobs", scaigrid::real_edges());
            const scai::SystemClock clock;
            const scai::job::Spec spec{"scaigrid", "run " + host_name(), std::chrono::hours(24 * 365)};
            return scai::job::print_outcome(
                options, scai::job::run(pool, spec, clock, watch.trigger(), [&](scai::job::Run& run) {
                    return work(context, watch, parallel, run);
                }));
        });
}
