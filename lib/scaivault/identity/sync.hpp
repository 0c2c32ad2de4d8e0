// The sync of the copy of the directory, by the safety rules of lib/directory: nothing is removed that a
// completely read listing does not prove gone, too many removals stop a tenant, a group that could not be
// read is left as it is. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/directory/rules.hpp"
#include "lib/directory/source.hpp"
#include "lib/json/value.hpp"
#include "lib/oidc/provider.hpp"
#include "lib/scaivault/identity/store_runs.hpp"

#include <functional>
#include <string>
#include <vector>

namespace scaivault::identity {

struct SyncSettings {
    std::int64_t max_deletes = 50, max_percent = 10;
    std::chrono::seconds interval{3600};
};

struct SyncOptions {
    std::string trigger = "manual"; ///< cron, manual
    std::string actor = {};
    std::optional<Extent> extent = {}; ///< nothing: the requests that wait, and everything when it is due
    bool if_due = false;               ///< with no extent: everything only when the interval has passed
    bool dry_run = false;
    bool force = false;
};

struct SyncReport {
    int exit_code = 0;
    std::string outcome; ///< done, partial, breaker, unavailable, skipped
    std::int64_t runs = 0;
    scai::json::Value counters; ///< summed over tenants
    scai::json::Value tenants;  ///< per tenant
    std::vector<scai::directory::Message> messages;
};

struct SyncParts {
    scai::db::Pool& pool; ///< of the role scaivault_jobs
    SyncSettings settings;
    scai::directory::SourceFactory sources;
};

/// Holds no lock itself: the job does. `must_stop` is asked between steps.
SyncReport sync(SyncParts& parts, const SyncOptions& options, const std::function<bool()>& must_stop);

} // namespace scaivault::identity
