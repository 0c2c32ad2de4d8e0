// Who may do what (contract scaigrid.md 2.7, 3.1, 6.1, 7), as pure decisions. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/web/http.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid {

using Permissions = std::set<std::string, std::less<>>;

/// Every key there is.
std::span<const std::string_view> known_permissions();
bool is_known_role(std::string_view role);
std::span<const std::string_view> known_roles();

/// What a role brings; nothing for a role nobody knows.
Permissions permissions_of_role(std::string_view role);

/// <module>:admin brings all of its module; scaicore:manage brings scaicore:view, and so on down.
Permissions with_implied(Permissions permissions);

inline bool may(const scai::web::Principal& principal, std::string_view permission) {
    return principal.permissions.contains(permission);
}

/// Whether a principal has all of these: nobody gives what he has not.
bool covers(const scai::web::Principal& principal, const Permissions& permissions);

/// forbidden AUTHZ_PERMISSION_DENIED naming what is needed, or nothing.
scai::Status check_access(const scai::web::Principal& principal, const scai::web::Access& access);
/// The same for a permission that only some bodies of a request need.
scai::Status require(const scai::web::Principal& principal, std::string_view permission);

} // namespace scaigrid
