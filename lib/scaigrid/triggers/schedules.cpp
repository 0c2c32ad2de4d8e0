// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/triggers/schedules.hpp"

#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/runs/runs.hpp"
#include "lib/scaigrid/triggers/rules.hpp"
#include "lib/scaigrid/triggers/store.hpp"

namespace scaigrid::triggers {

namespace db = scai::db;
using scai::json::Value;

namespace {

constexpr std::int64_t batch = 200;

std::vector<store::Schedule> schedules_of(const std::string& triggers, scai::UtcTime now) {
    std::vector<store::Schedule> out;
    const auto parsed = scai::json::parse(triggers);
    if (!parsed)
        return out;
    parsed->each_item([&](const Value& trigger) {
        if (trigger.member("kind") != "schedule" || trigger.member("name").empty())
            return;
        const std::string cron = trigger.member("cron"), zone = trigger.get("timezone").text_or("UTC");
        out.push_back({.name = trigger.member("name"),
                       .cron = cron,
                       .timezone = zone,
                       .next_due = next_due(cron, zone, now)});
    });
    return out;
}

/// The run of a due schedule; nothing when the Core takes none.
std::optional<runs::Execution> run_of(Context& context, const store::Due& due,
                                      const std::optional<cores::Runnable>& core) {
    if (!core)
        return std::nullopt;
    auto execution = runs::prepare(context, due.tenant_id,
                                   {.core_id = due.core_id,
                                    .trigger = due.name,
                                    .input = Value::object({{"scheduled_at", scai::to_iso8601(due.due_at)},
                                                            {"cron", due.cron},
                                                            {"timezone", due.timezone}}),
                                    .instance_key = core->concurrency_mode == "entity" ? "schedule" : "",
                                    .caused_by = "schedule"},
                                   *core);
    if (!execution)
        return std::nullopt;
    execution->lease_token.clear();
    return std::move(*execution);
}

} // namespace

std::int64_t refresh_schedules(Context& context) {
    std::int64_t count = 0;
    for (;;) {
        const auto changed = [&] {
            auto reader = context.pool.read(db::Scope::all_tenants());
            return store::changed(reader, batch);
        }();
        for (const auto& core : changed) {
            const auto schedules = schedules_of(core.triggers, context.clock->now());
            db::in_tx(context.pool, db::Scope::tenant(core.tenant_id),
                      [&](db::Tx& tx) { store::replace(tx, core, schedules); });
            ++count;
        }
        if (static_cast<std::int64_t>(changed.size()) < batch)
            break;
    }
    db::in_tx(context.pool, db::Scope::all_tenants(), [](db::Tx& tx) { store::remove_orphans(tx); });
    return count;
}

Fired fire_schedules(Context& context) {
    Fired out;
    const auto now = context.clock->now();
    const auto due = [&] {
        auto reader = context.pool.read(db::Scope::all_tenants());
        return store::due(reader, now, batch);
    }();
    for (const auto& each : due) {
        const auto core = cores::find_runnable(context, each.tenant_id, each.core_id);
        auto execution = run_of(context, each, core);
        const auto next = next_due(each.cron, each.timezone, now);
        const bool mine = db::in_tx(context.pool, db::Scope::tenant(each.tenant_id), [&](db::Tx& tx) {
            if (!store::advance(tx, each, next))
                return false;
            store::add_firing(tx, each, execution ? std::optional(execution->id) : std::nullopt);
            if (execution)
                runs::begin(tx, context, *execution, *core->module);
            return true;
        });
        if (mine)
            ++(execution ? out.fired : out.passed);
    }
    return out;
}

} // namespace scaigrid::triggers
