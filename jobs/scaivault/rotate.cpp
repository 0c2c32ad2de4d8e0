// scaivault-job-rotate: warns of rotations, makes those that are due, reminds of those that are late. Every
// minute. SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/http/client.hpp"
#include "lib/scaivault/app/job_product.hpp"
#include "lib/scaivault/rotation/service.hpp"
#include "lib/web/metrics.hpp"

#include <sys/prctl.h>

#include <iostream>
#include <utility>

namespace {

using scai::json::Value;
namespace rotation = scaivault::rotation;
namespace seal = scaivault::seal;

constexpr auto help =
    R"(For every secret with an active rotation policy: rotation.due at each warn_before threshold, once; when the time has
come a new version (auto_generate) or rotation.due with due_now, and rotation.overdue when the grace period is over.
The job acts as system:rotation-scheduler and needs no policy: attaching a secret takes the scope admin, and nothing but
attached secrets is touched. What a killed run left open is taken up by the next one.

Examples:
  scaivault-job-rotate --dry-run --json    how many are due
  scaivault-job-rotate

Exit codes:
  0   done, also when single rotations failed: they are in the history and are tried again
  64  wrong usage
  69  the database cannot be reached
  75  another run is at it
  78  settings are missing or wrong, or the database is at another version
)";

scai::job::Outcome rotate(const rotation::Rotator& rotator, const scai::Clock& clock,
                          scai::web::Metrics& metrics, scai::job::Run& run) {
    const auto report = rotator.run(clock.now(), [&] { return run.must_stop(); });
    for (const auto& [status, count] :
         {std::pair{"success", report.rotated}, std::pair{"failed", report.failed}})
        if (count > 0)
            metrics.add("scaivault_secret_rotations_total", {{"status", status}},
                        static_cast<std::uint64_t>(count));
    scai::job::Outcome out;
    out.counters = Value::object({{"healed", report.healed},
                                  {"warned", report.warned},
                                  {"due", report.due},
                                  {"overdue", report.overdue},
                                  {"rotated", report.rotated},
                                  {"failed", report.failed}});
    return out;
}

} // namespace

int main(int argc, char** argv) {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // unwrapped keys and fresh values pass through here
    scai::job::Options options;
    scai::job::CommandLine command("Rotates secrets of ScaiVault that are due.", "scaivault-job-rotate",
                                   options, scaivault::job_product());
    command.footer(help);
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            if (options.dry_run) {
                auto reader = pool.read(scai::db::Scope::all_tenants());
                scai::job::print_counters(options,
                                          Value::object({{"due", rotation::store::queue_depth(reader)}}));
                return scai::job::exit_ok;
            }
            scai::http::CurlClient http;
            const auto kms = seal::make_kms(settings, http, /*may_create=*/false);
            if (!kms) {
                std::cerr << command.name() << ": " << kms.error().message << "\n";
                return scai::job::exit_config;
            }
            const scai::SystemClock clock;
            seal::Keyring keyring(pool, **kms, clock);
            const rotation::Rotator rotator(pool, keyring);
            scai::web::Metrics metrics(settings.text("SCAI_METRICS_DIR"), "scaivault-jobs");
            return scai::job::print_outcome(
                options,
                scai::job::run(pool, {"scaivault", "rotate"}, clock, scai::job::trigger(),
                               [&](scai::job::Run& run) { return rotate(rotator, clock, metrics, run); }));
        });
}
