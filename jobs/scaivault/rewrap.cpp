// scaivault-job-rewrap: finishes rotations of root, partner and tenant keys: what a retired key wraps is
// wrapped anew, then the retired key is destroyed. Every ten minutes. SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/http/client.hpp"
#include "lib/scaivault/app/job_product.hpp"
#include "lib/scaivault/seal/keyring.hpp"

#include <sys/prctl.h>

#include <iostream>
#include <optional>

namespace {

using scai::json::Value;
namespace seal = scaivault::seal;

constexpr auto help =
    R"(Nothing of a secret's value is read or written: only the keys above it change hands. A run that was killed or
stopped is finished by the next one. Stragglers are keys and versions that still hang below a retired key;
a retired key is destroyed an hour after its rotation at the earliest, and only when nothing names it.

Examples:
  scaivault-job-rewrap --dry-run --json    what is left to do
  scaivault-job-rewrap                     do it

Exit codes:
  0   done, nothing hangs below a retired key
  1   stopped, or something is left: damaged rows, or rows another transaction held
  64  wrong usage
  69  the database or the key management service cannot be used; what was done stays done
  75  another run is at it
  78  settings are missing or wrong, or the database is at another version
)";

Value to_json(const seal::RewrapReport& report) {
    return Value::object({{"rewrapped", report.rewrapped},
                          {"destroyed", report.destroyed},
                          {"stragglers", report.stragglers},
                          {"damaged", report.damaged},
                          {"retired_keys", report.retired},
                          {"finished", report.finished}});
}

scai::job::Outcome rewrap(seal::Rotation& rotation, scai::job::Run& run) {
    scai::job::Outcome out;
    const auto report = rotation.rewrap([&] { return run.must_stop(); }, /*dry_run=*/false);
    if (!report) {
        out.exit_code = scai::job::exit_unavailable;
        out.outcome = "unavailable";
        out.error = report.error().message;
        return out;
    }
    out.counters = to_json(*report);
    if (!report->finished) {
        out.exit_code = scai::job::exit_failure;
        out.outcome = "partial";
        out.error = std::to_string(report->stragglers) + " keys or versions still hang below a retired key";
    }
    return out;
}

} // namespace

int main(int argc, char** argv) {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // unwrapped keys pass through here
    scai::job::Options options;
    std::int64_t grace = 3600;
    scai::job::CommandLine command(
        "Wraps anew what retired keys of ScaiVault still wrap, and destroys those that wrap nothing.",
        "scaivault-job-rewrap", options, scaivault::job_product());
    command.number("--grace", grace,
                   "seconds a retired key is kept at least; less than 60 only when no handler runs",
                   {0, 31536000});
    command.footer(help);
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            scai::http::CurlClient http;
            const auto kms = seal::make_kms(settings, http, /*may_create=*/false);
            if (!kms) {
                std::cerr << command.name() << ": " << kms.error().message << "\n";
                return scai::job::exit_config;
            }
            const scai::SystemClock clock;
            seal::Rotation rotation(pool, **kms, clock, std::chrono::seconds(grace));
            if (options.dry_run) {
                const auto left = rotation.rewrap([] { return false; }, /*dry_run=*/true);
                scai::job::print_counters(options, to_json(left.value()));
                return scai::job::exit_ok;
            }
            return scai::job::print_outcome(
                options, scai::job::run(pool, {"scaivault", "rewrap"}, clock, scai::job::trigger(),
                                        [&](scai::job::Run& run) { return rewrap(rotation, run); }));
        });
}
