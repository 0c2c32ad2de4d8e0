// Use cases of the administration: whose user an id means, and who may change which role (contract
// scaiflow-api.md 1.4, 2.8, 10-26). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/scaiflow/roles/roles.hpp"

#include <optional>
#include <string>

namespace scaiflow::admin {

struct Caller {
    std::string subject, tenant_id;
    bool super_admin = false; ///< else tenant_admin
    std::string request_id;   ///< cause of the audit row
};

/// All tenants for a super_admin, the own one for anybody else.
scai::db::Scope scope_of(const Caller& caller);

struct UserRef {
    std::string user_id;
    std::optional<std::string> tenant_id; ///< ?tenant_id=
};

/// Unseen is unknown: a user of another tenant is not_found for a tenant_admin. An id that several tenants
/// have is a conflict "ambiguous_user" naming them, unless only one of them is live or the tenant is given.
/// Deleted users are found only where `deleted_too`.
scai::Result<roles::Target> find_user(scai::db::Executor& reader, const Caller& caller, const UserRef& ref,
                                      bool deleted_too);

/// A super_admin grants anything to anybody; a tenant_admin tenant_admin in the own tenant.
scai::Status grant_role(scai::db::Pool& pool, const Caller& caller, const UserRef& ref,
                        const std::string& role);

/// Takes manual and bootstrap grants away (`role` nullopt: all of them; of a tenant_admin's call always
/// tenant_admin). A deleted user's role can be revoked too: it would come back with the user. Returns what
/// stays effective through groups.
scai::Result<roles::Effective> revoke_role(scai::db::Pool& pool, const Caller& caller, const UserRef& ref,
                                           const std::optional<std::string>& role);

} // namespace scaiflow::admin
