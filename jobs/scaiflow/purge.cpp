// scaiflow-job-purge: every hour; removes Idempotency-Keys older than a day and stale presence, settles
// deployments whose process is gone. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/purge.hpp"
#include "lib/scaiflow/app/job_product.hpp"
#include "lib/scaiflow/deploy/service.hpp"

namespace {

namespace job = scai::job;
using scai::json::Value;

constexpr auto help =
    R"(Removes what stopped to matter: the remembered answers of requests with an Idempotency-Key after 24 hours, and presence
entries of flows nobody refreshed for an hour. Deployments whose process ended in the middle are marked failed; deploying
again goes on from what is there. Flows, versions and audit rows are never removed.

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

Value to_json(const scaiflow::flows::Purged& purged, std::int64_t settled, bool dry_run) {
    return Value::object({{"idempotency_keys", purged.idempotency_keys},
                          {"presence", purged.presence},
                          {"deployments_settled", settled},
                          {"dry_run", dry_run}});
}

std::string to_text(const scaiflow::flows::Purged& purged, std::int64_t settled, bool dry_run) {
    return std::string(dry_run ? "dry run, nothing was removed: " : "removed: ") +
           std::to_string(purged.idempotency_keys) + " idempotency keys, " + std::to_string(purged.presence) +
           " presence entries; deployments settled: " + std::to_string(settled) + "\n";
}

int purge(const job::Options& options, scai::db::Pool& pool) {
    scaiflow::flows::Purged purged;
    std::int64_t settled = 0;
    std::variant<job::Outcome, job::Locked> ran;
    if (options.dry_run)
        purged = scaiflow::flows::count_purgeable(pool);
    else
        ran = job::run(pool, {"scaiflow", "purge"}, scai::SystemClock(), job::trigger(),
                       [&](job::Run& /*run*/) {
                           purged = scaiflow::flows::purge(pool);
                           settled = scaiflow::deploy::settle_abandoned(pool);
                           job::Outcome outcome;
                           outcome.counters = to_json(purged, settled, false);
                           return outcome;
                       });
    return job::print_outcome(options, ran, to_json(purged, settled, options.dry_run),
                              to_text(purged, settled, options.dry_run));
}

} // namespace

int main(int argc, char** argv) {
    job::Options options;
    job::CommandLine command("Removes remembered answers and presence entries that stopped to matter.",
                             "scaiflow-job-purge", options, scaiflow::job_product());
    command.footer(help);
    return job::main(command, argc, argv,
                     [&](const scai::config::Settings& /*settings*/, scai::db::Pool& pool) {
                         return purge(options, pool);
                     });
}
