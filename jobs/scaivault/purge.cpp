// scaivault-job-purge: every hour; ends what nobody can get back any more.
// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/scaivault/app/job_product.hpp"
#include "lib/scaivault/secrets/upkeep.hpp"

namespace {

using scai::json::Value;
namespace job = scai::job;
namespace secrets = scaivault::secrets;

constexpr auto help =
    R"(Removes deleted secrets with all their versions once their time to be restored is over (30 days), and versions that a
rotation replaced once their grace period is over. Each removed secret is a row of the audit trail. What a stopped run did
not reach the next one does.

Examples:
  scaivault-job-purge --dry-run
  scaivault-job-purge --json

Exit codes:
  0   done
  64  wrong usage
  69  the database cannot be reached
  75  another run is at it
  78  settings are missing or wrong, or the database is at another version
)";

Value counters(const secrets::PurgeReport& report) {
    return Value::object({{"secrets", report.secrets}, {"versions", report.versions}});
}

job::Outcome purge(scai::db::Pool& pool, scai::UtcTime now, job::Run& run) {
    const auto report = secrets::purge(pool, now, [&] { return run.must_stop(); });
    job::Outcome out;
    out.counters = counters(report);
    if (!report.finished)
        out.outcome = "partial";
    return out;
}

} // namespace

int main(int argc, char** argv) {
    job::Options options;
    job::CommandLine command("Removes secrets and versions that nobody can get back any more.",
                             "scaivault-job-purge", options, scaivault::job_product());
    command.footer(help);
    return job::main(command, argc, argv,
                     [&](const scai::config::Settings& /*settings*/, scai::db::Pool& pool) {
                         const scai::SystemClock clock;
                         const auto now = clock.now();
                         if (options.dry_run) {
                             job::print_counters(options, counters(secrets::count_purgeable(pool, now)));
                             return job::exit_ok;
                         }
                         return job::print_outcome(
                             options, job::run(pool, {"scaivault", "purge"}, clock, job::trigger(),
                                               [&](job::Run& run) { return purge(pool, now, run); }));
                     });
}
