// Users as far as ScaiGrid keeps something about them: roles and module permissions given here (contract
// scaigrid.md 2.7, 9). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/store_callers.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::users {

inline constexpr std::string_view cursor_name = "users";

struct Page {
    std::vector<KnownUser> users;
    std::string next;
};
/// By id; `status` "" = any.
Page list(scai::db::Pool& pool, std::string_view tenant_id, std::string_view status, const Paging& paging);
std::optional<KnownUser> find(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id);

/// These roles in place of what his tokens name; an empty list goes back to the tokens. A user nobody has
/// seen yet gets his row by this.
void set_roles(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id,
               const std::vector<std::string>& roles);
void set_module_permissions(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id,
                            const std::vector<std::string>& permissions);

scai::json::Value view(const KnownUser& user);

} // namespace scaigrid::users
