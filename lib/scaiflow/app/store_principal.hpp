// What the mirror says about a caller. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaiflow {

struct MirroredUser {
    std::string email, display_name, status;
    bool deleted = false;
    std::string admin_role, admin_role_source; ///< "" = none
    std::vector<std::string> groups;
};

/// One round trip; the database function sets the tenant of row-level security itself.
std::optional<MirroredUser> find_principal(scai::db::Pool& pool, std::string_view tenant,
                                           std::string_view user);

} // namespace scaiflow
