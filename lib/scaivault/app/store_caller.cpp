// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/store_caller.hpp"

#include "lib/base/strings.hpp"

namespace scaivault {

namespace {

// Identifiers have no comma; a list of them needs no JSON.
constexpr auto select_caller = R"(
    SELECT u.status, coalesce(u.email, ''), coalesce(u.display_name, ''), u.deleted_at IS NOT NULL,
           coalesce((SELECT string_agg(m.group_id, ',' ORDER BY m.group_id)
                       FROM scaivault.memberships m
                       JOIN scaivault.groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id AND g.deleted_at IS NULL
                      WHERE m.tenant_id = :p1 AND m.user_id = :p2 AND m.deleted_at IS NULL), ''),
           coalesce((SELECT string_agg(r.role, ',' ORDER BY r.role)
                       FROM scaivault.admin_roles r
                      WHERE r.tenant_id = :p1 AND r.user_id = :p2), ''),
           h.partner_id, coalesce(h.status, ''), h.deleted_at IS NOT NULL,
           s.partner_id, coalesce(s.status, ''), s.deleted_at IS NOT NULL,
           coalesce(t.generation, 0), coalesce(p.generation, 0)
      FROM (SELECT 1) AS one
      LEFT JOIN scaivault.users u ON u.tenant_id = :p1 AND u.id = :p2
      LEFT JOIN scaivault.tenants h ON h.id = :p1
      LEFT JOIN scaivault.tenants s ON s.id = :p3
      LEFT JOIN scaivault.policy_generations t ON t.tenant_id = :p3
      LEFT JOIN scaivault.policy_generations p ON p.tenant_id = 'partner/' || coalesce(s.partner_id, :p4)
)";

std::optional<DirectoryTenant> tenant(std::optional<std::string>&& partner, std::string&& status,
                                      bool deleted) {
    if (!partner)
        return std::nullopt;
    return DirectoryTenant{
        .partner_id = std::move(*partner), .status = std::move(status), .deleted = deleted};
}

} // namespace

Lookup look_up(scai::db::Pool& pool, std::string_view home_tenant, std::string_view user,
               std::string_view selected_tenant, std::string_view fallback_partner) {
    using Text = std::string;
    using Maybe = std::optional<std::string>;
    auto [status, email, name, deleted, groups, roles, home_partner, home_status, home_deleted,
          selected_partner, selected_status, selected_deleted, tenant_policies, partner_policies] =
        pool.read(scai::db::Scope::tenant(home_tenant))
            .one<Maybe, Text, Text, bool, Text, Text, Maybe, Text, bool, Maybe, Text, bool, std::int64_t,
                 std::int64_t>(select_caller, home_tenant, user, selected_tenant, fallback_partner);
    Lookup out;
    if (status)
        out.user = DirectoryUser{.status = std::move(*status),
                                 .email = std::move(email),
                                 .display_name = std::move(name),
                                 .deleted = deleted,
                                 .groups = scai::split_list(groups),
                                 .roles = scai::split_list(roles)};
    out.home = tenant(std::move(home_partner), std::move(home_status), home_deleted);
    out.selected = tenant(std::move(selected_partner), std::move(selected_status), selected_deleted);
    out.tenant_policies = tenant_policies;
    out.partner_policies = partner_policies;
    return out;
}

} // namespace scaivault
