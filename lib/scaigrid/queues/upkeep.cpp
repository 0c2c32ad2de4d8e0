// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/queues/upkeep.hpp"

#include "lib/scaigrid/bunkers/store.hpp"
#include "lib/scaigrid/queues/store.hpp"

namespace scaigrid::queues {

using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr std::int64_t batch = 500;

template<class Work>
auto everywhere(scai::db::Pool& pool, Work work) {
    // All tenants: housekeeping is nobody's request.
    return scai::db::in_tx(pool, Scope::all_tenants(), work);
}

} // namespace

void UpkeepCounters::add(const UpkeepCounters& more) {
    messages.ready += more.messages.ready;
    messages.returned += more.messages.returned;
    messages.dead_lettered += more.messages.dead_lettered;
    messages.expired += more.messages.expired;
    checkpoints.resolved += more.checkpoints.resolved;
    checkpoints.settled += more.checkpoints.settled;
    checkpoints.refused += more.checkpoints.refused;
    checkpoints.pending += more.checkpoints.pending;
    bunkers_terminated += more.bunkers_terminated;
    bunkers_paused += more.bunkers_paused;
    purged += more.purged;
}

Value UpkeepCounters::json() const {
    return Value::object({{"ready", messages.ready},
                          {"returned", messages.returned},
                          {"dead_lettered", messages.dead_lettered},
                          {"expired", messages.expired},
                          {"checkpoints_resolved", checkpoints.resolved},
                          {"checkpoints_settled", checkpoints.settled},
                          {"checkpoints_refused", checkpoints.refused},
                          {"checkpoints_pending", checkpoints.pending},
                          {"bunkers_terminated", bunkers_terminated},
                          {"bunkers_paused", bunkers_paused},
                          {"purged", purged}});
}

UpkeepCounters upkeep(scai::db::Pool& pool, const Resolver& resolver, const std::function<bool()>& stop) {
    UpkeepCounters out;
    while (!stop()) {
        UpkeepCounters round;
        round.messages = everywhere(pool, [](Tx& tx) { return sweep(tx, batch); });
        out.add(round);
        if (round.messages.sum() < batch)
            break;
    }
    if (!stop()) {
        const auto ended = everywhere(pool, [](Tx& tx) { return bunkers::store::end_due(tx, batch); });
        out.bunkers_terminated = ended.terminated;
        out.bunkers_paused = ended.paused;
    }
    if (!stop())
        out.checkpoints = resume_due(pool, resolver, 50, stop);
    return out;
}

std::int64_t purge_old(scai::db::Pool& pool, std::int64_t days, const std::function<bool()>& stop) {
    std::int64_t out = 0;
    while (!stop()) {
        const auto gone = everywhere(
            pool, [&](Tx& tx) { return purge(tx, days, batch) + bunkers::store::purge(tx, days, batch); });
        out += gone;
        if (gone < batch)
            break;
    }
    return out;
}

Value backlog(scai::db::Pool& pool) {
    auto db = pool.read(Scope::all_tenants());
    const auto due = store::count_due(db);
    return Value::object(
        {{"messages", due.messages}, {"checkpoints", due.checkpoints}, {"bunkers", due.bunkers}});
}

} // namespace scaigrid::queues
