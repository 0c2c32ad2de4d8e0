// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/store_sync.hpp"

#include "lib/db/sql.hpp"

namespace scaivault::identity::store {

using scai::directory::Proof;
using scai::directory::Tallies;
using scai::directory::Tally;

namespace {

constexpr auto long_transaction =
    "SET LOCAL statement_timeout = 0; SET LOCAL plan_cache_mode = force_custom_plan; "
    "SET LOCAL work_mem = '96MB'; SET LOCAL jit = off; SET LOCAL enable_nestloop = off";
constexpr auto take_walk_number = "SELECT nextval('scaivault.sweep_walks')";
constexpr auto truncate_staging = "TRUNCATE scaivault.sweep_users, scaivault.sweep_groups, "
                                  "scaivault.sweep_members, scaivault.sweep_frozen, "
                                  "scaivault.sweep_effective";
constexpr auto take_lock =
    "SELECT pg_advisory_xact_lock(hashtextextended('scaivault.directory/' || :p1, 0))::text";
constexpr auto count_staged = R"sql(
SELECT (SELECT count(*) FROM scaivault.sweep_users s WHERE s.walk = :p1::bigint),
       (SELECT count(*) FROM scaivault.sweep_groups s WHERE s.walk = :p1::bigint),
       (SELECT count(*) FROM scaivault.sweep_members s WHERE s.walk = :p1::bigint)
)sql";

constexpr auto freeze_groups = R"sql(
INSERT INTO scaivault.sweep_frozen (walk, group_id)
WITH RECURSIVE edges AS (
    SELECT DISTINCT m.group_id AS parent_id, m.member_id AS child_id
      FROM scaivault.sweep_members m
     WHERE m.walk = :p1::bigint AND m.is_group
), frozen (group_id) AS (
    SELECT u.group_id COLLATE "C" FROM unnest(:p2::text[]) AS u (group_id)
    UNION
    SELECT e.parent_id FROM frozen f JOIN edges e ON e.child_id = f.group_id
)
SELECT :p1::bigint, f.group_id FROM frozen f
)sql";
// Without a complete list of groups a group that is not listed is unknown, not gone.
constexpr auto freeze_unlisted = R"sql(
INSERT INTO scaivault.sweep_frozen (walk, group_id)
SELECT :p1::bigint, k.group_id
  FROM (SELECT g.id AS group_id FROM scaivault.groups g WHERE g.tenant_id = :p2 AND g.deleted_at IS NULL
        UNION
        SELECT m.group_id FROM scaivault.memberships m WHERE m.tenant_id = :p2 AND m.deleted_at IS NULL) k
 WHERE NOT EXISTS (SELECT FROM scaivault.sweep_groups g WHERE g.walk = :p1::bigint AND g.id = k.group_id)
   AND NOT EXISTS (SELECT FROM scaivault.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = k.group_id)
)sql";
constexpr auto expand_members = R"sql(
INSERT INTO scaivault.sweep_effective (walk, group_id, user_id, direct)
WITH RECURSIVE edges AS (
    SELECT DISTINCT m.group_id AS parent_id, m.member_id AS child_id
      FROM scaivault.sweep_members m
     WHERE m.walk = :p1::bigint AND m.is_group
       AND NOT EXISTS (SELECT FROM scaivault.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = m.group_id)
), below (ancestor_id, descendant_id) AS (
    SELECT e.parent_id, e.child_id FROM edges e
    UNION
    SELECT b.ancestor_id, e.child_id FROM below b JOIN edges e ON e.parent_id = b.descendant_id
), listed AS (
    SELECT m.group_id, m.member_id AS user_id, true AS direct
      FROM scaivault.sweep_members m
     WHERE m.walk = :p1::bigint AND NOT m.is_group
    UNION ALL
    SELECT b.ancestor_id, m.member_id, false
      FROM below b
      JOIN scaivault.sweep_members m ON m.walk = :p1::bigint AND m.group_id = b.descendant_id AND NOT m.is_group
)
SELECT :p1::bigint, l.group_id, l.user_id, bool_or(l.direct)
  FROM listed l
 WHERE EXISTS (SELECT FROM scaivault.sweep_groups g WHERE g.walk = :p1::bigint AND g.id = l.group_id)
   AND NOT EXISTS (SELECT FROM scaivault.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = l.group_id)
 GROUP BY l.group_id, l.user_id
)sql";

