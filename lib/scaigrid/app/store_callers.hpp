// Who a credential stands for. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid {

/// What is kept of a user.
struct KnownUser {
    std::string id, email, name, status;
    std::string token_role;
    std::vector<std::string> roles, module_permissions;
};

struct KnownKey {
    std::string tenant_id, id;
    bool revoked = false;
    std::optional<std::int64_t> expires_at; ///< Unix seconds
    KnownUser user;
};

std::optional<KnownUser> find_user(scai::db::Reader& reader, std::string_view tenant_id, std::string_view id);
/// By the hex SHA-256 of the key, in whatever tenant: the reader's scope must be all tenants.
std::optional<KnownKey> find_key(scai::db::Reader& reader, std::string_view key_hash);
/// Keeps the role a token named, where it differs, for a user that is known.
void note_token_role(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id,
                     std::string_view role);

} // namespace scaigrid
