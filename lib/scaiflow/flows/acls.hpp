// Explicit access rows of a flow: who was given which level (contract scaiflow-api.md 1.5, 2.5). Owner,
// tenant_admin and super_admin hold admin without a row. Every use needs the level admin.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/access.hpp"

namespace scaiflow::flows {

/// A row a flow: a list without pages stays one that can be read. More people than this are a group.
inline constexpr std::int64_t max_acls = 1'000;

struct Acl {
    std::string id, flow_id, principal_type, principal_id;
    std::optional<std::string> principal_name; ///< of the mirror
    Level level = Level::none;
    std::string granted_by;
    scai::UtcTime granted_at{};
};

struct NewAcl {
    std::string principal_type, principal_id; ///< "user" or "group"
    Level level = Level::none;
};

/// Oldest first.
scai::Result<std::vector<Acl>> list_acls(scai::db::Pool& pool, const Caller& caller,
                                         std::string_view flow_id);
/// not_found "principal_not_found" unless the mirror has the principal, live, in the flow's tenant; conflict
/// "owner_has_admin", "acl_exists" (with acl_id and level), "too_many_acls".
scai::Result<Acl> grant_access(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                               const NewAcl& wanted);
/// The row then says who changed it and when. The level it has already changes nothing.
scai::Result<Acl> change_access(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                                std::string_view acl_id, Level level);
scai::Status revoke_access(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                           std::string_view acl_id);

} // namespace scaiflow::flows
