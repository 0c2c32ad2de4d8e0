// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/users/users.hpp"

namespace scaigrid::users {

using scai::db::Scope;
using scai::json::Value;

namespace {

constexpr auto users_of_tenant = R"(
    SELECT id, email, name, status, token_role, array_to_json(roles)::text,
           array_to_json(module_permissions)::text
      FROM scaigrid.users
     WHERE tenant_id = :p1 AND id > :p2 AND (:p3 = '' OR status = :p3)
     ORDER BY id
     LIMIT :p4::bigint
)";

constexpr auto put_roles = R"(
    INSERT INTO scaigrid.users (tenant_id, id, roles) VALUES (:p1, :p2, :p3::text[])
    ON CONFLICT (tenant_id, id) DO UPDATE SET roles = excluded.roles, updated_at = clock_timestamp()
)";

constexpr auto put_permissions = R"(
    INSERT INTO scaigrid.users (tenant_id, id, module_permissions) VALUES (:p1, :p2, :p3::text[])
    ON CONFLICT (tenant_id, id)
    DO UPDATE SET module_permissions = excluded.module_permissions, updated_at = clock_timestamp()
)";

std::vector<std::string> texts(const std::string& json) {
    std::vector<std::string> out;
    if (const auto list = scai::json::parse(json))
        list->each_item([&](const Value& item) { out.push_back(item.text_or("")); });
    return out;
}

} // namespace

Page list(scai::db::Pool& pool, std::string_view tenant_id, std::string_view status, const Paging& paging) {
    Page out;
    const std::string after = paging.key.empty() ? "" : paging.key.front();
    for (const auto& [id, email, name, state, token_role, roles, permissions] :
         pool.read(Scope::tenant(tenant_id))
             .all<std::string, std::string, std::string, std::string, std::string, std::string, std::string>(
                 users_of_tenant, tenant_id, after, status, paging.limit + 1))
        out.users.push_back({.id = id,
                             .email = email,
                             .name = name,
                             .status = state,
                             .token_role = token_role,
                             .roles = texts(roles),
                             .module_permissions = texts(permissions)});
    out.next = cut_page(out.users, paging, cursor_name,
                        [](const KnownUser& last) { return std::vector<std::string>{last.id}; });
    return out;
}

std::optional<KnownUser> find(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id) {
    auto reader = pool.read(Scope::tenant(tenant_id));
    return find_user(reader, tenant_id, id);
}

void set_roles(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id,
               const std::vector<std::string>& roles) {
    scai::db::in_tx(pool, Scope::tenant(tenant_id),
                    [&](scai::db::Tx& tx) { tx.run(put_roles, tenant_id, id, roles); });
}

void set_module_permissions(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id,
                            const std::vector<std::string>& permissions) {
    scai::db::in_tx(pool, Scope::tenant(tenant_id),
                    [&](scai::db::Tx& tx) { tx.run(put_permissions, tenant_id, id, permissions); });
}

Value view(const KnownUser& user) {
    return Value::object({{"id", user.id},
                          {"email", user.email},
                          {"display_name", user.name},
                          {"status", user.status},
                          {"token_role", user.token_role},
                          {"roles", Value::array_of(user.roles)},
                          {"module_permissions", Value::array_of(user.module_permissions)}});
}

} // namespace scaigrid::users
