// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/permissions.hpp"

#include <algorithm>

namespace scaiflow {

namespace {

using scai::Error;
using scai::ErrorKind;
using scai::web::Access;

void add_by_role(Permissions& out, std::string_view role) {
    if (role == "super_admin" || role == "partner_admin" || role == "tenant_admin") {
        out.emplace(permission_view);
        out.emplace(permission_manage);
    } else if (role == "tenant_viewer") {
        out.emplace(permission_view);
    }
}

Error forbidden(std::string message, std::string_view required) {
    return Error{.kind = ErrorKind::forbidden,
                 .code = "forbidden",
                 .message = std::move(message),
                 .extra = {{"required", std::string(required)}}};
}

} // namespace

Permissions permissions_of(const TokenRights& token, std::string_view admin_role,
                           const std::vector<std::string>& defaults) {
    Permissions out(token.permissions.begin(), token.permissions.end());
    for (const auto& scope : token.scopes)
        if (scope.find("scaicore:") != std::string::npos)
            out.insert(scope);
    add_by_role(out, token.role);
    for (const auto& role : token.roles)
        add_by_role(out, role);
    if (out.empty() && !token.service)
        out.insert(defaults.begin(), defaults.end());
    if (admin_role == "super_admin" || admin_role == "tenant_admin")
        add_by_role(out, admin_role);
    if (out.contains(permission_manage))
        out.emplace(permission_view);
    return out;
}

scai::Status check_access(const scai::web::Principal& principal, const Access& access) {
    switch (access.kind()) {
    case Access::Kind::open:
    case Access::Kind::signature:
    case Access::Kind::authenticated:
        return scai::Done{};
    case Access::Kind::permission:
        if (principal.permissions.contains(access.name()))
            return scai::Done{};
        return forbidden("this needs the permission " + std::string(access.name()), access.name());
    case Access::Kind::role:
        if (principal.admin_role == "super_admin" ||
            (!principal.admin_role.empty() && principal.admin_role == access.name()))
            return scai::Done{};
        return forbidden("this needs the role " + std::string(access.name()), access.name());
    }
    return forbidden("this is not allowed", access.name()); // fail closed
}

} // namespace scaiflow
