// Across tenants: grants that follow a user who moved, tenants that are no longer listed.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/store.hpp"

#include "lib/scaiflow/roles/roles.hpp"

namespace scaiflow::mirror::store {

namespace {

// Upstream ids are never given to somebody else, so the same id alive in another tenant is the same person.
constexpr auto move_super_admins = R"sql(
WITH moving AS (
    SELECT DISTINCT ON (g.tenant_id, g.user_id, g.role, g.source)
           g.tenant_id AS old_tenant, n.tenant_id AS new_tenant, g.user_id, g.role, g.source, g.granted_by, g.granted_at
      FROM scaiflow.role_grants g
      JOIN scaiflow.users o ON o.tenant_id = g.tenant_id AND o.id = g.user_id AND o.deleted_at IS NOT NULL
      JOIN scaiflow.users n ON n.id = g.user_id AND n.tenant_id <> g.tenant_id AND n.deleted_at IS NULL
     WHERE g.role = 'super_admin' AND g.source IN ('manual', 'bootstrap')
     ORDER BY g.tenant_id, g.user_id, g.role, g.source, n.created_at DESC, n.tenant_id
), taken AS (
    DELETE FROM scaiflow.role_grants g
     USING moving m
     WHERE g.tenant_id = m.old_tenant AND g.user_id = m.user_id AND g.role = m.role AND g.source = m.source
    RETURNING m.old_tenant, m.new_tenant, m.user_id, m.role, m.source, m.granted_by, m.granted_at
), given AS (
    INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, granted_by, granted_at)
    SELECT t.new_tenant, t.user_id, t.role, t.source, t.granted_by, t.granted_at FROM taken t
    ON CONFLICT DO NOTHING
), logged AS (
    INSERT INTO scaiflow.audit_log (tenant_id, actor, action, object_type, object_id, before, after, cause)
    SELECT t.new_tenant, :p1, 'role.moved', 'user', t.user_id,
           jsonb_build_object('tenant_id', t.old_tenant, 'role', t.role, 'source', t.source),
           jsonb_build_object('tenant_id', t.new_tenant, 'role', t.role, 'source', t.source),
           jsonb_build_object('run_id', :p2::text)
      FROM taken t
)
SELECT t.user_id, t.old_tenant, t.new_tenant, t.role, t.source FROM taken t ORDER BY t.user_id, t.source
)sql";

constexpr auto find_movers = R"sql(
SELECT EXISTS (SELECT FROM scaiflow.role_grants g
                 JOIN scaiflow.users o ON o.tenant_id = g.tenant_id AND o.id = g.user_id AND o.deleted_at IS NOT NULL
                 JOIN scaiflow.users n ON n.id = g.user_id AND n.tenant_id <> g.tenant_id AND n.deleted_at IS NULL
                WHERE g.role = 'super_admin' AND g.source IN ('manual', 'bootstrap'))
)sql";

constexpr auto refresh_roles = R"sql(
UPDATE scaiflow.users u
   SET admin_role = e.role, admin_role_source = e.source, updated_at = now()
  FROM unnest(:p1::text[], :p2::text[]) AS k (tenant_id, user_id),
       LATERAL scaiflow.effective_grant(k.tenant_id, k.user_id) AS e
 WHERE u.tenant_id = k.tenant_id AND u.id = k.user_id
   AND (u.admin_role, u.admin_role_source) IS DISTINCT FROM (e.role, e.source)
)sql";

// A webhook marks the tenant alone; what it held is for the sweep, which looks at the limits.
constexpr auto find_missing_tenants = R"sql(
SELECT t.id
  FROM scaiflow.tenants t
 WHERE NOT t.id = ANY (:p1::text[])
   AND (t.deleted_at IS NULL
        OR EXISTS (SELECT FROM scaiflow.users x WHERE x.tenant_id = t.id AND x.deleted_at IS NULL)
        OR EXISTS (SELECT FROM scaiflow.groups x WHERE x.tenant_id = t.id AND x.deleted_at IS NULL)
        OR EXISTS (SELECT FROM scaiflow.memberships x WHERE x.tenant_id = t.id AND x.deleted_at IS NULL))
 ORDER BY t.id
)sql";

constexpr auto count_tenants = R"sql(
SELECT (SELECT count(*) FROM scaiflow.users x WHERE x.deleted_at IS NULL),
       (SELECT count(*) FROM scaiflow.users x WHERE x.deleted_at IS NULL AND x.tenant_id = ANY (:p1::text[])
           AND coalesce(x.upstream_at <= :p2::timestamptz, true)),
       (SELECT count(*) FROM scaiflow.groups x WHERE x.deleted_at IS NULL),
       (SELECT count(*) FROM scaiflow.groups x WHERE x.deleted_at IS NULL AND x.tenant_id = ANY (:p1::text[])
           AND coalesce(x.upstream_at <= :p2::timestamptz, true)),
       (SELECT count(*) FROM scaiflow.memberships x WHERE x.deleted_at IS NULL),
       (SELECT count(*) FROM scaiflow.memberships x WHERE x.deleted_at IS NULL AND x.tenant_id = ANY (:p1::text[])
           AND coalesce(x.upstream_at <= :p2::timestamptz, true))
)sql";

