// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/background.hpp"

#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/checkpoints/store.hpp"
#include "lib/scaigrid/events/events.hpp"
#include "lib/scaigrid/runs/runs.hpp"
#include "lib/scaigrid/runs/store.hpp"
#include "lib/scaigrid/triggers/schedules.hpp"
#include "lib/scaigrid/triggers/store.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace scaigrid::runs {

namespace db = scai::db;
using scai::json::Value;

namespace {

constexpr std::int64_t batch = 100;

std::vector<store::Waiting> waiting_runs(db::Pool& pool) {
    auto reader = pool.read(db::Scope::all_tenants());
    return store::waiting(reader, batch);
}

} // namespace

void Background::look(const std::function<bool()>& over) {
    schedules_ += triggers::refresh_schedules(context_);
    const auto fired = triggers::fire_schedules(context_);
    fired_ += fired.fired;
    passed_ += fired.passed;
    while (!over()) {
        const auto waiting = waiting_runs(context_.pool);
        const std::int64_t before = taken_;
        std::atomic<std::size_t> next = 0;
        std::mutex mutex;
        std::exception_ptr failure;
        const auto worker = [&] {
            try {
                for (std::size_t i = next++; i < waiting.size() && !over(); i = next++)
                    if (take_up(context_, waiting[i].tenant_id, waiting[i].id))
                        ++taken_;
            } catch (...) {
                // The database went away: the job ends, and the leases let others take over.
                const std::lock_guard lock(mutex);
                failure = std::current_exception();
            }
        };
        {
            std::vector<std::jthread> workers;
            const auto count = std::min<std::size_t>(static_cast<std::size_t>(parallel_), waiting.size());
            for (std::size_t i = 0; i < count; ++i)
                workers.emplace_back(worker);
        }
        if (failure)
            std::rethrow_exception(failure);
        // What could not be taken waits for its instance, or is in other hands.
        if (taken_ == before || static_cast<std::int64_t>(waiting.size()) < batch)
            break;
    }
}

Value Background::counters() const {
    return Value::object(
        {{"schedules", schedules_}, {"fired", fired_}, {"passed", passed_}, {"taken_up", taken_.load()}});
}

Value expire_due(Context& context, const std::function<bool()>& over) {
    std::int64_t expired = 0, escalated = 0;
    for (bool more = true; more && !over();) {
        const auto due = [&] {
            auto reader = context.pool.read(db::Scope::all_tenants());
            return checkpoints::store::due(reader, batch);
        }();
        std::int64_t settled = 0;
        for (const auto& each : due) {
            if (over())
                break;
            const std::string what = expire(context, each.tenant_id, each.id);
            expired += what == "expired" ? 1 : 0;
            escalated += what == "escalated" ? 1 : 0;
            settled += what.empty() ? 0 : 1;
        }
        more = settled > 0 && static_cast<std::int64_t>(due.size()) == batch;
    }
    const std::int64_t days = context.settings.integer("SCAIGRID_RUN_DAYS");
    const auto everywhere = db::Scope::all_tenants();
    const auto events = events::prune(context.pool);
    const auto runs = db::in_tx(context.pool, everywhere, [&](db::Tx& tx) { return store::prune(tx, days); });
    const auto firings = db::in_tx(context.pool, everywhere,
                                   [&](db::Tx& tx) { return triggers::store::prune_firings(tx, days); });
    return Value::object({{"expired", expired},
                          {"escalated", escalated},
                          {"events_pruned", events},
                          {"runs_pruned", runs},
                          {"firings_pruned", firings}});
}

Value waiting_counters(db::Pool& pool) {
    auto reader = pool.read(db::Scope::all_tenants());
    return Value::object(
        {{"runs", static_cast<std::int64_t>(store::waiting(reader, 1000).size())},
         {"checkpoints", static_cast<std::int64_t>(checkpoints::store::due(reader, 1000).size())}});
}

} // namespace scaigrid::runs
