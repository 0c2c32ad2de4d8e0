// Who can sign in, as SQL, so that everybody who counts super_admins counts the same ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scaiflow::roles {

/// A condition on a row `u` of scaiflow.users: neither the user nor the tenant is deleted or disabled.
inline constexpr char active_user[] = R"( u.deleted_at IS NULL AND upper(u.status) = 'ACTIVE'
   AND NOT EXISTS (SELECT FROM scaiflow.tenants n
                    WHERE n.id = u.tenant_id AND (n.deleted_at IS NOT NULL OR upper(n.status) <> 'ACTIVE')))";

/// How many super_admins; active_user goes behind it.
inline constexpr char count_super_admins[] =
    "SELECT count(*) FROM scaiflow.users u WHERE u.admin_role = 'super_admin' AND";

} // namespace scaiflow::roles
