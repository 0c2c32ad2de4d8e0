// scaivault-job-identity-sync: every minute with --if-due; brings the copy of ScaiKey's partners, tenants,
// users and groups up to date. SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/job_product.hpp"
#include "lib/scaivault/identity/sync.hpp"
#include "lib/scaivault/policies/conditions.hpp"

#include <cstdio>

namespace {

using scai::json::Value;
namespace identity = scaivault::identity;
namespace job = scai::job;

constexpr auto help =
    R"(Does what POST /v1/identity/sync and ScaiKey's events asked for, and everything when IDENTITY_SYNC_INTERVAL has passed.
Without --if-due everything is read now. --tenant and --partner read a part.

Safety: nothing is removed that a completely read listing does not prove gone. More removals than the larger of
IDENTITY_SYNC_MAX_DELETES and IDENTITY_SYNC_MAX_DELETE_PERCENT of what is there stop the tenant, unless --force. An empty
answer of ScaiKey over a copy that has users or groups is stopped even with --force.

Examples:
  scaivault-job-identity-sync --if-due              what cron runs
  scaivault-job-identity-sync --tenant tnt_acme     one tenant
  scaivault-job-identity-sync --dry-run --json      what would change

Exit codes:
  0   done (also: partly read, or nothing due)
  64  wrong usage, or no such tenant
  65  stopped by a safety limit; what it concerns was left as it was
  69  ScaiKey or the database does not answer
  75  another sync is running
  78  settings are missing or wrong, or the database is at another version
)";

scai::directory::DirectorySettings directory_settings(const scai::config::Settings& settings) {
    scai::directory::DirectorySettings out;
    out.base_url = scaivault::provider_settings(settings).base_url;
    out.pinned_tenant = settings.text("SCAIKEY_TENANT_ID");
    out.per_page = static_cast<int>(settings.integer("SCAIKEY_PER_PAGE"));
    out.parallel = static_cast<int>(settings.integer("SCAIKEY_PARALLEL"));
    out.timeout = std::chrono::seconds(settings.integer("SCAIKEY_TIMEOUT_SECONDS"));
    return out;
}

Value messages_of(const std::vector<scai::directory::Message>& messages) {
    Value out = Value::array();
    for (const auto& message : messages)
        out.push(Value::object({{"level", message.level}, {"code", message.code}, {"text", message.text}}));
    return out;
}

job::Outcome outcome_of(const identity::SyncReport& report) {
    job::Outcome out;
    out.exit_code = report.exit_code;
    out.outcome = report.outcome == "stopped"  ? "breaker"
                  : report.outcome == "failed" ? "unavailable"
                                               : report.outcome;
    out.counters = report.counters;
    out.counters.set("runs", report.runs);
    out.counters.set("per_tenant", report.tenants);
    out.counters.set("messages", messages_of(report.messages));
    return out;
}

int run(const job::Options& options, identity::SyncOptions wanted, const scai::config::Settings& settings,
        scai::db::Pool& pool) {
    const scai::SystemClock clock;
    const auto interval = settings.text("IDENTITY_SYNC_INTERVAL");
    const auto period = interval == "0" ? std::optional(std::chrono::seconds(0))
                                        : scaivault::policies::parse_duration(interval);
    if (!period) {
        std::fputs(
            "scaivault-job-identity-sync: IDENTITY_SYNC_INTERVAL must be a duration such as 1h, or 0\n",
            stderr);
        return job::exit_config;
    }
    scai::http::CurlClient http;
    scai::oidc::Provider provider(scaivault::provider_settings(settings), http, clock);
    identity::SyncParts parts{pool,
                              {.max_deletes = settings.integer("IDENTITY_SYNC_MAX_DELETES"),
                               .max_percent = settings.integer("IDENTITY_SYNC_MAX_DELETE_PERCENT"),
                               .interval = *period},
                              scai::directory::http_sources(directory_settings(settings), provider, clock)};
    wanted.dry_run = options.dry_run;
    wanted.trigger = job::trigger();
    wanted.actor = wanted.trigger;
    return job::print_outcome(
        options, job::run(pool, {"scaivault", "identity-sync"}, clock, wanted.trigger, [&](job::Run& held) {
            return outcome_of(identity::sync(parts, wanted, [&] { return held.must_stop(); }));
        }));
}

} // namespace

int main(int argc, char** argv) {
    job::Options options;
    identity::SyncOptions wanted;
    identity::Extent extent;
    job::CommandLine command("Brings ScaiVault's copy of ScaiKey's directory up to date.",
                             "scaivault-job-identity-sync", options, scaivault::job_product());
    command.flag("--if-due", wanted.if_due,
                 "only what was asked for, or everything when the interval has passed");
    command.flag("--force", wanted.force, "let more removals pass than the limits allow");
    command.text("--tenant", extent.tenant_id, "this tenant only (its id)");
    command.text("--partner", extent.partner_id, "tenants of this partner only (its id)");
    command.footer(help);
    return job::main(command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
        if (!extent.everything())
            wanted.extent = extent;
        return run(options, wanted, settings, pool);
    });
}
