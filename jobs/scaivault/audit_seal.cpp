// scaivault-job-audit-seal: every minute; extends the hash chains of the audit trail. Once a day with
// --retention it removes what is older than its tenant keeps it. SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/scaivault/app/job_product.hpp"
#include "lib/scaivault/audit/chain.hpp"

namespace {

using scai::json::Value;
namespace audit = scaivault::audit;
namespace job = scai::job;

constexpr auto help =
    R"(Seals every row no open transaction can come before, and makes the partitions of the next months. A run that was killed
loses nothing: the next one goes on where the last seal ends. `scaivault audit verify` checks the chains.

With --retention: seals whose rows are all older than the tenant's retention (7 years unless
`scaivault audit retention` says otherwise) leave the chain, the rows go with them, and the last of those seals
stays as the anchor from which the rest verifies.

Examples:
  scaivault-job-audit-seal --json
  scaivault-job-audit-seal --retention --dry-run

Exit codes:
  0   done
  64  wrong usage
  69  the database cannot be reached; what was sealed stays sealed
  70  the database was restored from a dump: see the message
  75  another run is at it
  78  settings are missing or wrong, or the database is at another version
)";

struct Wanted {
    bool retention = false;
    std::int64_t batch = 20000;
};

job::Outcome seal(scai::db::Pool& pool, std::int64_t batch, job::Run& run) {
    job::Outcome out;
    const auto report = audit::seal_log(pool, batch, [&] { return run.must_stop(); });
    out.counters =
        Value::object({{"tenants", report.tenants}, {"seals", report.seals}, {"rows", report.rows}});
    return out;
}

job::Outcome retire(scai::db::Pool& pool, job::Run& run) {
    job::Outcome out;
    const auto report = audit::retire(pool, [&] { return run.must_stop(); });
    out.counters = Value::object({{"seals", report.seals}, {"rows", report.rows}, {"months", report.months}});
    return out;
}

} // namespace

int main(int argc, char** argv) {
    job::Options options;
    Wanted wanted;
    job::CommandLine command("Extends the hash chains of ScaiVault's audit trail.",
                             "scaivault-job-audit-seal", options, scaivault::job_product());
    command.flag("--retention", wanted.retention, "remove what is older than its tenant keeps it, instead");
    command.number("--batch", wanted.batch, "rows a transaction, about", {1, 1000000});
    command.footer(help);
    return job::main(
        command, argc, argv, [&](const scai::config::Settings& /*settings*/, scai::db::Pool& pool) {
            const scai::SystemClock clock;
            if (options.dry_run) {
                job::print_counters(
                    options, wanted.retention ? Value::object({{"seals", audit::retirable(pool)}})
                                              : Value::object({{"unsealed", audit::count_unsealed(pool)}}));
                return job::exit_ok;
            }
            // Two locks: removing old rows may take long, and sealing need not wait for it.
            const job::Spec spec{"scaivault", wanted.retention ? "audit-retention" : "audit-seal"};
            return job::print_outcome(
                options, job::run(pool, spec, clock, job::trigger(), [&](job::Run& run) {
                    return wanted.retention ? retire(pool, run) : seal(pool, wanted.batch, run);
                }));
        });
}
