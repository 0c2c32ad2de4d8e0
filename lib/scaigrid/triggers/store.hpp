// Rows of schedules and webhook secrets. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"
#include "lib/scaigrid/triggers/hooks.hpp"

#include <map>

namespace scaigrid::triggers::store {

/// Nothing when there is one.
void keep_secret(scai::db::Tx& tx, const std::string& tenant_id, const std::string& core_id,
                 const std::string& name, const std::string& secret);
void replace_secret(scai::db::Tx& tx, const std::string& tenant_id, const std::string& core_id,
                    const std::string& name, const std::string& secret);
std::map<std::string, std::string> secrets(scai::db::Reader& reader, const std::string& tenant_id,
                                           const std::string& core_id); ///< by name
std::optional<Hook> find_hook(scai::db::Reader& reader, const std::string& core_id, const std::string& name);

struct DueTimes {
    std::optional<std::string> next, last; ///< RFC 3339
};
std::map<std::string, DueTimes> due_times(scai::db::Reader& reader, const std::string& tenant_id,
                                          const std::string& core_id); ///< by name

/// Cores whose schedules are of another revision than their module; over all tenants.
struct Changed {
    std::string tenant_id, core_id;
    std::int64_t revision;
    std::string triggers; ///< text of a JSON list
};
std::vector<Changed> changed(scai::db::Reader& reader, std::int64_t limit);
struct Schedule {
    std::string name, cron, timezone;
    std::optional<scai::UtcTime> next_due;
};
/// In place of all that were there. A schedule that did not change keeps its next time, so that nothing due
/// is lost when a Core is replaced. Without any, a row says that there is none.
void replace(scai::db::Tx& tx, const Changed& core, const std::vector<Schedule>& schedules);
/// Those of Cores that are gone.
std::int64_t remove_orphans(scai::db::Tx& tx);

struct Due {
    std::string tenant_id, core_id, name, cron, timezone;
    scai::UtcTime due_at;
};
std::vector<Due> due(scai::db::Reader& reader, scai::UtcTime now, std::int64_t limit);
/// Locks the schedule and moves it on; false when somebody else has.
bool advance(scai::db::Tx& tx, const Due& due, std::optional<scai::UtcTime> next);
void add_firing(scai::db::Tx& tx, const Due& due, const std::optional<std::string>& execution_id);
std::int64_t prune_firings(scai::db::Tx& tx, std::int64_t days);

} // namespace scaigrid::triggers::store