// p1 walk, p2 tenant, p3 start of the run, p4 what the user listing proves. The last super_admin is never
// removed by a listing.
constexpr char removable_user[] = R"sql(
   u.tenant_id = :p2 AND u.deleted_at IS NULL AND coalesce(u.upstream_at <= :p3::timestamptz, true)
   AND (:p4 = 'all' OR (:p4 = 'member_walk' AND u.seen_by = 'member_walk'))
   AND NOT EXISTS (SELECT FROM scaivault.sweep_users s WHERE s.walk = :p1::bigint AND s.id = u.id)
   AND (NOT EXISTS (SELECT FROM scaivault.admin_roles r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id
   AND r.role = 'super_admin')
   OR EXISTS (SELECT FROM scaivault.admin_roles r JOIN scaivault.users o ON o.tenant_id = r.tenant_id
   AND o.id = r.user_id AND o.deleted_at IS NULL AND upper(o.status) = 'ACTIVE'
   WHERE r.role = 'super_admin' AND (r.tenant_id <> :p2
   OR EXISTS (SELECT FROM scaivault.sweep_users s WHERE s.walk = :p1::bigint AND s.id = o.id)))))sql";

constexpr char count_users[] = R"sql(
SELECT (SELECT count(*) FROM scaivault.users l WHERE l.tenant_id = :p2 AND l.deleted_at IS NULL),
       (SELECT count(DISTINCT s.id) FROM scaivault.sweep_users s WHERE s.walk = :p1::bigint),
       (SELECT count(*) FROM scaivault.users u WHERE )sql";
constexpr char closing[] = ")";
constexpr char delete_users[] = "UPDATE scaivault.users u SET deleted_at = now() WHERE ";
constexpr auto tally_users = scai::db::joined<count_users, removable_user, closing>;
constexpr auto remove_users = scai::db::joined<delete_users, removable_user>;

constexpr char removable_group[] = R"sql(
   g.tenant_id = :p2 AND g.deleted_at IS NULL AND :p4::boolean
   AND coalesce(g.upstream_at <= :p3::timestamptz, true)
   AND NOT EXISTS (SELECT FROM scaivault.sweep_groups s WHERE s.walk = :p1::bigint AND s.id = g.id))sql";
constexpr char count_groups[] = R"sql(
SELECT (SELECT count(*) FROM scaivault.groups l WHERE l.tenant_id = :p2 AND l.deleted_at IS NULL),
       (SELECT count(DISTINCT s.id) FROM scaivault.sweep_groups s WHERE s.walk = :p1::bigint),
       (SELECT count(*) FROM scaivault.groups g WHERE )sql";
constexpr char delete_groups[] = "UPDATE scaivault.groups g SET deleted_at = now() WHERE ";
constexpr auto tally_groups = scai::db::joined<count_groups, removable_group, closing>;
constexpr auto remove_groups = scai::db::joined<delete_groups, removable_group>;

constexpr char removable_membership[] = R"sql(
   m.tenant_id = :p2 AND m.deleted_at IS NULL AND coalesce(m.upstream_at <= :p3::timestamptz, true)
   AND NOT EXISTS (SELECT FROM scaivault.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = m.group_id)
   AND NOT EXISTS (SELECT FROM scaivault.sweep_effective e WHERE e.walk = :p1::bigint
   AND e.group_id = m.group_id AND e.user_id = m.user_id))sql";
constexpr char count_memberships[] = R"sql(
SELECT (SELECT count(*) FROM scaivault.memberships l
         WHERE l.tenant_id = :p2 AND l.deleted_at IS NULL
           AND NOT EXISTS (SELECT FROM scaivault.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = l.group_id)),
       (SELECT count(*) FROM scaivault.sweep_effective s WHERE s.walk = :p1::bigint), count(*), count(DISTINCT m.group_id)
  FROM scaivault.memberships m
 WHERE )sql";
