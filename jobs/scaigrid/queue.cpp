// scaigrid-job-queue: puts messages back whose claim ran out, shows those whose delay is over, ends those
// past their life, resolves checkpoints whose form was answered, ends bunkers. Every minute from cron;
// --watch keeps looking within that minute. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/app/job_product.hpp"
#include "lib/scaigrid/queues/upkeep.hpp"
#include "lib/scaigrid/runs/runs.hpp"

#include <chrono>
#include <cstdint>

namespace {

using scai::job::Watch;
using scai::json::Value;
namespace queues = scaigrid::queues;

scai::job::Outcome look_after(scaigrid::Context& context, const Watch& watch, std::int64_t keep_days,
                              scai::job::Run& run) {
    const queues::Resolver resolver = [&](const std::string& tenant, const std::string& checkpoint,
                                          const Value& resolution, const std::string& by) {
        return scaigrid::runs::resolve(context, tenant, checkpoint, resolution, by);
    };
    const auto stop = [&] { return run.must_stop(); };
    queues::UpkeepCounters sum;
    scai::job::repeat(watch, run, [&](const scai::job::Over& over) {
        sum.add(queues::upkeep(context.pool, resolver, over));
    });
    sum.purged = queues::purge_old(context.pool, keep_days, stop);
    scai::job::Outcome outcome;
    outcome.counters = sum.json();
    return outcome;
}

} // namespace

int main(int argc, char** argv) {
    scai::job::Options options;
    Watch watch;
    std::int64_t keep_days = 30;
    scai::job::CommandLine command(
        "Visibility timeouts, delays, lifetimes and owed answers of the embedded ScaiGrid's queues and "
        "bunkers.",
        "scaigrid-job-queue", options, scaigrid::job_product());
    command.watch(watch);
    command.number("--keep-days", keep_days, "finished messages and bunkers are kept this long", {1, 3650});
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            if (options.dry_run) {
                scai::job::print_counters(options, queues::backlog(pool));
                return scai::job::exit_ok;
            }
            scaigrid::Context context(settings, "jobs", scaigrid::real_edges());
            const scai::job::Spec spec{"scaigrid", "queue", std::chrono::hours(24 * 365)};
            return scai::job::print_outcome(
                options,
                scai::job::run(pool, spec, scai::SystemClock(), watch.trigger(), [&](scai::job::Run& run) {
                    return look_after(context, watch, keep_days, run);
                }));
        });
}