constexpr auto remove_tenant_users = R"sql(
WITH gone AS (
    UPDATE scaiflow.users x
       SET deleted_at = now(), deleted_run = :p3::bigint, updated_at = now()
     WHERE x.deleted_at IS NULL AND x.tenant_id = ANY (:p1::text[]) AND coalesce(x.upstream_at <= :p2::timestamptz, true)
    RETURNING x.tenant_id, x.id, x.email, x.display_name, x.status
)
INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change, before)
SELECT :p3::bigint, g.tenant_id, 'user', g.id, 'soft_deleted',
       jsonb_build_object('email', g.email, 'display_name', g.display_name, 'status', g.status)
  FROM gone g
 ORDER BY g.tenant_id, g.id
)sql";

constexpr auto remove_tenant_groups = R"sql(
WITH gone AS (
    UPDATE scaiflow.groups x
       SET deleted_at = now(), deleted_run = :p3::bigint, updated_at = now()
     WHERE x.deleted_at IS NULL AND x.tenant_id = ANY (:p1::text[]) AND coalesce(x.upstream_at <= :p2::timestamptz, true)
    RETURNING x.tenant_id, x.id, x.name, x.status
)
INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change, before)
SELECT :p3::bigint, g.tenant_id, 'group', g.id, 'soft_deleted', jsonb_build_object('name', g.name, 'status', g.status)
  FROM gone g
 ORDER BY g.tenant_id, g.id
)sql";

constexpr auto remove_tenant_memberships = R"sql(
WITH gone AS (
    UPDATE scaiflow.memberships x
       SET deleted_at = now(), deleted_run = :p3::bigint
     WHERE x.deleted_at IS NULL AND x.tenant_id = ANY (:p1::text[]) AND coalesce(x.upstream_at <= :p2::timestamptz, true)
    RETURNING x.tenant_id, x.group_id, x.user_id, x.direct
)
INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change, before)
SELECT :p3::bigint, g.tenant_id, 'membership', g.group_id || '/' || g.user_id, 'soft_deleted',
       jsonb_build_object('direct', g.direct)
  FROM gone g
 ORDER BY g.tenant_id, g.group_id, g.user_id
)sql";

constexpr auto remove_tenant_edges = R"sql(
DELETE FROM scaiflow.group_children c WHERE c.tenant_id = ANY (:p1::text[])
)sql";

// A tenant that a webhook has touched since the run began is not gone.
constexpr auto remove_tenant_rows = R"sql(
UPDATE scaiflow.tenants t
   SET deleted_at = now(), last_run = :p3::bigint
 WHERE t.deleted_at IS NULL AND t.id = ANY (:p1::text[]) AND coalesce(t.upstream_at <= :p2::timestamptz, true)
   AND NOT EXISTS (SELECT FROM scaiflow.users u WHERE u.tenant_id = t.id AND u.deleted_at IS NULL)
)sql";

} // namespace

std::vector<Move> move_grants(Tx& tx, const RunRow& run, const std::string& run_id) {
    std::vector<Move> out;
    if (!tx.one<bool>(find_movers))
        return out;
    roles::lock(tx);
    std::vector<std::string> tenants, users;
    for (auto& [user, from, to, role, source] :
         tx.all<std::string, std::string, std::string, std::string, std::string>(move_super_admins,
                                                                                 "sync:" + run_id, run_id)) {
        for (const std::string& tenant : {from, to}) {
            tenants.push_back(tenant);
            users.push_back(user);
        }
        list_role_change(
            tx, run,
            {to, "role", user, "updated",
             scai::json::Value::object({{"tenant_id", from}, {"role", role}, {"source", source}}),
             scai::json::Value::object({{"tenant_id", to}, {"role", role}, {"source", source}})});
        out.push_back({user, from, to, role, source});
    }
    if (!out.empty())
        tx.run(refresh_roles, tenants, users);
    return out;
}

std::vector<std::string> missing_tenants(Reader& reader, const std::vector<std::string>& listed) {
    return reader.all<std::string>(find_missing_tenants, listed);
}

Tallies tally_tenants(Tx& tx, const std::vector<std::string>& tenants, const RunRow& run) {
    const auto [users, users_gone, groups, groups_gone, memberships, memberships_gone] =
        tx.one<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
            count_tenants, tenants, run.started_at);
    return {.users = {users, 0, users_gone},
            .groups = {groups, 0, groups_gone},
            .memberships = {memberships, 0, memberships_gone}};
}

void remove_tenants(Tx& tx, const std::vector<std::string>& tenants, const RunRow& run, Counters& counters) {
    counters.users_soft_deleted += tx.run(remove_tenant_users, tenants, run.started_at, run.number);
    counters.groups_soft_deleted += tx.run(remove_tenant_groups, tenants, run.started_at, run.number);
    counters.memberships_soft_deleted +=
        tx.run(remove_tenant_memberships, tenants, run.started_at, run.number);
    tx.run(remove_tenant_edges, tenants);
    tx.run(remove_tenant_rows, tenants, run.started_at, run.number);
}

} // namespace scaiflow::mirror::store