constexpr char delete_memberships[] = "UPDATE scaivault.memberships m SET deleted_at = now() WHERE ";
constexpr auto tally_memberships = scai::db::joined<count_memberships, removable_membership>;
constexpr auto remove_memberships = scai::db::joined<delete_memberships, removable_membership>;

// Duplicates upstream: the newest row, then the one that says more. What upstream left out never erases what
// is known.
constexpr auto put_users = R"sql(
INSERT INTO scaivault.users AS u
       (tenant_id, id, email, display_name, status, seen_by, upstream_at, last_synced_at)
SELECT :p2, n.id, n.email, n.display_name, n.status, n.seen_by, n.upstream_at, now()
  FROM (SELECT s.id, coalesce(nullif(s.email, ''), m.email, '') AS email,
               coalesce(nullif(s.display_name, ''), m.display_name, '') AS display_name,
               coalesce(nullif(s.status, ''), m.status, 'ACTIVE') AS status,
               CASE WHEN :p4 = 'effective_users' OR m.id IS NULL OR m.deleted_at IS NOT NULL THEN :p4
                    ELSE m.seen_by END AS seen_by,
               greatest(s.upstream_at, m.upstream_at) AS upstream_at,
               m.id IS NOT NULL AND m.deleted_at IS NULL AS live, m.email AS old_email,
               m.display_name AS old_name, m.status AS old_status, m.seen_by AS old_seen_by
          FROM (SELECT DISTINCT ON (r.id) r.id, r.email, r.display_name, r.status, r.upstream_at
                  FROM scaivault.sweep_users r
                 WHERE r.walk = :p1::bigint
                 ORDER BY r.id, r.upstream_at DESC NULLS LAST, r.email = '', r.display_name = '', r.status = '',
                          r.email, r.display_name, r.status) s
          LEFT JOIN scaivault.users m ON m.tenant_id = :p2 AND m.id = s.id
         WHERE NOT coalesce(m.upstream_at > :p3::timestamptz
                            AND (s.upstream_at IS NULL OR s.upstream_at < m.upstream_at), false)) n
 WHERE NOT n.live OR (n.email, n.display_name, n.status, n.seen_by)
                     IS DISTINCT FROM (n.old_email, n.old_name, n.old_status, n.old_seen_by)
 ORDER BY n.id
ON CONFLICT (tenant_id, id) DO UPDATE
   SET email = excluded.email, display_name = excluded.display_name, status = excluded.status,
       seen_by = excluded.seen_by, upstream_at = excluded.upstream_at, last_synced_at = excluded.last_synced_at,
       deleted_at = NULL
)sql";
constexpr auto put_groups = R"sql(
INSERT INTO scaivault.groups AS g (tenant_id, id, name, status, upstream_at, last_synced_at)
SELECT :p2, n.id, n.name, n.status, n.upstream_at, now()
  FROM (SELECT s.id, coalesce(nullif(s.name, ''), m.name, '') AS name,
               coalesce(nullif(s.status, ''), m.status, 'ACTIVE') AS status,
               greatest(s.upstream_at, m.upstream_at) AS upstream_at,
               m.id IS NOT NULL AND m.deleted_at IS NULL AS live, m.name AS old_name, m.status AS old_status
          FROM (SELECT DISTINCT ON (r.id) r.id, r.name, r.status, r.upstream_at
                  FROM scaivault.sweep_groups r
                 WHERE r.walk = :p1::bigint
                 ORDER BY r.id, r.upstream_at DESC NULLS LAST, r.name = '', r.status = '', r.name, r.status) s
          LEFT JOIN scaivault.groups m ON m.tenant_id = :p2 AND m.id = s.id
         WHERE NOT coalesce(m.upstream_at > :p3::timestamptz
                            AND (s.upstream_at IS NULL OR s.upstream_at < m.upstream_at), false)) n
 WHERE NOT n.live OR (n.name, n.status) IS DISTINCT FROM (n.old_name, n.old_status)
 ORDER BY n.id
