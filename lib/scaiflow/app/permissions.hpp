// Who may do what, as pure decisions. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/web/http.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scaiflow {

inline constexpr std::string_view permission_view = "scaicore:view";
inline constexpr std::string_view permission_manage = "scaicore:manage";

using Permissions = std::set<std::string, std::less<>>;

/// What a token says about permissions.
struct TokenRights {
    const std::vector<std::string>& permissions;
    const std::vector<std::string>& scopes;
    std::string_view role; ///< claim `role`
    const std::vector<std::string>& roles;
    bool service = false;
};

/// Union of contract scaiflow-api.md 10-1: the claim, scopes of the scaicore family, the role claim, the
/// local admin role; `defaults` only for a user whose token names none. manage implies view.
Permissions permissions_of(const TokenRights& token, std::string_view admin_role,
                           const std::vector<std::string>& defaults);

/// forbidden with `required`, or nothing.
scai::Status check_access(const scai::web::Principal& principal, const scai::web::Access& access);

} // namespace scaiflow
