// Outbox: every change writes its event in its own transaction; a trigger makes the deliveries,
// scaikey-job-deliver sends them. Names and payloads: contract scaikey.md 14.4, 14.5.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaikey/directory/caller.hpp"

#include <string_view>

namespace scaikey {

// Each reads the row as it is now, inside `tx`; also for a row that was just marked deleted.
void emit_partner(scai::db::Tx& tx, const Caller& by, std::string_view event_type,
                  std::string_view partner_id);
void emit_tenant(scai::db::Tx& tx, const Caller& by, std::string_view event_type, std::string_view tenant_id);
void emit_user(scai::db::Tx& tx, const Caller& by, std::string_view event_type, std::string_view user_id);
void emit_group(scai::db::Tx& tx, const Caller& by, std::string_view event_type, std::string_view group_id);
void emit_application(scai::db::Tx& tx, const Caller& by, std::string_view event_type, std::string_view id);

/// group.member_added / group.member_removed; the member is a user or a nested group.
void emit_member(scai::db::Tx& tx, const Caller& by, std::string_view event_type, std::string_view tenant_id,
                 std::string_view group_id, std::string_view member_id, std::string_view member_type);
/// application.user_assigned / .user_unassigned / .group_assigned / .group_unassigned, named from the parts.
void emit_assignment(scai::db::Tx& tx, const Caller& by, bool assigned, std::string_view tenant_id,
                     std::string_view application_id, std::string_view principal_id,
                     std::string_view principal_type);

/// Deletes every membership and assignment of a user or group that goes, with one event each.
void drop_relations(scai::db::Tx& tx, const Caller& by, std::string_view tenant_id, std::string_view id);

} // namespace scaikey
