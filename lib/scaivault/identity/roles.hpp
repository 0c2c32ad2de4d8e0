// Admin roles: who may give which. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/audit/journal.hpp"
#include "lib/scaivault/identity/resolve.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::identity {

inline constexpr std::array<std::string_view, 3> admin_roles{"tenant_admin", "partner_admin", "super_admin"};

/// Replaces the roles of a user of the caller's tenant. Only a partner_admin or super_admin changes roles,
/// only a super_admin gives or takes super_admin, nobody raises himself, and the last super_admin stays (409
/// last_super_admin). `entry` goes into the same transaction.
scai::Result<std::vector<std::string>> set_roles(scai::db::Pool& pool, const Caller& caller,
                                                 const Identity& user, std::vector<std::string> roles,
                                                 const audit::Entry& entry);

} // namespace scaivault::identity
