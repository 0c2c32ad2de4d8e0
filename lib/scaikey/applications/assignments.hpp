// Who may use an application: assigned users and groups, and the effective users that follow from it
// (contract scaikey.md 12). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaikey/app/paging.hpp"
#include "lib/scaikey/directory/caller.hpp"

namespace scaikey::applications {

enum class PrincipalType { user, group };

/// JSON array of the applications assigned to one user or group.
scai::Result<std::string> assigned_to(scai::db::Pool& pool, const Caller& by, const std::string& tenant_id,
                                      PrincipalType type, const std::string& principal_id);
struct Assigned {
    bool created; ///< false: was assigned already, nothing changed
    std::string row;
};
/// Body {"application_id"}; "me" is the caller's own application.
scai::Result<Assigned> assign(scai::db::Pool& pool, const Caller& by, const std::string& tenant_id,
                              PrincipalType type, const std::string& principal_id,
                              const scai::json::Value& body);
scai::Status unassign(scai::db::Pool& pool, const Caller& by, const std::string& tenant_id,
                      PrincipalType type, const std::string& principal_id, const std::string& application_id);

/// {"users": [...], "groups": [...]} assigned directly.
scai::Result<std::string> assignees(scai::db::Pool& pool, const Caller& by, const std::string& tenant_id,
                                    const std::string& application_id);

/// Direct, or through assigned groups and the groups nested in them, or everybody with assign_all_users.
/// Served from a snapshot: page 1 makes a new one when the tenant changed since, later pages read the one
/// that page 1 saw (for at most five minutes), so a walk is consistent and a page costs the same wherever it
/// is.
scai::Result<ListPage> effective_users(scai::db::Pool& pool, const Caller& by, const std::string& tenant_id,
                                       const std::string& application_id, const Paging& paging);

/// The live application `id` ("me": the caller's), when it can be used in this tenant; else 404.
struct ApplicationRef {
    std::string id;
    bool all_users = false;
};
scai::Result<ApplicationRef> find_for_tenant(scai::db::Reader& reader, const Caller& by,
                                             const TenantRef& tenant, const std::string& id);

} // namespace scaikey::applications
