// SQL behind receive(). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/directory/events/rules.hpp"

#include <optional>
#include <string>

namespace scaivault::identity::store {

using scai::directory::events::Event;
using scai::directory::events::Row;

/// nullopt: new; else what the first delivery was answered. Forgets some events older than seven days.
std::optional<bool> record(scai::db::Tx& tx, const Event& event, bool handled);
void settle(scai::db::Tx& tx, const Event& event, std::string_view outcome);

struct TenantState {
    Row row;
    std::optional<scai::UtcTime> swept_at;
    bool nested = false; ///< groups in groups: members of one are members of others
};
std::optional<TenantState> tenant(scai::db::Tx& tx, const std::string& id);
std::optional<Row> user(scai::db::Tx& tx, const std::string& tenant, const std::string& id);
std::optional<Row> group(scai::db::Tx& tx, const std::string& tenant, const std::string& id);
/// The direct part: an inherited membership reads as deleted.
std::optional<Row> membership(scai::db::Tx& tx, const std::string& tenant, const std::string& group,
                              const std::string& user);
void put_tenant(scai::db::Tx& tx, const std::string& id, const Row& row);
void put_user(scai::db::Tx& tx, const std::string& tenant, const std::string& id, const Row& row);
void put_group(scai::db::Tx& tx, const std::string& tenant, const std::string& id, const Row& row);
void put_membership(scai::db::Tx& tx, const std::string& tenant, const std::string& group,
                    const std::string& user, const Row& row);
/// A group went: its memberships not newer than that.
void drop_members(scai::db::Tx& tx, const std::string& tenant, const std::string& group, scai::UtcTime at);

} // namespace scaivault::identity::store
