// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/permissions.hpp"

#include <algorithm>
#include <array>

namespace scaigrid {

using scai::Error;
using scai::ErrorKind;
using scai::web::Access;
using scai::web::Principal;

namespace {

constexpr std::array<std::string_view, 31> all_permissions{
    "models:list",
    "models:use",
    "models:manage",
    "users:manage",
    "api_keys:manage",
    "webhooks:manage",
    "modules:use",
    "modules:manage",
    "scaicore:view",
    "scaicore:manage",
    "scaicore:debug",
    "scaicore:checkpoint_resolve",
    "scaicore:delegate",
    "scaicore:admin",
    "scaiqueue:view",
    "scaiqueue:publish",
    "scaiqueue:consume",
    "scaiqueue:manage",
    "scaibunker:create",
    "scaibunker:create:session",
    "scaibunker:create:persistent",
    "scaibunker:execute",
    "scaibunker:execute:root",
    "scaibunker:files",
    "scaibunker:shell",
    "scaibunker:network:registry",
    "scaibunker:network:allowlisted",
    "scaibunker:network:unrestricted",
    "scaibunker:network:transit",
    "scaibunker:admin",
    "scaiqueue:admin",
};

constexpr std::array<std::string_view, 6> roles{"super_admin",  "partner_admin", "partner_viewer",
                                                "tenant_admin", "tenant_user",   "tenant_viewer"};

Error denied(std::string_view what) {
    return Error{.kind = ErrorKind::forbidden,
                 .code = "AUTHZ_PERMISSION_DENIED",
                 .message = "permission_denied: need " + std::string(what)};
}

} // namespace

std::span<const std::string_view> known_permissions() {
    return all_permissions;
}

std::span<const std::string_view> known_roles() {
    return roles;
}

bool is_known_role(std::string_view role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Permissions permissions_of_role(std::string_view role) {
    if (role == "super_admin" || role == "partner_admin" || role == "tenant_admin")
        return {all_permissions.begin(), all_permissions.end()};
    if (role == "tenant_user")
        return {"models:list", "models:use", "modules:use"};
    if (role == "tenant_viewer" || role == "partner_viewer")
        return {"models:list", "modules:use", "scaicore:view", "scaiqueue:view"};
    return {};
}

Permissions with_implied(Permissions permissions) {
    for (const std::string_view module : {"scaicore:", "scaiqueue:", "scaibunker:"}) {
        const bool all = permissions.contains(std::string(module) + "admin");
        const bool any = all || permissions.contains(std::string(module) + "manage");
        for (const auto permission : all_permissions)
            if (permission.starts_with(module) && (all || (any && permission.ends_with(":view"))))
                permissions.emplace(permission);
    }
    return permissions;
}

bool covers(const Principal& principal, const Permissions& permissions) {
    return std::includes(principal.permissions.begin(), principal.permissions.end(), permissions.begin(),
                         permissions.end());
}

scai::Status require(const Principal& principal, std::string_view permission) {
    if (may(principal, permission))
        return scai::Done{};
    return denied(permission);
}

scai::Status check_access(const Principal& principal, const Access& access) {
    switch (access.kind()) {
    case Access::Kind::open:
    case Access::Kind::signature:
    case Access::Kind::authenticated:
        return scai::Done{};
    case Access::Kind::permission:
        return require(principal, access.name());
    case Access::Kind::role:
        if (principal.admin_role == access.name() || principal.admin_role == "super_admin")
            return scai::Done{};
        return denied("the role " + std::string(access.name()));
    }
    return denied("another access"); // fail closed
}

} // namespace scaigrid
