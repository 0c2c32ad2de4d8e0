// What the clock does to queues and bunkers when nobody asks: claims, delays and lives that are over, answers
// that checkpoints are owed, old records. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/queues/hitl.hpp"

namespace scaigrid::queues {

struct UpkeepCounters {
    Swept messages;
    ResumedCount checkpoints;
    std::int64_t bunkers_terminated = 0, bunkers_paused = 0, purged = 0;
    void add(const UpkeepCounters& more);
    scai::json::Value json() const;
};

/// Once over everything that is due, in batches of one transaction each. `stop` is asked between two.
UpkeepCounters upkeep(scai::db::Pool& pool, const Resolver& resolver, const std::function<bool()>& stop);
/// Removes what ended more than so many days ago.
std::int64_t purge_old(scai::db::Pool& pool, std::int64_t days, const std::function<bool()>& stop);
/// What upkeep() would find: {messages, checkpoints, bunkers}.
scai::json::Value backlog(scai::db::Pool& pool);

} // namespace scaigrid::queues
