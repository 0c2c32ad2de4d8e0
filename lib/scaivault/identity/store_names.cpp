// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/store_names.hpp"

namespace scaivault::identity::store {

namespace {

constexpr auto users_of_a_tenant = R"(
SELECT id, tenant_id, email, display_name, status, mfa_enabled
  FROM scaivault.users
 WHERE tenant_id = :p1 AND deleted_at IS NULL AND (id = :p2 OR lower(email) = lower(:p2))
 ORDER BY (id = :p2) DESC, id LIMIT 3)";
constexpr auto users_of_a_partner = R"(
SELECT u.id, u.tenant_id, u.email, u.display_name, u.status, u.mfa_enabled
  FROM scaivault.tenants t
  JOIN scaivault.users u ON u.tenant_id = t.id
 WHERE t.partner_id = :p1 AND t.deleted_at IS NULL AND u.deleted_at IS NULL
   AND (u.id = :p2 OR lower(u.email) = lower(:p2))
 ORDER BY (u.id = :p2) DESC, u.id LIMIT 3)";
constexpr auto groups_of_a_tenant = R"(
SELECT id, tenant_id, name
  FROM scaivault.groups
 WHERE tenant_id = :p1 AND deleted_at IS NULL AND (id = :p2 OR name = :p2)
 ORDER BY (id = :p2) DESC, id LIMIT 3)";
constexpr auto groups_of_a_partner = R"(
SELECT g.id, g.tenant_id, g.name
  FROM scaivault.tenants t
  JOIN scaivault.groups g ON g.tenant_id = t.id
 WHERE t.partner_id = :p1 AND t.deleted_at IS NULL AND g.deleted_at IS NULL AND (g.id = :p2 OR g.name = :p2)
 ORDER BY (g.id = :p2) DESC, g.id LIMIT 3)";
constexpr auto groups_of_a_user = R"(
SELECT m.group_id
  FROM scaivault.memberships m
  JOIN scaivault.groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id AND g.deleted_at IS NULL
 WHERE m.tenant_id = :p1 AND m.user_id = :p2 AND m.deleted_at IS NULL
 ORDER BY m.group_id)";

} // namespace

std::vector<Identity> find(scai::db::Executor& reader, const Where& where, const Name& name) {
    std::vector<Identity> out;
    if (name.type == Type::user) {
        for (auto& [id, tenant, email, display, status, mfa] :
             reader.all<std::string, std::string, std::string, std::string, std::string, bool>(
                 where.is_partner() ? users_of_a_partner : users_of_a_tenant, where.id(), name.text))
            out.push_back({.type = Type::user,
                           .id = id,
                           .canonical = canonical(Type::user, id),
                           .shown = "user:" + (email.empty() ? id : email),
                           .tenant_id = std::move(tenant),
                           .display_name = std::move(display),
                           .email = std::move(email),
                           .status = std::move(status),
                           .mfa_enabled = mfa});
    } else {
        for (auto& [id, tenant, group] : reader.all<std::string, std::string, std::string>(
                 where.is_partner() ? groups_of_a_partner : groups_of_a_tenant, where.id(), name.text))
            out.push_back({.type = Type::group,
                           .id = id,
                           .canonical = canonical(Type::group, id),
                           .shown = "group:" + (group.empty() ? id : group),
                           .tenant_id = std::move(tenant),
                           .display_name = std::move(group),
                           .email = {},
                           .status = "ACTIVE"});
    }
    if (out.size() > 1 && out.front().id == name.text && out[1].id != name.text)
        out.resize(1);
    return out;
}

std::vector<std::string> group_ids(scai::db::Executor& reader, const std::string& tenant,
                                   const std::string& user) {
    return reader.all<std::string>(groups_of_a_user, tenant, user);
}

} // namespace scaivault::identity::store
