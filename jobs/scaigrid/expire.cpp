// scaigrid-job-expire: ends checkpoints that nobody answered in time, or hands them on; drops events beyond
// the newest 10,000 of a tenant, and runs that ended long ago. Every minute from cron.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/app/job_product.hpp"
#include "lib/scaigrid/runs/background.hpp"

namespace {

constexpr auto help =
    R"(A checkpoint with an escalation target goes to that one first, for as long again; after that its block sees a timeout
and the run goes on as the flow says. Runs are kept SCAIGRID_RUN_DAYS after they ended.

Examples:
  scaigrid-job-expire
  scaigrid-job-expire --dry-run --json

Exit codes:
  0   done
  64  wrong usage
  69  the database cannot be reached
  75  it runs already
  78  settings are missing or wrong, or the database is at another version
)";

} // namespace

int main(int argc, char** argv) {
    scai::job::Options options;
    scai::job::CommandLine command("Expires checkpoints and old runs of the embedded ScaiGrid.",
                                   "scaigrid-job-expire", options, scaigrid::job_product());
    command.footer(help);
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            if (options.dry_run) {
                scai::job::print_counters(options, scaigrid::runs::waiting_counters(pool));
                return scai::job::exit_ok;
            }
            scaigrid::Context context(settings, "jobs", scaigrid::real_edges());
            const scai::SystemClock clock;
            const scai::job::Spec spec{"scaigrid", "expire", std::chrono::hours(1)};
            return scai::job::print_outcome(
                options, scai::job::run(pool, spec, clock, scai::job::trigger(), [&](scai::job::Run& run) {
                    scai::job::Outcome outcome;
                    outcome.counters = scaigrid::runs::expire_due(context, [&] { return run.must_stop(); });
                    return outcome;
                }));
        });
}
