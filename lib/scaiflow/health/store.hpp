// What the database says about the mirror's freshness. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace scaiflow::health {

/// The last real (not dry) run that ended, and the last one that was good ("done" or "partial").
struct SyncState {
    std::string last_id, last_outcome;
    std::optional<std::int64_t> last_age_seconds, last_success_age_seconds;
};
SyncState sync_state(scai::db::Pool& pool);

struct MirrorCounts {
    std::int64_t tenants = 0, users = 0, groups = 0, memberships = 0, super_admins = 0;
};
MirrorCounts mirror_counts(scai::db::Pool& pool);

} // namespace scaiflow::health
