// SQL shared by the parts of lib/scaiflow/roles; private to this folder. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/roles/roles.hpp"

namespace scaiflow::roles::store {

/// Effective role of a user before and after a change; "" = none.
struct Shift {
    Target target;
    std::string old_role, old_source, new_role, new_source;
};

/// Brings users.admin_role in step with role_grants for these users; returns those whose role or source
/// moved.
std::vector<Shift> refresh(scai::db::Tx& tx, const std::vector<Target>& targets);

/// Active: neither deleted nor of any status but ACTIVE.
std::int64_t active_super_admins(scai::db::Reader& reader);

/// False when the user holds it from this source already.
bool add_grant(scai::db::Tx& tx, const Target& target, std::string_view role, std::string_view source,
               std::string_view granted_by);

struct AuditRow {
    std::string tenant_id, action, object_type, object_id;
    scai::json::Value before, after; ///< absent = NULL
};
void audit(scai::db::Tx& tx, const Cause& cause, const std::vector<AuditRow>& rows);

/// {"role","source"} or null.
scai::json::Value effective_json(const std::string& role, const std::string& source);
/// JSON the database made; std::logic_error when it is none.
scai::json::Value parsed(const std::string& text);

} // namespace scaiflow::roles::store
