// Sweep: walks the directory into staging, diffs it set-based into the mirror under the safety rules of
// design.md section 7, reconciles roles, records the run. The same code for cron, API, CLI, drift and dry
// run. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/directory.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/mirror/shared.hpp"
#include "lib/scaiflow/roles/roles.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace scaiflow::mirror {

struct SweepOptions {
    std::string trigger;                    ///< cron, manual, api, register, webhook
    std::string actor;                      ///< user id, "cli:<login>", "cron"
    std::optional<std::string> tenant = {}; ///< only this one
    bool dry_run = false;
    bool force = false;  ///< lets the deletion breaker pass; not the empty-upstream stop
    bool if_due = false; ///< skip (not_due) unless SCAIFLOW_SYNC_INTERVAL_MINUTES have passed
    std::size_t max_changes =
        10000; ///< changes listed per object type (removals and role changes are always listed)
    std::function<void(const scai::directory::Progress&)> progress = {}; ///< may be empty
};

struct Breaker {
    std::string kind; ///< deletes | empty_upstream
    std::int64_t would_remove = 0, limit = 0;
};

/// contract scaiflow-api.md 6.2, per tenant and summed.
struct Counters {
    std::int64_t users_seen = 0, users_added = 0, users_undeleted = 0, users_soft_deleted = 0,
                 users_updated = 0, users_unverified = 0;
    std::int64_t groups_seen = 0, groups_added = 0, groups_undeleted = 0, groups_soft_deleted = 0,
                 groups_updated = 0;
    std::int64_t memberships_seen = 0, memberships_added = 0, memberships_soft_deleted = 0;
};

struct TenantResult {
    std::string tenant_id, users_method;
    Counters counters;
    bool partial = false;
    std::optional<Breaker> breaker;
    std::string error; ///< "" or why this tenant was left as it was
    std::vector<scai::directory::Message> messages;
};

struct Change {
    std::string tenant_id, object_type, object_id, change;
    scai::json::Value before, after;
};

struct SweepResult {
    int exit_code = 0;   ///< job::exit_*
    std::string outcome; ///< done, partial, breaker, skipped, unavailable, failed
    std::string run_id;
    bool dry_run = false;
    std::optional<std::string> skipped_reason; ///< credentials_missing, already_running, not_due
    std::optional<std::string> users_method;   ///< null when skipped; member_walk when any tenant used it
    Counters counters;
    std::int64_t super_admin_count = 0, super_admins_group_promoted = 0, super_admins_group_demoted = 0;
    bool partial = false;
    std::optional<Breaker> breaker;
    double duration_seconds = 0;
    std::uint64_t upstream_calls = 0;
    std::vector<TenantResult> tenants;
    std::vector<Change> changes;
    bool changes_truncated = false;
    std::vector<scai::directory::Message>
        messages;       ///< run-wide, e.g. no_super_admin with the three lines of seed 000
    std::string holder; ///< who holds the lock when already_running
};

/// What a sweep needs of the settings.
struct SweepSettings {
    std::string missing; ///< settings without which ScaiKey cannot be asked, "" when all are there
    std::int64_t max_deletes = 50, max_percent = 10;
    std::int64_t interval_minutes = 60;
    roles::SuperAdminGroups super_admin_groups;
};

/// A sweep with its edges given, for tests and for the adapter below.
struct Parts {
    scai::db::Pool& pool;
    const scai::Clock& clock;
    SweepSettings settings;
    SourceFactory make_source;
};

/// Where the mirror stands afterwards, and what others may rely on:
///   * the run's started_at is what the mirror is true as of: an object a webhook changed later is left
///   alone;
///   * tenants.last_synced_at moves with every run that left nothing of the tenant unknown; tenants.last_run
///   (the
///     watermark for late webhooks) only when, besides, every user was proven;
///   * each tenant is one transaction under lock_mirror; roles are reconciled in one of their own at the end.
SweepResult sweep(Parts& parts, const SweepOptions& options);

/// One sweep under the run lock. Never throws for upstream troubles; database loss throws after the run row
/// says so as far as possible. Exit codes as design.md section 3.
SweepResult sweep(Context& context, const SweepOptions& options);

/// The printed object of design.md section 3 / contract 6.2; `changes` included when asked for.
scai::json::Value to_json(const SweepResult& result, bool with_changes);
/// The human output: counters, then every message in words. One line each.
std::string to_text(const SweepResult& result, bool verbose);

} // namespace scaiflow::mirror
