// SQL of the webhook receiver. Everything runs inside the one transaction of an event, with all-tenants
// scope: an event may name no tenant, and reconciliation looks at all of them. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaiflow/webhooks/shared.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaiflow::webhooks::store {

/// Puts the event on record and forgets up to 20 events older than seven days. nullopt: new; else what the
/// first delivery was answered. Waits for a twin in flight.
std::optional<bool> record(scai::db::Tx& tx, const Event& event, bool handled, Outcome outcome);
void settle(scai::db::Tx& tx, const Event& event, bool handled, Outcome outcome);

/// Tenants in which the mirror has this user or group (both live and gone), at most two.
std::vector<std::string> tenants_with(scai::db::Tx& tx, Kind kind, const std::string& id);

/// lock_mirror, then the object: what is read afterwards stays true until COMMIT.
void lock(scai::db::Tx& tx, const std::string& tenant, bool alone, const std::string& object);

struct Tenant {
    Row row;
    std::optional<scai::UtcTime> swept_at; ///< start of its last complete sweep
};
std::optional<Tenant> tenant(scai::db::Tx& tx, const std::string& id);
std::optional<Row> user(scai::db::Tx& tx, const std::string& tenant, const std::string& id);
std::optional<Row> group(scai::db::Tx& tx, const std::string& tenant, const std::string& id);
/// The direct part: an inherited membership reads as deleted.
std::optional<Row> membership(scai::db::Tx& tx, const std::string& tenant, const std::string& group_id,
                              const std::string& user_id);

void put_tenant(scai::db::Tx& tx, const std::string& id, const Row& row);
void put_user(scai::db::Tx& tx, const std::string& tenant, const std::string& id, const Row& row);
void put_group(scai::db::Tx& tx, const std::string& tenant, const std::string& id, const Row& row);
/// Writes the direct part, then brings the user's inherited memberships in this group and all groups above it
/// in line.
void put_membership(scai::db::Tx& tx, const std::string& tenant, const std::string& group_id,
                    const std::string& user_id, const Row& row);
/// A group went: its memberships not newer than `at`, its edges, and what others inherited through it.
void drop_group_contents(scai::db::Tx& tx, const std::string& tenant, const std::string& group_id,
                         scai::UtcTime at);

} // namespace scaiflow::webhooks::store
