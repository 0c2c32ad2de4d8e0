// What the copy of the directory says about a caller and the tenant it chose: one statement a request.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault {

struct DirectoryUser {
    std::string status, email, display_name;
    bool deleted = false;
    std::vector<std::string> groups; ///< ids, sorted
    std::vector<std::string> roles;  ///< sorted
};
struct DirectoryTenant {
    std::string partner_id, status;
    bool deleted = false;
};

struct Lookup {
    std::optional<DirectoryUser> user; ///< nothing: the copy does not know him (yet)
    std::optional<DirectoryTenant> home, selected;
    /// Of the selected tenant and of its partner; 0 = no policies yet.
    std::int64_t tenant_policies = 0, partner_policies = 0;
};

/// `user` is an id of `home_tenant`; "" for a service. `fallback_partner` is taken for the partner of a
/// tenant the copy does not know.
Lookup look_up(scai::db::Pool& pool, std::string_view home_tenant, std::string_view user,
               std::string_view selected_tenant, std::string_view fallback_partner);

} // namespace scaivault
