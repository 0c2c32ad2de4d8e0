// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/store_callers.hpp"

#include "lib/json/value.hpp"

namespace scaigrid {

namespace {

constexpr auto user_by_id = R"(
    SELECT id, email, name, status, token_role, array_to_json(roles)::text,
           array_to_json(module_permissions)::text
      FROM scaigrid.users
     WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto key_by_hash = R"(
    SELECT k.tenant_id, k.id, k.revoked_at IS NOT NULL, floor(extract(epoch FROM k.expires_at))::bigint,
           u.id, u.email, u.name, u.status, u.token_role, array_to_json(u.roles)::text,
           array_to_json(u.module_permissions)::text
      FROM scaigrid.api_keys k
      JOIN scaigrid.users u ON u.tenant_id = k.tenant_id AND u.id = k.user_id
     WHERE k.key_hash = :p1
)";

constexpr auto change_token_role = R"(
    UPDATE scaigrid.users SET token_role = :p3, updated_at = clock_timestamp()
     WHERE tenant_id = :p1 AND id = :p2 AND token_role <> :p3
)";

std::vector<std::string> texts(const std::string& json) {
    std::vector<std::string> out;
    if (const auto list = scai::json::parse(json))
        list->each_item([&](const scai::json::Value& item) { out.push_back(item.text_or("")); });
    return out;
}

} // namespace

std::optional<KnownUser> find_user(scai::db::Reader& reader, std::string_view tenant_id,
                                   std::string_view id) {
    const auto row = reader.maybe<std::string, std::string, std::string, std::string, std::string,
                                  std::string, std::string>(user_by_id, tenant_id, id);
    if (!row)
        return std::nullopt;
    const auto& [user, email, name, status, token_role, roles, permissions] = *row;
    return KnownUser{.id = user,
                     .email = email,
                     .name = name,
                     .status = status,
                     .token_role = token_role,
                     .roles = texts(roles),
                     .module_permissions = texts(permissions)};
}

std::optional<KnownKey> find_key(scai::db::Reader& reader, std::string_view key_hash) {
    const auto row =
        reader.maybe<std::string, std::string, bool, std::optional<std::int64_t>, std::string, std::string,
                     std::string, std::string, std::string, std::string, std::string>(key_by_hash, key_hash);
    if (!row)
        return std::nullopt;
    const auto& [tenant, id, revoked, expires, user, email, name, status, token_role, roles, permissions] =
        *row;
    return KnownKey{.tenant_id = tenant,
                    .id = id,
                    .revoked = revoked,
                    .expires_at = expires,
                    .user = {.id = user,
                             .email = email,
                             .name = name,
                             .status = status,
                             .token_role = token_role,
                             .roles = texts(roles),
                             .module_permissions = texts(permissions)}};
}

void note_token_role(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id,
                     std::string_view role) {
    tx.run(change_token_role, tenant_id, id, role);
}

} // namespace scaigrid
