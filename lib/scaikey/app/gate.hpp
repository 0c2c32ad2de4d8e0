// Who may do what in the admin API (contract scaikey.md 9, 10). make_gate() verifies the token and lives with
// the OIDC code (lib/scaikey/oauth); the decisions are pure and live here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/router.hpp"

#include <string>
#include <string_view>

namespace scaikey {

struct Context;

/// Bearer token -> Principal, then authorize(). 401 {"detail":"..."} for a missing, invalid or expired token
/// and for a user who is suspended or deleted by now. The Principal carries:
///   subject, tenant_id (user tokens), client_id, service (token_type client_credentials), email, name,
///   permissions = the words of `scope`,
///   admin_role  = the `role` claim, and only for user tokens: "", tenant_admin, partner_admin, super_admin
///                 (read from the directory, so that a demotion counts at once),
///   claims      = all claims; partner_id and app_scope are read from there.
scai::web::Gate make_gate(Context& context);

/// The rows of the directory API name one of these as Access::permission. A service token needs the scope,
/// and admin:write includes admin:read, which includes users:read and groups:read. A user token needs an
/// admin role.
inline constexpr std::string_view admin_read = "admin:read";
inline constexpr std::string_view admin_write = "admin:write";
inline constexpr std::string_view users_read = "users:read";
inline constexpr std::string_view groups_read = "groups:read";

/// The exact text of contract scaikey.md 10.1.
inline constexpr std::string_view missing_scope_text =
    "Platform token requires admin:read or admin:write scope";

/// 403 or fine. open and authenticated rows always pass (the gate has verified the token).
scai::Status authorize(const scai::web::Principal& principal, const scai::web::Access& access);

/// Which part of the directory a principal may see: everything, one partner's tenants, or one tenant.
struct Reach {
    enum class Kind { platform, partner, tenant, none };
    Kind kind = Kind::none;
    std::string id; ///< partner or tenant id
    bool platform() const { return kind == Kind::platform; }
};
Reach reach_of(const scai::web::Principal& principal);

} // namespace scaikey
