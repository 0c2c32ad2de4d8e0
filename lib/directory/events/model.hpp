// A ScaiKey event as the receiver understands it, and the small view of a mirrored object that its rules
// need. Contracts: scaiflow-api.md 5, scaikey.md 14. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <optional>
#include <string>

namespace scai::directory::events {

enum class Kind {
    user,               ///< created, updated, suspended, activated, deleted
    group,              ///< created, updated, deleted
    member,             ///< added, removed
    tenant,             ///< created, updated, deleted
    application_groups, ///< group_assigned, group_unassigned: effective users may have changed
    unknown,            ///< acknowledged, not handled
};

/// What an event says about its object; absent members stay as they are.
struct Patch {
    std::optional<std::string> name = {};  ///< users: display name
    std::optional<std::string> email = {}; ///< users
    std::optional<std::string> slug = {};  ///< tenants
    std::optional<std::string> status = {};
    std::optional<bool> deleted = {}; ///< true: gone, or no direct member; false: there again
};

struct Event {
    std::string id; ///< dedupe key, never empty
    std::string type;
    Kind kind = Kind::unknown;
    std::string tenant_id;  ///< "" when the event names none
    std::string object_id;  ///< user, group or tenant; for member the group
    std::string user_id;    ///< member only
    bool nested = false;    ///< the member is a group
    bool identified = true; ///< false: of a known type, but its ids could not be found
    std::optional<scai::UtcTime> at;
    Patch patch;
};

/// A row of users, groups or tenants, or the direct part of a membership.
struct Row {
    std::string name = {}, email = {}, slug = {};
    std::string status = "ACTIVE";
    bool deleted = false;
    std::optional<scai::UtcTime> upstream_at = {};
    bool operator==(const Row&) const = default;
};

enum class Outcome { applied, unchanged, ignored_old, ignored_tenant, unknown_type, needs_sync };
std::string_view name(Outcome outcome); ///< as webhook_events.outcome keeps it

/// What to do with one event: write `row` or not, and what to put on record.
struct Decision {
    Outcome outcome = Outcome::unchanged;
    bool write = false;
    bool appeared = false; ///< new, or there again
    bool renamed = false;  ///< name or e-mail differ
    Row row;
};

} // namespace scai::directory::events