ON CONFLICT (tenant_id, id) DO UPDATE
   SET name = excluded.name, status = excluded.status, upstream_at = excluded.upstream_at,
       last_synced_at = excluded.last_synced_at, deleted_at = NULL
)sql";
constexpr auto put_memberships = R"sql(
INSERT INTO scaivault.memberships AS m (tenant_id, user_id, group_id, membership_type, added_at)
SELECT :p2, e.user_id, e.group_id, CASE WHEN e.direct THEN 'DIRECT' ELSE 'INHERITED' END, now()
  FROM scaivault.sweep_effective e
  LEFT JOIN scaivault.memberships k ON k.tenant_id = :p2 AND k.user_id = e.user_id AND k.group_id = e.group_id
 WHERE e.walk = :p1::bigint
   AND (k.user_id IS NULL OR (coalesce(k.upstream_at <= :p3::timestamptz, true)
        AND (k.deleted_at IS NOT NULL OR (k.membership_type = 'DIRECT') <> e.direct)))
 ORDER BY e.user_id, e.group_id
ON CONFLICT (tenant_id, user_id, group_id) DO UPDATE
   SET membership_type = excluded.membership_type, deleted_at = NULL,
       added_at = CASE WHEN m.deleted_at IS NULL THEN m.added_at ELSE excluded.added_at END
)sql";
constexpr auto put_walked_tenant = R"sql(
INSERT INTO scaivault.tenants AS t (id, partner_id, slug, name, status, last_synced_at, swept_at)
VALUES (:p1, :p2, :p3, :p4, coalesce(nullif(:p5, ''), 'ACTIVE'), now(), CASE WHEN :p6::boolean THEN :p7::timestamptz END)
ON CONFLICT (id) DO UPDATE
   SET partner_id = coalesce(nullif(excluded.partner_id, ''), t.partner_id),
       slug = coalesce(nullif(excluded.slug, ''), t.slug), name = coalesce(nullif(excluded.name, ''), t.name),
       status = CASE WHEN :p5 = '' OR t.upstream_at > :p7::timestamptz THEN t.status ELSE excluded.status END,
       last_synced_at = now(), swept_at = coalesce(excluded.swept_at, t.swept_at),
       deleted_at = CASE WHEN t.upstream_at > :p7::timestamptz THEN t.deleted_at END
)sql";
constexpr auto put_walked_partner = R"sql(
INSERT INTO scaivault.partners AS p (id, slug, name, status, last_synced_at)
VALUES (:p1, :p2, :p3, coalesce(nullif(:p4, ''), 'ACTIVE'), now())
ON CONFLICT (id) DO UPDATE
   SET slug = coalesce(nullif(excluded.slug, ''), p.slug), name = coalesce(nullif(excluded.name, ''), p.name),
       status = CASE WHEN :p4 = '' THEN p.status ELSE excluded.status END, last_synced_at = now(), deleted_at = NULL
)sql";
constexpr auto note_status = R"sql(
UPDATE scaivault.tenants t SET status = :p2 WHERE t.id = :p1 AND t.status <> :p2
)sql";
constexpr auto count_missing = R"sql(
WITH gone AS (SELECT t.id FROM scaivault.tenants t WHERE t.deleted_at IS NULL AND NOT t.id = ANY (:p1::text[]))
SELECT (SELECT count(*) FROM scaivault.users WHERE deleted_at IS NULL),
       (SELECT count(*) FROM scaivault.users u JOIN gone g ON g.id = u.tenant_id WHERE u.deleted_at IS NULL),
       (SELECT count(*) FROM scaivault.groups WHERE deleted_at IS NULL),
       (SELECT count(*) FROM scaivault.groups u JOIN gone g ON g.id = u.tenant_id WHERE u.deleted_at IS NULL),
       (SELECT count(*) FROM gone)
)sql";
constexpr auto drop_missing = R"sql(
UPDATE scaivault.tenants t SET deleted_at = now() WHERE t.deleted_at IS NULL AND NOT t.id = ANY (:p1::text[])
)sql";

} // namespace

