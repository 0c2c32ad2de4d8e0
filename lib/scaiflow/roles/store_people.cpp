// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/roles/people.hpp"

#include "lib/scaiflow/roles/store.hpp"

namespace scaiflow::roles {

namespace {

constexpr auto select_by_email = R"(
SELECT u.tenant_id, u.id, coalesce(t.slug, ''), u.email, u.display_name, u.status, coalesce(u.admin_role, ''),
       coalesce(u.admin_role_source, ''), u.deleted_at IS NOT NULL
  FROM scaiflow.users u
  LEFT JOIN scaiflow.tenants t ON t.id = u.tenant_id
 WHERE lower(u.email) = lower(:p1) AND (:p2 = '' OR u.tenant_id = :p2 OR t.slug = :p2)
 ORDER BY u.deleted_at IS NOT NULL, u.tenant_id, u.id)";

constexpr auto select_tenant = R"(
SELECT min(id)
  FROM scaiflow.tenants
 WHERE id = :p1 OR (slug = :p1 AND NOT EXISTS (SELECT FROM scaiflow.tenants WHERE id = :p1))
HAVING count(*) = 1)";

constexpr auto select_grant = R"(
SELECT EXISTS (SELECT FROM scaiflow.role_grants WHERE tenant_id = :p1 AND user_id = :p2 AND role = :p3 AND source = :p4))";

constexpr auto select_admins = R"(
SELECT coalesce(json_agg(json_build_object('email', u.email, 'display_name', u.display_name, 'tenant_id', u.tenant_id,
         'user_id', u.id, 'role', u.admin_role, 'source', u.admin_role_source, 'grants', g.grants, 'status', u.status,
         'deleted_at', to_char(u.deleted_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
         ORDER BY u.admin_role, u.tenant_id, lower(u.email), u.id), '[]')::text
  FROM scaiflow.users u
 CROSS JOIN LATERAL (
       SELECT json_agg(json_build_object('role', r.role, 'source', r.source, 'group_id', nullif(r.group_id, ''),
                                         'group', g.name) ORDER BY r.role, r.source, r.group_id) AS grants
         FROM scaiflow.role_grants r
         LEFT JOIN scaiflow.groups g ON g.tenant_id = r.tenant_id AND g.id = r.group_id
        WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id) g
 WHERE u.admin_role IS NOT NULL AND (:p1::boolean OR u.deleted_at IS NULL))";

constexpr auto select_pending = R"(
SELECT coalesce(json_agg(json_build_object('email', email, 'tenant_id', tenant_id, 'role', role, 'source', source,
         'requested_by', requested_by, 'requested_at', to_char(requested_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'applied_at', to_char(applied_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'cancelled_at', to_char(cancelled_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) ORDER BY id), '[]')::text
  FROM scaiflow.pending_grants
 WHERE :p1::boolean OR (applied_at IS NULL AND cancelled_at IS NULL))";

} // namespace

std::vector<Person> find_by_email(scai::db::Reader& reader, const std::string& email,
                                  const std::string& tenant) {
    std::vector<Person> out;
    for (auto& [tenant_id, id, slug, mail, name, status, role, source, deleted] :
         reader.all<std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                    std::string, bool>(select_by_email, email, tenant))
        out.push_back({{tenant_id, id}, slug, mail, name, status, role, source, deleted});
    return out;
}

std::string find_tenant(scai::db::Reader& reader, const std::string& id_or_slug) {
    return reader.maybe<std::string>(select_tenant, id_or_slug).value_or("");
}

bool has_grant(scai::db::Reader& reader, const Target& target, const std::string& role,
               const std::string& source) {
    return reader.one<bool>(select_grant, target.tenant_id, target.user_id, role, source);
}

scai::json::Value list_admins(scai::db::Reader& reader, bool all) {
    return scai::json::Value::object(
        {{"admins", store::parsed(reader.one<std::string>(select_admins, all))},
         {"pending", store::parsed(reader.one<std::string>(select_pending, all))}});
}

} // namespace scaiflow::roles
