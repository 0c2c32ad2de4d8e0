// scaivault-job-audit-export: every minute; writes the exports of the audit trail that were asked for to
// S3-compatible storage. SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/http/client.hpp"
#include "lib/scaivault/app/job_product.hpp"
#include "lib/scaivault/audit/exports.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/secrets/service.hpp"

#include <sys/prctl.h>

#include <iostream>

namespace {

using scai::json::Value;
namespace audit = scaivault::audit;
namespace job = scai::job;

constexpr auto help =
    R"(Files of 32 MiB at most and, last, a manifest with their SHA-256 and the newest seal of the trail. A run that was
killed is repeated from its beginning, with the same names. An export that fails is tried again by the next runs, five
times in all; GET /v1/audit/exports/{id} says why. The credentials are read from the secret the requester named, each
time anew. With OBJECT_STORE_ENDPOINT every export goes there instead of AWS.

Examples:
  scaivault-job-audit-export --dry-run     how many wait
  scaivault-job-audit-export --json

Exit codes:
  0   done
  1   an export failed, or waits for its next try
  64  wrong usage
  69  the database cannot be reached
  75  another run is at it
  78  settings are missing or wrong, or the database is at another version
)";

job::Outcome write_exports(const scai::config::Settings& settings, scai::db::Pool& pool,
                           scaivault::seal::Keyring& keyring, scai::http::Client& http,
                           const scai::Clock& clock, job::Run& run) {
    const auto endpoint = settings.optional_text("OBJECT_STORE_ENDPOINT").value_or("");
    const audit::OpenSink open = [&](const audit::Export& row) -> scai::Result<std::unique_ptr<audit::Sink>> {
        const auto secret =
            scaivault::secrets::read(pool, keyring, row.tenant_id, row.partner_id,
                                     row.destination.credentials_path, std::nullopt, clock.now());
        if (!secret)
            return secret.error();
        SCAI_TRY(auto keys, audit::storage_keys_of(secret->data));
        return audit::s3_sink(http, clock, row.destination, std::move(keys), endpoint);
    };
    const auto report = audit::run_exports(pool, open, clock, [&] { return run.must_stop(); });
    job::Outcome out;
    out.counters = Value::object({{"completed", report.completed},
                                  {"failed", report.failed},
                                  {"postponed", report.postponed},
                                  {"records", report.records}});
    if (report.failed + report.postponed > 0) {
        out.exit_code = job::exit_failure;
        out.outcome = "partial";
        out.error = std::to_string(report.failed + report.postponed) + " exports could not be written";
    }
    return out;
}

} // namespace

int main(int argc, char** argv) {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // credentials pass through here
    job::Options options;
    job::CommandLine command("Writes requested exports of ScaiVault's audit trail.",
                             "scaivault-job-audit-export", options, scaivault::job_product());
    command.footer(help);
    return job::main(command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
        if (options.dry_run) {
            job::print_counters(options, Value::object({{"waiting", audit::count_waiting(pool)}}));
            return job::exit_ok;
        }
        scai::http::CurlClient http;
        const auto kms = scaivault::seal::make_kms(settings, http, /*may_create=*/false);
        if (!kms) {
            std::cerr << command.name() << ": " << kms.error().message << "\n";
            return job::exit_config;
        }
        const scai::SystemClock clock;
        scaivault::seal::Keyring keyring(pool, **kms, clock);
        return job::print_outcome(
            options, job::run(pool, {"scaivault", "audit-export"}, clock, job::trigger(), [&](job::Run& run) {
                return write_exports(settings, pool, keyring, http, clock, run);
            }));
    });
}
