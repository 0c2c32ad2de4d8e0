// scaivault-job-expire: every minute; tells about secrets that expire soon and those that have.
// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/scaivault/app/job_product.hpp"
#include "lib/scaivault/secrets/upkeep.hpp"

namespace {

using scai::json::Value;
namespace job = scai::job;
namespace secrets = scaivault::secrets;

constexpr auto help =
    R"(Writes secret.expiring at each threshold of a secret's notify_before, once, and secret.expired when its time has come.
What a stopped run did not reach the next one does; nothing is told twice.

Examples:
  scaivault-job-expire --dry-run
  scaivault-job-expire --json

Exit codes:
  0   done
  64  wrong usage
  69  the database cannot be reached
  75  another run is at it
  78  settings are missing or wrong, or the database is at another version
)";

Value counters(const secrets::ExpiryReport& report) {
    return Value::object({{"expiring", report.expiring}, {"expired", report.expired}});
}

job::Outcome expire(scai::db::Pool& pool, scai::UtcTime now, job::Run& run) {
    const auto report = secrets::tell_expiry(pool, now, [&] { return run.must_stop(); });
    job::Outcome out;
    out.counters = counters(report);
    if (!report.finished)
        out.outcome = "partial";
    return out;
}

} // namespace

int main(int argc, char** argv) {
    job::Options options;
    job::CommandLine command("Tells about secrets that expire.", "scaivault-job-expire", options,
                             scaivault::job_product());
    command.footer(help);
    return job::main(command, argc, argv,
                     [&](const scai::config::Settings& /*settings*/, scai::db::Pool& pool) {
                         const scai::SystemClock clock;
                         const auto now = clock.now();
                         if (options.dry_run) {
                             job::print_counters(options, counters(secrets::count_expiry(pool, now)));
                             return job::exit_ok;
                         }
                         return job::print_outcome(
                             options, job::run(pool, {"scaivault", "expire"}, clock, job::trigger(),
                                               [&](job::Run& run) { return expire(pool, now, run); }));
                     });
}
