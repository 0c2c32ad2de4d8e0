// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/app/gate.hpp"

namespace scaikey {

using scai::Done;
using scai::Status;
using scai::web::Access;
using scai::web::Principal;

namespace {

bool scopes_allow(const Principal& principal, std::string_view wanted) {
    const auto has = [&](std::string_view scope) { return principal.permissions.contains(scope); };
    if (wanted == admin_write)
        return has(admin_write);
    return has(admin_write) || has(admin_read) || (wanted != admin_read && has(wanted));
}

bool is_admin_role(std::string_view role) {
    return role == "super_admin" || role == "partner_admin" || role == "tenant_admin";
}

} // namespace

Status authorize(const Principal& principal, const Access& access) {
    if (access.kind() == Access::Kind::open || access.kind() == Access::Kind::signature ||
        access.kind() == Access::Kind::authenticated)
        return Done{};
    if (access.kind() == Access::Kind::role)
        return principal.admin_role == access.name() || principal.admin_role == "super_admin"
                   ? Status(Done{})
                   : forbidden("This needs the role " + std::string(access.name()));
    if (!principal.service)
        return is_admin_role(principal.admin_role) ? Status(Done{}) : forbidden("An admin role is required");
    if (scopes_allow(principal, access.name()))
        return Done{};
    // A token that may read but not write gets told which scope is missing; the documented text is for tokens
    // with neither.
    if (access.name() == admin_write && principal.permissions.contains(admin_read))
        return forbidden("Platform token requires admin:write scope");
    return forbidden(std::string(missing_scope_text));
}

Reach reach_of(const Principal& principal) {
    const std::string partner = principal.claims.member("partner_id");
    if (principal.service) {
        const std::string scope = principal.claims.member("app_scope");
        if (scope == "GLOBAL")
            return {Reach::Kind::platform, ""};
        if (scope == "PARTNER" && !partner.empty())
            return {Reach::Kind::partner, partner};
        if (scope == "TENANT" && !principal.tenant_id.empty())
            return {Reach::Kind::tenant, principal.tenant_id};
        return {};
    }
    if (principal.admin_role == "super_admin")
        return {Reach::Kind::platform, ""};
    if (principal.admin_role == "partner_admin" && !partner.empty())
        return {Reach::Kind::partner, partner};
    if (principal.admin_role == "tenant_admin" && !principal.tenant_id.empty())
        return {Reach::Kind::tenant, principal.tenant_id};
    return {};
}

} // namespace scaikey
