// Effective users: the snapshot behind the list. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/applications/assignments.hpp"

#include <tuple>

namespace scaikey::applications {

using scai::Result;
using scai::db::Pool;
using scai::db::Reader;
using scai::db::Scope;
using scai::db::Tx;

namespace {

constexpr const char* lock_set_sql = R"(
SELECT count(pg_advisory_xact_lock(hashtextextended('scaikey.effective:' || :p1 || ':' || :p2, 0))))";

constexpr const char* drop_set_sql = R"(
DELETE FROM scaikey.effective_users e
 USING scaikey.effective_sets s
 WHERE s.tenant_id = :p1 AND s.application_id = :p2 AND e.set_number = s.number)";

// One statement, so version and rows are of the same instant. UNION makes the walk over nested groups end on
// circles.
constexpr const char* build_set_sql = R"(
WITH RECURSIVE present AS (
    SELECT nextval('scaikey.effective_sets_number') AS number,
           coalesce((SELECT t.version FROM scaikey.tenant_stats t WHERE t.tenant_id = :p1), 0) AS version),
assigned AS (
    SELECT m.principal_id, m.principal_type
      FROM scaikey.app_assignments m
     WHERE m.tenant_id = :p1 AND m.application_id = :p2),
inside (root, group_id) AS (
    SELECT a.principal_id, a.principal_id
      FROM assigned a
     WHERE a.principal_type = 'group'
    UNION
    SELECT i.root, m.member_id
      FROM inside i
      JOIN scaikey.group_members m
        ON m.tenant_id = :p1 AND m.group_id = i.group_id AND m.member_type = 'group'),
through AS (
    SELECT m.member_id AS user_id, array_agg(DISTINCT i.root ORDER BY i.root) AS roots
      FROM inside i
      JOIN scaikey.group_members m
        ON m.tenant_id = :p1 AND m.group_id = i.group_id AND m.member_type = 'user'
     GROUP BY m.member_id),
filled AS (
    INSERT INTO scaikey.effective_users (set_number, position, user_id, direct, via_groups)
    SELECT (SELECT p.number FROM present p), row_number() OVER (ORDER BY u.id), u.id, d.principal_id IS NOT NULL,
           coalesce(t.roots, '{}')
      FROM scaikey.users u
      LEFT JOIN through t ON t.user_id = u.id
      LEFT JOIN assigned d ON d.principal_id = u.id AND d.principal_type = 'user'
     WHERE u.tenant_id = :p1 AND u.deleted_at IS NULL
       AND (:p3::boolean OR t.user_id IS NOT NULL OR d.principal_id IS NOT NULL)
    RETURNING 1)
INSERT INTO scaikey.effective_sets AS s (tenant_id, application_id, number, version, all_users, total)
SELECT :p1, :p2, p.number, p.version, :p3::boolean, (SELECT count(*) FROM filled)
  FROM present p
    ON CONFLICT (tenant_id, application_id) DO UPDATE
   SET number = excluded.number, version = excluded.version, all_users = excluded.all_users, total = excluded.total,
       built_at = now())";

constexpr const char* fresh_set_sql = R"(
SELECT count(*)
  FROM scaikey.effective_sets s
 WHERE s.tenant_id = :p1 AND s.application_id = :p2 AND s.all_users = :p3::boolean
   AND s.version = coalesce((SELECT t.version FROM scaikey.tenant_stats t WHERE t.tenant_id = :p1), 0))";

// A page of a snapshot that may be used: of the tenant's present version, or, for a later page, young enough.
// One statement, so a snapshot replaced meanwhile is not half seen.
constexpr const char* page_sql = R"(
SELECT s.total,
       (SELECT coalesce(json_agg(json_build_object('id', u.id, 'tenant_id', u.tenant_id, 'email', u.email,
                   'display_name', u.display_name, 'first_name', u.first_name, 'last_name', u.last_name,
                   'status', u.status,
                   'assignment', CASE WHEN e.direct THEN 'direct' WHEN e.via_groups <> '{}' THEN 'group' ELSE 'all' END,
                   'via_groups', e.via_groups, 'updated_at', scaikey.iso(u.updated_at)) ORDER BY e.position)::text, '[]')
          FROM scaikey.effective_users e
          JOIN scaikey.users u ON u.id = e.user_id AND u.deleted_at IS NULL
         WHERE e.set_number = s.number AND e.position > :p5::bigint AND e.position <= :p5::bigint + :p6::bigint)
  FROM scaikey.effective_sets s
 WHERE s.tenant_id = :p1 AND s.application_id = :p2 AND s.all_users = :p3::boolean
   AND (s.version = coalesce((SELECT t.version FROM scaikey.tenant_stats t WHERE t.tenant_id = :p1), 0)
        OR (:p4::boolean AND s.built_at > now() - interval '5 minutes')))";

std::optional<ListPage> find_page(Reader& reader, const TenantRef& tenant, const ApplicationRef& application,
                                  bool may_be_older, const Paging& paging) {
    auto row =
        reader.maybe<std::int64_t, std::string>(page_sql, tenant.id, application.id, application.all_users,
                                                may_be_older, paging.offset(), paging.per_page);
    if (!row)
        return std::nullopt;
    return ListPage{std::get<0>(*row), std::get<1>(std::move(*row))};
}

/// Makes the snapshot, unless somebody else did while we waited for the lock.
void build_set(Pool& pool, const Scope& scope, const TenantRef& tenant, const ApplicationRef& application) {
    scai::db::in_tx(pool, scope, [&](Tx& tx) {
        tx.script("SET LOCAL statement_timeout = 60000"); // a million memberships take a while
        tx.one<std::int64_t>(lock_set_sql, tenant.id, application.id);
        if (tx.one<std::int64_t>(fresh_set_sql, tenant.id, application.id, application.all_users) > 0)
            return;
        tx.run(drop_set_sql, tenant.id, application.id);
        tx.run(build_set_sql, tenant.id, application.id, application.all_users);
    });
}

} // namespace

Result<ListPage> effective_users(Pool& pool, const Caller& by, const std::string& tenant_id,
                                 const std::string& application_id, const Paging& paging) {
    std::optional<TenantRef> tenant;
    std::optional<ApplicationRef> application;
    { // the session goes back before another one is taken
        auto reader = pool.read(scope_of(by.reach));
        SCAI_TRY(tenant, find_tenant_ref(reader, by.reach, tenant_id));
        SCAI_TRY(application, find_for_tenant(reader, by, *tenant, application_id));
        if (auto page = find_page(reader, *tenant, *application, paging.page > 1, paging))
            return std::move(*page);
    }
    build_set(pool, scope_of(by.reach), *tenant, *application);
    auto reader = pool.read(scope_of(by.reach));
    if (auto page = find_page(reader, *tenant, *application, /*may_be_older=*/true, paging))
        return std::move(*page);
    return refusal(scai::ErrorKind::unavailable, "The effective users are being computed, try again");
}

} // namespace scaikey::applications
