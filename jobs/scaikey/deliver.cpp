// scaikey-job-deliver: sends webhook events that are due. Every minute from cron; --watch keeps looking
// within that minute, so that an event travels at once. SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/app/job_product.hpp"
#include "lib/scaikey/webhooks/delivery.hpp"

#include <chrono>

namespace {

using scai::job::Watch;
using scai::json::Value;
namespace webhooks = scaikey::webhooks;

void add(webhooks::DeliverCounters& sum, const webhooks::DeliverCounters& more) {
    sum.attempts += more.attempts;
    sum.delivered += more.delivered;
    sum.failed += more.failed;
    sum.given_up += more.given_up;
}

scai::job::Outcome deliver(scai::db::Pool& pool, const scai::config::Settings& settings, const Watch& watch,
                           int parallel, scai::job::Run& run) {
    const scai::SystemClock clock;
    webhooks::DeliverSettings how;
    how.parallel = parallel;
    how.timeout = std::chrono::seconds(settings.integer("SCAIKEY_WEBHOOK_TIMEOUT_SECONDS"));
    webhooks::DeliverCounters sum;
    scai::job::repeat(watch, run, [&](const scai::job::Over& over) {
        add(sum, webhooks::deliver_due(pool, clock, how, over));
    });
    scai::job::Outcome outcome;
    outcome.counters = sum.json();
    outcome.counters.set("purged", webhooks::purge_events(pool, settings.integer("SCAIKEY_EVENT_DAYS")));
    outcome.counters.set("pending", webhooks::backlog(pool).pending);
    return outcome;
}

} // namespace

int main(int argc, char** argv) {
    scai::job::Options options;
    Watch watch;
    int parallel = 8;
    scai::job::CommandLine command(
        "Delivers signed webhook events of the embedded ScaiKey; failed ones again after 30 s, 2 "
        "min, 10 min, "
        "30 min and 2 h.",
        "scaikey-job-deliver", options, scaikey::job_product());
    command.watch(watch);
    command.number("--parallel", parallel, "deliveries in flight", {1, 64});
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            if (options.dry_run) {
                const auto waiting = webhooks::backlog(pool);
                scai::job::print_counters(
                    options, Value::object({{"due", waiting.due}, {"pending", waiting.pending}}));
                return scai::job::exit_ok;
            }
            const scai::job::Spec spec{"scaikey", "deliver", std::chrono::hours(24 * 365)};
            return scai::job::print_outcome(
                options,
                scai::job::run(pool, spec, scai::SystemClock(), watch.trigger(), [&](scai::job::Run& run) {
                    return deliver(pool, settings, watch, parallel, run);
                }));
        });
}
