// scaigrid-job-queue: puts messages back whose claim ran out, shows those whose delay is over, ends those
// past their life, resolves checkpoints whose form was answered, ends bunkers. Every minute from cron;
// --watch keeps looking within that minute. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/app/job_product.hpp"
#include "lib/scaigrid/queues/upkeep.hpp"
#include "lib/scaigrid/runs/runs.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace {

using scai::json::Value;
namespace queues = scaigrid::queues;

struct Watch {
    std::int64_t every_seconds = 0; ///< 0: look once
    std::int64_t for_seconds = 0;   ///< 0: until told to stop
    std::int64_t keep_days = 30;
};

/// Sleeps in short steps, so that SIGTERM ends it soon.
void pause(std::chrono::milliseconds length, scai::job::Run& run) {
    const auto end = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < end && !run.must_stop())
        std::this_thread::sleep_for(std::min(length, std::chrono::milliseconds(200)));
}

scai::job::Outcome look_after(scaigrid::Context& context, const Watch& watch, scai::job::Run& run) {
    const queues::Resolver resolver = [&](const std::string& tenant, const std::string& checkpoint,
                                          const Value& resolution, const std::string& by) {
        return scaigrid::runs::resolve(context, tenant, checkpoint, resolution, by);
    };
    const auto stop = [&] { return run.must_stop(); };
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(watch.for_seconds);
    const auto over = [&] {
        return stop() || (watch.for_seconds > 0 && std::chrono::steady_clock::now() >= end);
    };
    queues::UpkeepCounters sum;
    do {
        sum.add(queues::upkeep(context.pool, resolver, stop));
        if (watch.every_seconds > 0 && !over())
            pause(std::chrono::seconds(watch.every_seconds), run);
    } while (watch.every_seconds > 0 && !over());
    sum.purged = queues::purge_old(context.pool, watch.keep_days, stop);
    scai::job::Outcome outcome;
    outcome.counters = sum.json();
    return outcome;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "Visibility timeouts, delays, lifetimes and owed answers of the embedded ScaiGrid's queues and "
        "bunkers.",
        "scaigrid-job-queue"};
    scai::job::Options options;
    Watch watch;
    scai::job::add_options(app, options, scaigrid::job_product());
    app.add_option("--watch", watch.every_seconds, "look again every so many seconds instead of once")
        ->check(CLI::Range(1, 3600));
    app.add_option("--for", watch.for_seconds, "with --watch: end after so many seconds")
        ->check(CLI::Range(1, 86400));
    app.add_option("--keep-days", watch.keep_days, "finished messages and bunkers are kept this long")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    return scai::job::main(
        app, options, scaigrid::job_product(), argc, argv,
        [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            if (options.dry_run) {
                scai::job::print_counters(options, queues::backlog(pool));
                return scai::job::exit_ok;
            }
            scaigrid::Context context(settings, "jobs", scaigrid::real_edges());
            const scai::job::Spec spec{"scaigrid", "queue", std::chrono::hours(24 * 365)};
            return scai::job::print_outcome(
                options,
                scai::job::run(pool, spec, scai::SystemClock(), watch.every_seconds > 0 ? "watch" : "cron",
                               [&](scai::job::Run& run) { return look_after(context, watch, run); }));
        });
}
