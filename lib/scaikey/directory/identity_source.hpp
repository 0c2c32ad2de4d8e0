// Users whose identity_source is not where their sign-in comes from (contract scaikey.md 11.3).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaikey/app/paging.hpp"
#include "lib/scaikey/directory/caller.hpp"

#include <optional>
#include <string>

namespace scaikey::directory {

enum class Mismatches { show, repair };

/// Users recorded as LDAP or OIDC who have a password here, so sign in with that: what they are is LOCAL.
/// `repair` sets the rows of the page to it, each with its event; users above the caller are left alone.
scai::Result<ListPage> identity_mismatches(scai::db::Pool& pool, const Caller& by,
                                           const std::optional<std::string>& tenant_id, const Paging& paging,
                                           Mismatches what);

} // namespace scaikey::directory
