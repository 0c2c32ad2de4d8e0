// scaikey-job-deliver: sends webhook events that are due. Every minute from cron; --watch keeps looking
// within that minute, so that an event travels at once. SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/app/job_product.hpp"
#include "lib/scaikey/webhooks/delivery.hpp"

#include <chrono>
#include <thread>

namespace {

using scai::json::Value;
namespace webhooks = scaikey::webhooks;

struct Watch {
    std::int64_t every_seconds = 0; ///< 0: look once
    std::int64_t for_seconds = 0;   ///< 0: until told to stop
};

void add(webhooks::DeliverCounters& sum, const webhooks::DeliverCounters& more) {
    sum.attempts += more.attempts;
    sum.delivered += more.delivered;
    sum.failed += more.failed;
    sum.given_up += more.given_up;
}

/// Sleeps in short steps, so that SIGTERM ends it soon.
void pause(std::chrono::milliseconds length, scai::job::Run& run) {
    const auto end = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < end && !run.must_stop())
        std::this_thread::sleep_for(std::min(length, std::chrono::milliseconds(200)));
}

scai::job::Outcome deliver(scai::db::Pool& pool, const scai::config::Settings& settings, const Watch& watch,
                           int parallel, scai::job::Run& run) {
    const scai::SystemClock clock;
    webhooks::DeliverSettings how;
    how.parallel = parallel;
    how.timeout = std::chrono::seconds(settings.integer("SCAIKEY_WEBHOOK_TIMEOUT_SECONDS"));
    webhooks::DeliverCounters sum;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(watch.for_seconds);
    const auto over = [&] {
        return run.must_stop() ||
               (watch.every_seconds > 0 && watch.for_seconds > 0 && std::chrono::steady_clock::now() >= end);
    };
    do {
        add(sum, webhooks::deliver_due(pool, clock, how, [&] { return run.must_stop(); }));
        if (watch.every_seconds > 0 && !over())
            pause(std::chrono::seconds(watch.every_seconds), run);
    } while (watch.every_seconds > 0 && !over());
    scai::job::Outcome outcome;
    outcome.counters = sum.json();
    outcome.counters.set("purged", webhooks::purge_events(pool, settings.integer("SCAIKEY_EVENT_DAYS")));
    outcome.counters.set("pending", webhooks::backlog(pool).pending);
    return outcome;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Delivers signed webhook events of the embedded ScaiKey; failed ones again after 30 s, 2 "
                 "min, 10 min, "
                 "30 min and 2 h.",
                 "scaikey-job-deliver"};
    scai::job::Options options;
    Watch watch;
    int parallel = 8;
    scai::job::add_options(app, options, scaikey::job_product());
    app.add_option("--watch", watch.every_seconds, "look again every so many seconds instead of once")
        ->check(CLI::Range(1, 3600));
    app.add_option("--for", watch.for_seconds, "with --watch: end after so many seconds")
        ->check(CLI::Range(1, 86400));
    app.add_option("--parallel", parallel, "deliveries in flight")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    return scai::job::main(
        app, options, scaikey::job_product(), argc, argv,
        [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            if (options.dry_run) {
                const auto waiting = webhooks::backlog(pool);
                scai::job::print_counters(
                    options, Value::object({{"due", waiting.due}, {"pending", waiting.pending}}));
                return scai::job::exit_ok;
            }
            const scai::job::Spec spec{"scaikey", "deliver", std::chrono::hours(24 * 365)};
            return scai::job::print_outcome(
                options, scai::job::run(pool, spec, scai::SystemClock(),
                                        watch.every_seconds > 0 ? "watch" : "cron", [&](scai::job::Run& run) {
                                            return deliver(pool, settings, watch, parallel, run);
                                        }));
        });
}
