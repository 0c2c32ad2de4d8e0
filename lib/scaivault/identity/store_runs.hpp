// SQL of requests and runs of the sync. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaivault::identity {

/// What is to be read: both empty = everything.
struct Extent {
    std::string partner_id, tenant_id;
    bool everything() const { return partner_id.empty() && tenant_id.empty(); }
    bool operator==(const Extent&) const = default;
};

struct SyncRow {
    std::int64_t number = 0;
    std::string id, trigger, requested_by, status;
    Extent extent;
    scai::UtcTime requested_at;
    std::optional<scai::UtcTime> started_at, completed_at;
    std::optional<std::int64_t> users_synced, groups_synced;
    std::string counters, messages; ///< JSON
    std::optional<std::string> error;
};

} // namespace scaivault::identity

namespace scaivault::identity::store {

/// A request that is the same as one that waits joins it: returns the row that is there now.
SyncRow request(scai::db::Tx& tx, const std::string& id, const Extent& extent, const std::string& trigger,
                const std::string& requested_by);
std::vector<SyncRow> pending(scai::db::Executor& reader);
/// For the holder of the job's lock. What a killed process left running is closed as failed and asked for
/// once more: a request with the trigger "retry", which waits.
void close_killed(scai::db::Tx& tx);
/// Marks them running.
void begin(scai::db::Tx& tx, const std::vector<std::int64_t>& numbers);
/// As PostgreSQL writes it.
std::string now_text(scai::db::Tx& tx);
struct Result {
    std::string status, counters, messages;
    std::optional<std::string> error;
    std::int64_t users = 0, groups = 0;
};
void finish(scai::db::Tx& tx, const std::vector<std::int64_t>& numbers, const Result& result);
/// Seconds since the last run of everything that ended, and whether it failed.
std::optional<std::pair<std::int64_t, bool>> last_full(scai::db::Executor& reader);
/// Newest first. `tenant_id` "" = all; else runs of everything, of the tenant and of its partner.
std::vector<SyncRow> history(scai::db::Executor& reader, const Extent& seen_from, std::int64_t offset,
                             std::int64_t limit);
std::int64_t count(scai::db::Executor& reader, const Extent& seen_from);

} // namespace scaivault::identity::store
