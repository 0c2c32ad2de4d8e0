// What the administration pages show: users, sync runs and their changes, in pages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scaiflow::admin {

/// contract scaiflow-api.md 2.8, AdminUser.
struct User {
    std::string tenant_id, id, email, display_name, status;
    std::optional<std::string> admin_role, admin_role_source;
    std::optional<scai::UtcTime> deleted_at;
    scai::UtcTime last_synced_at{}; ///< the row's last change or its tenant's last complete sweep
};

enum class Deleted { include, exclude, only };

struct UserFilter {
    std::optional<std::string> tenant_id;
    std::optional<std::string> search; ///< part of e-mail or name, any case
    std::optional<std::string> status; ///< any case
    std::optional<std::string> role;   ///< super_admin, tenant_admin, none
    Deleted deleted = Deleted::include;
};

/// Where a page starts: after this row. Empty: at the beginning.
struct UserKey {
    std::string tenant_id, id;
};

struct UserPage {
    std::vector<User> users;
    std::optional<UserKey> next; ///< nullopt: that was all
};

struct Run {
    std::int64_t number = 0;
    std::string id, trigger, actor;
    bool dry_run = false;
    scai::UtcTime started_at{};
    std::optional<scai::UtcTime> finished_at;
    std::optional<std::string> outcome;
    std::string result;   ///< JSON, "null" while it runs; without `tenants` in lists
    std::string messages; ///< JSON
};

struct RunPage {
    std::vector<Run> runs;
    std::optional<std::int64_t> next; ///< number of the last one shown
};

struct Change {
    std::int64_t seq = 0;
    std::string tenant_id, object_type, object_id, change;
    std::string before, after; ///< JSON, "null" when there is none
};

struct ChangeFilter {
    std::optional<std::string> tenant_id, object_type, change;
};

struct ChangePage {
    std::vector<Change> changes;
    std::optional<std::int64_t> next;
};

} // namespace scaiflow::admin
