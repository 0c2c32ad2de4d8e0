// scaivault-job-deliver: spreads the outbox over the webhooks and sends what is due. Every minute from cron;
// --watch keeps looking within that minute, so that an event travels at once. SPDX-License-Identifier:
// Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/http/client.hpp"
#include "lib/scaivault/app/job_product.hpp"
#include "lib/scaivault/policies/evaluator.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/webhooks/delivery.hpp"
#include "lib/scaivault/webhooks/store.hpp"
#include "lib/web/metrics.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace {

using scai::job::Watch;
using scai::json::Value;
namespace seal = scaivault::seal;
namespace webhooks = scaivault::webhooks;

constexpr auto help =
    R"(Each event goes at least once to every webhook that wants it, signed. An answer other than 2xx within 10 seconds is a
failure: tried again after 30 s, 2 min, 10 min, 30 min and 2 h, then given up. A webhook is switched off after 50
failures in a row. Addresses that are not public are refused unless SCAIVAULT_WEBHOOK_ALLOW_PRIVATE is set.

One run per host and --worker number at a time; runs of several hosts, or of several workers of one host, share the
work.

Examples:
  scaivault-job-deliver                        what is due, once
  scaivault-job-deliver --watch 1 --for 55     from cron
  scaivault-job-deliver --dry-run --json       what waits

Exit codes:
  0   done
  64  wrong usage
  69  the database cannot be reached
  75  this host's worker runs already
  78  settings are missing or wrong, or the database is at another version
)";

/// Attempts since `told`, which becomes what there is now.
void count(scai::web::Metrics& metrics, const webhooks::DeliverCounters& now,
           webhooks::DeliverCounters& told) {
    for (const auto& [status, more] : {std::pair{"success", now.succeeded - told.succeeded},
                                       std::pair{"failed", now.failed - told.failed}})
        if (more > 0)
            metrics.add("scaivault_webhook_deliveries_total", {{"status", status}},
                        static_cast<std::uint64_t>(more));
    told = now;
}

scai::job::Outcome deliver(webhooks::Deliverer& deliverer, scai::db::Pool& pool, const Watch& watch,
                           std::int64_t days, scai::web::Metrics& metrics, scai::job::Run& run) {
    webhooks::DeliverCounters told;
    scai::job::repeat(watch, run, [&](const scai::job::Over& over) {
        deliverer.run(over);
        count(metrics, deliverer.counters(), told);
    });
    scai::job::Outcome outcome;
    outcome.counters = deliverer.counters().json();
    outcome.counters.set("purged", run.must_stop() ? std::int64_t{0} : webhooks::purge(pool, days));
    auto reader = pool.read(scai::db::Scope::all_tenants());
    outcome.counters.set("pending", webhooks::store::backlog(reader).pending);
    return outcome;
}

std::string host_name() {
    char name[256] = "";
    return gethostname(name, sizeof name - 1) == 0 ? name : "host";
}

} // namespace

int main(int argc, char** argv) {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // unwrapped keys pass through here
    scai::job::Options options;
    Watch watch;
    bool once = false;
    int worker = 0;
    webhooks::DeliverSettings how;
    scai::job::CommandLine command("Delivers the events of ScaiVault to its webhooks.",
                                   "scaivault-job-deliver", options, scaivault::job_product());
    command.watch(watch);
    command.flag("--once", once, "until nothing is due, which is what happens without --watch");
    command.number("--parallel", how.parallel, "deliveries in flight", {1, 256});
    command.number("--worker", worker, "number of this worker on its host", {0, 99});
    command.footer(help);
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            if (options.dry_run) {
                auto reader = pool.read(scai::db::Scope::all_tenants());
                const auto waiting = webhooks::store::backlog(reader);
                scai::job::print_counters(
                    options, Value::object({{"due", waiting.due}, {"pending", waiting.pending}}));
                return scai::job::exit_ok;
            }
            if (once)
                watch = {};
            scai::http::CurlClient http;
            const auto kms = seal::make_kms(settings, http, /*may_create=*/false);
            if (!kms) {
                std::cerr << command.name() << ": " << kms.error().message << "\n";
                return scai::job::exit_config;
            }
            const scai::SystemClock clock;
            seal::Keyring keyring(pool, **kms, clock);
            scaivault::policies::Evaluator evaluator(pool, clock);
            how.allow_private = settings.flag("SCAIVAULT_WEBHOOK_ALLOW_PRIVATE");
            how.batch = std::max(how.batch, 2 * how.parallel);
            webhooks::Deliverer deliverer(pool, keyring, evaluator, clock, how);
            scai::web::Metrics metrics(settings.text("SCAI_METRICS_DIR"), "scaivault-jobs");
            const scai::job::Spec spec{"scaivault", "deliver " + host_name() + " " + std::to_string(worker),
                                       std::chrono::hours(24 * 365)};
            return scai::job::print_outcome(
                options, scai::job::run(pool, spec, clock, watch.trigger(), [&](scai::job::Run& run) {
                    return deliver(deliverer, pool, watch, settings.integer("SCAIVAULT_EVENT_DAYS"), metrics,
                                   run);
                }));
        });
}
