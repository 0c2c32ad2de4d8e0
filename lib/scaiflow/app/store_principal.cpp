// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/store_principal.hpp"

#include "lib/json/value.hpp"

namespace scaiflow {

namespace {

// One round trip for the tenant of row-level security and the user under it. NB: the order is the point, so
// both subqueries are fenced (OFFSET 0) and the second one refers to the first. The function
// scaiflow.principal says the same for other callers (a test holds the two together); here it would cost half
// as much again. A tenant that is suspended or deleted takes its users with it.
constexpr auto select_principal = R"(
    SELECT who.*
      FROM (SELECT set_config('scai.tenant', :p1, true) AS tenant OFFSET 0) AS scope
     CROSS JOIN LATERAL (
           SELECT u.email, u.display_name,
                  CASE WHEN upper(t.status) <> 'ACTIVE' THEN 'TENANT_' || t.status ELSE u.status END,
                  u.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL, coalesce(u.admin_role, ''),
                  coalesce(u.admin_role_source, ''),
                  coalesce((SELECT array_to_json(array_agg(m.group_id ORDER BY m.group_id))::text
                              FROM scaiflow.memberships m
                             WHERE m.tenant_id = u.tenant_id AND m.user_id = u.id AND m.deleted_at IS NULL), '')
             FROM scaiflow.users u LEFT JOIN scaiflow.tenants t ON t.id = u.tenant_id
            WHERE u.tenant_id = scope.tenant AND u.id = :p2
           OFFSET 0) AS who
)";

} // namespace

std::optional<MirroredUser> find_principal(scai::db::Pool& pool, std::string_view tenant,
                                           std::string_view user) {
    auto row = pool.read(scai::db::Scope::none())
                   .maybe<std::string, std::string, std::string, bool, std::string, std::string, std::string>(
                       select_principal, tenant, user);
    if (!row)
        return std::nullopt;
    auto& [email, display_name, status, deleted, role, source, groups] = *row;
    MirroredUser out{.email = std::move(email),
                     .display_name = std::move(display_name),
                     .status = std::move(status),
                     .deleted = deleted,
                     .admin_role = std::move(role),
                     .admin_role_source = std::move(source),
                     .groups = {}};
    if (!groups.empty())
        if (const auto list = scai::json::parse(groups))
            list->each_item([&](const scai::json::Value& id) { out.groups.push_back(id.text_or("")); });
    return out;
}

} // namespace scaiflow