void prepare(Tx& tx) {
    tx.script(long_transaction);
}
std::int64_t next_walk(Tx& tx) {
    return tx.one<std::int64_t>(take_walk_number);
}
void empty_staging(Tx& tx) {
    tx.script(truncate_staging);
}
void lock(Tx& tx, const std::string& tenant) {
    tx.one<std::string>(take_lock, tenant);
}

bool staging_intact(Tx& tx, const Walk& walk) {
    const auto [users, groups, members] =
        tx.one<std::int64_t, std::int64_t, std::int64_t>(count_staged, walk.number);
    return users == walk.users && groups == walk.groups && members == walk.members;
}

std::int64_t freeze(Tx& tx, const Walk& walk) {
    std::int64_t frozen = 0;
    if (!walk.report.unknown_groups.empty())
        frozen += tx.run(
            freeze_groups, walk.number,
            std::vector<std::string>(walk.report.unknown_groups.begin(), walk.report.unknown_groups.end()));
    if (!walk.report.groups_complete)
        frozen += tx.run(freeze_unlisted, walk.number, walk.tenant.id);
    return frozen;
}

void expand(Tx& tx, const Walk& walk) {
    tx.run(expand_members, walk.number);
}

Tallies tally(Tx& tx, const Walk& walk, const Proof& proof) {
    Tallies out;
    const auto& tenant = walk.tenant.id;
    std::tie(out.users.live, out.users.seen, out.users.remove) =
        tx.one<std::int64_t, std::int64_t, std::int64_t>(tally_users, walk.number, tenant, walk.started_at,
                                                         to_text(proof.users));
    std::tie(out.groups.live, out.groups.seen, out.groups.remove) =
        tx.one<std::int64_t, std::int64_t, std::int64_t>(tally_groups, walk.number, tenant, walk.started_at,
                                                         proof.groups);
    std::tie(out.memberships.live, out.memberships.seen, out.memberships.remove, out.groups_losing_members) =
        tx.one<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(tally_memberships, walk.number, tenant,
                                                                       walk.started_at);
    return out;
}

Written apply(Tx& tx, const Walk& walk, const Proof& proof) {
    const auto& tenant = walk.tenant.id;
    Written out;
    out.groups_changed = tx.run(put_groups, walk.number, tenant, walk.started_at);
    out.users_changed = tx.run(put_users, walk.number, tenant, walk.started_at, walk.report.users_method);
    out.memberships_changed = tx.run(put_memberships, walk.number, tenant, walk.started_at);
    out.memberships_removed = tx.run(remove_memberships, walk.number, tenant, walk.started_at);
    out.users_removed = tx.run(remove_users, walk.number, tenant, walk.started_at, to_text(proof.users));
    out.groups_removed = tx.run(remove_groups, walk.number, tenant, walk.started_at, proof.groups);
    return out;
}

void apply_tenant(Tx& tx, const Walk& walk, bool complete) {
    const auto& tenant = walk.tenant;
    if (!tenant.partner_id.empty())
        tx.run(put_walked_partner, tenant.partner_id, "", "", "");
    tx.run(put_walked_tenant, tenant.id, tenant.partner_id, tenant.slug, tenant.name, tenant.status, complete,
           walk.started_at);
}

void put_partners(Tx& tx, const std::vector<scai::directory::Partner>& partners) {
    for (const auto& partner : partners)
        tx.run(put_walked_partner, partner.id, partner.slug, partner.name, partner.status);
}

void note_tenant(Tx& tx, const scai::directory::Tenant& tenant) {
    tx.run(note_status, tenant.id, tenant.status);
}

Tallies tally_missing(Tx& tx, const std::vector<std::string>& listed) {
    const auto [users, users_gone, groups, groups_gone, tenants] =
        tx.one<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(count_missing, listed);
    Tallies out;
    out.users = {users, users - users_gone, users_gone};
    out.groups = {groups, groups - groups_gone, groups_gone};
    out.memberships = {};
    out.groups_losing_members = tenants;
    return out;
}

std::int64_t remove_missing(Tx& tx, const std::vector<std::string>& listed) {
    return tx.run(drop_missing, listed);
}

} // namespace scaivault::identity::store
