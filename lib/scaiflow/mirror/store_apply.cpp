// Writes the difference, sorted by key, touching no unchanged row; every counter is what a statement reports
// to have changed. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/store.hpp"

namespace scaiflow::mirror::store {

namespace {

constexpr auto add_users = R"sql(
INSERT INTO scaiflow.users (tenant_id, id, email, display_name, status, seen_by, upstream_at, added_run)
SELECT :p2, d.id, d.email, d.display_name, d.status, d.seen_by, d.upstream_at, :p3::bigint
  FROM scaiflow.sweep_user_diff d
 WHERE d.walk = :p1::bigint AND d.kind = 'added'
 ORDER BY d.id
)sql";

constexpr auto change_users = R"sql(
WITH changed AS (
    UPDATE scaiflow.users u
       SET email = d.email, display_name = d.display_name, status = d.status, seen_by = d.seen_by,
           upstream_at = d.upstream_at, deleted_at = NULL,
           deleted_run = CASE WHEN d.kind = 'undeleted' THEN NULL ELSE u.deleted_run END,
           changed_run = CASE WHEN d.kind = 'touched' THEN u.changed_run ELSE :p3::bigint END,
           updated_at = CASE WHEN d.kind = 'touched' THEN u.updated_at ELSE now() END
      FROM scaiflow.sweep_user_diff d
     WHERE u.tenant_id = :p2 AND u.id = d.id AND d.walk = :p1::bigint
       AND d.kind IN ('undeleted', 'updated', 'touched')
    RETURNING d.kind
)
SELECT count(*) FILTER (WHERE c.kind = 'undeleted'), count(*) FILTER (WHERE c.kind = 'updated') FROM changed c
)sql";

constexpr auto remove_users = R"sql(
UPDATE scaiflow.users u
   SET deleted_at = now(), deleted_run = :p3::bigint, updated_at = now()
  FROM scaiflow.sweep_user_diff d
 WHERE u.tenant_id = :p2 AND u.id = d.id AND u.deleted_at IS NULL AND d.walk = :p1::bigint AND d.kind = 'removed'
)sql";

constexpr auto add_groups = R"sql(
INSERT INTO scaiflow.groups (tenant_id, id, name, status, upstream_at, added_run)
SELECT :p2, d.id, d.name, d.status, d.upstream_at, :p3::bigint
  FROM scaiflow.sweep_group_diff d
 WHERE d.walk = :p1::bigint AND d.kind = 'added'
 ORDER BY d.id
)sql";

constexpr auto change_groups = R"sql(
WITH changed AS (
    UPDATE scaiflow.groups g
       SET name = d.name, status = d.status, upstream_at = d.upstream_at, deleted_at = NULL,
           deleted_run = CASE WHEN d.kind = 'undeleted' THEN NULL ELSE g.deleted_run END,
           changed_run = CASE WHEN d.kind = 'touched' THEN g.changed_run ELSE :p3::bigint END,
           updated_at = CASE WHEN d.kind = 'touched' THEN g.updated_at ELSE now() END
      FROM scaiflow.sweep_group_diff d
     WHERE g.tenant_id = :p2 AND g.id = d.id AND d.walk = :p1::bigint
       AND d.kind IN ('undeleted', 'updated', 'touched')
    RETURNING d.kind
)
SELECT count(*) FILTER (WHERE c.kind = 'undeleted'), count(*) FILTER (WHERE c.kind = 'updated') FROM changed c
)sql";

constexpr auto remove_groups = R"sql(
UPDATE scaiflow.groups g
   SET deleted_at = now(), deleted_run = :p3::bigint, updated_at = now()
  FROM scaiflow.sweep_group_diff d
 WHERE g.tenant_id = :p2 AND g.id = d.id AND g.deleted_at IS NULL AND d.walk = :p1::bigint AND d.kind = 'removed'
)sql";

constexpr auto note_unknown_groups = R"sql(
UPDATE scaiflow.groups g
   SET members_unknown_since = now()
 WHERE g.tenant_id = :p2 AND g.members_unknown_since IS NULL AND g.deleted_at IS NULL
   AND EXISTS (SELECT FROM scaiflow.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = g.id)
)sql";

constexpr auto clear_known_groups = R"sql(
UPDATE scaiflow.groups g
   SET members_unknown_since = NULL
 WHERE g.tenant_id = :p2 AND g.members_unknown_since IS NOT NULL
   AND NOT EXISTS (SELECT FROM scaiflow.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = g.id)
)sql";

// Edges of a group whose own list of members was read; an edge to an unknown group is known all the same.
constexpr auto remove_edges = R"sql(
DELETE FROM scaiflow.group_children c
 WHERE c.tenant_id = :p2 AND NOT c.parent_id = ANY (:p3::text[])
   AND (:p4::boolean OR EXISTS (SELECT FROM scaiflow.sweep_groups g WHERE g.walk = :p1::bigint AND g.id = c.parent_id))
   AND NOT EXISTS (SELECT FROM scaiflow.sweep_members m
                    WHERE m.walk = :p1::bigint AND m.is_group AND m.group_id = c.parent_id AND m.member_id = c.child_id)
)sql";

constexpr auto add_edges = R"sql(
INSERT INTO scaiflow.group_children (tenant_id, parent_id, child_id)
SELECT DISTINCT :p2, m.group_id, m.member_id
  FROM scaiflow.sweep_members m
 WHERE m.walk = :p1::bigint AND m.is_group AND NOT m.group_id = ANY (:p3::text[])
   AND EXISTS (SELECT FROM scaiflow.sweep_groups g WHERE g.walk = :p1::bigint AND g.id = m.group_id)
   AND NOT EXISTS (SELECT FROM scaiflow.group_children c
                    WHERE c.tenant_id = :p2 AND c.parent_id = m.group_id AND c.child_id = m.member_id)
 ORDER BY m.group_id, m.member_id
)sql";

constexpr auto add_memberships = R"sql(
INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id, direct, added_run)
SELECT :p2, d.group_id, d.user_id, d.direct, :p3::bigint
  FROM scaiflow.sweep_membership_diff d
 WHERE d.walk = :p1::bigint AND d.kind = 'added'
 ORDER BY d.group_id, d.user_id
)sql";

constexpr auto change_memberships = R"sql(
WITH changed AS (
    UPDATE scaiflow.memberships m
       SET direct = d.direct, deleted_at = NULL,
           added_run = CASE WHEN d.kind = 'undeleted' THEN :p3::bigint ELSE m.added_run END,
           deleted_run = CASE WHEN d.kind = 'undeleted' THEN NULL ELSE m.deleted_run END
      FROM scaiflow.sweep_membership_diff d
     WHERE m.tenant_id = :p2 AND m.group_id = d.group_id AND m.user_id = d.user_id AND d.walk = :p1::bigint
       AND d.kind IN ('undeleted', 'updated')
    RETURNING d.kind
)
SELECT count(*) FILTER (WHERE c.kind = 'undeleted') FROM changed c
)sql";

constexpr auto remove_memberships = R"sql(
UPDATE scaiflow.memberships m
   SET deleted_at = now(), deleted_run = :p3::bigint
  FROM scaiflow.sweep_membership_diff d
 WHERE m.tenant_id = :p2 AND m.group_id = d.group_id AND m.user_id = d.user_id AND m.deleted_at IS NULL
   AND d.walk = :p1::bigint AND d.kind = 'removed'
)sql";

constexpr auto upsert_tenant = R"sql(
INSERT INTO scaiflow.tenants AS t (id, slug, name, status, users_method, last_synced_at, last_run)
VALUES (:p1, nullif(:p2::text, ''), nullif(:p3::text, ''), coalesce(nullif(:p4::text, ''), 'ACTIVE'), :p5,
        CASE WHEN NOT :p6::boolean THEN now() END, CASE WHEN :p7::boolean THEN :p8::bigint END)
ON CONFLICT (id) DO UPDATE
   SET slug = CASE WHEN t.upstream_at > :p9::timestamptz THEN t.slug ELSE coalesce(excluded.slug, t.slug) END,
       name = CASE WHEN t.upstream_at > :p9::timestamptz THEN t.name ELSE coalesce(excluded.name, t.name) END,
       status = CASE WHEN t.upstream_at > :p9::timestamptz OR :p4::text = '' THEN t.status ELSE excluded.status END,
       users_method = excluded.users_method,
       last_synced_at = coalesce(excluded.last_synced_at, t.last_synced_at),
       last_run = coalesce(excluded.last_run, t.last_run),
       deleted_at = CASE WHEN t.upstream_at > :p9::timestamptz THEN t.deleted_at END
)sql";

constexpr auto update_tenant_status = R"sql(
UPDATE scaiflow.tenants t
   SET status = :p2
 WHERE t.id = :p1 AND t.status <> :p2 AND coalesce(t.upstream_at <= :p3::timestamptz, true)
)sql";

constexpr auto list_user_changes = R"sql(
INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change, before, after)
SELECT :p3::bigint, :p2, 'user', d.id, CASE d.kind WHEN 'removed' THEN 'soft_deleted' ELSE d.kind END,
       CASE WHEN d.kind <> 'added' THEN jsonb_build_object('email', d.old_email, 'display_name', d.old_display_name,
                                                           'status', d.old_status) END,
       CASE WHEN d.kind <> 'removed' THEN jsonb_build_object('email', d.email, 'display_name', d.display_name,
                                                             'status', d.status) END
  FROM ((SELECT x.kind, x.id, x.email, x.display_name, x.status, x.old_email, x.old_display_name, x.old_status
           FROM scaiflow.sweep_user_diff x
          WHERE x.walk = :p1::bigint AND x.kind IN ('undeleted', 'updated', 'removed')
          ORDER BY x.id)
        UNION ALL
        (SELECT x.kind, x.id, x.email, x.display_name, x.status, x.old_email, x.old_display_name, x.old_status
           FROM scaiflow.sweep_user_diff x
          WHERE x.walk = :p1::bigint AND x.kind = 'added'
          ORDER BY x.id
          LIMIT :p4::bigint)) d
)sql";

constexpr auto list_group_changes = R"sql(
INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change, before, after)
SELECT :p3::bigint, :p2, 'group', d.id, CASE d.kind WHEN 'removed' THEN 'soft_deleted' ELSE d.kind END,
       CASE WHEN d.kind <> 'added' THEN jsonb_build_object('name', d.old_name, 'status', d.old_status) END,
       CASE WHEN d.kind <> 'removed' THEN jsonb_build_object('name', d.name, 'status', d.status) END
  FROM ((SELECT x.kind, x.id, x.name, x.status, x.old_name, x.old_status
           FROM scaiflow.sweep_group_diff x
          WHERE x.walk = :p1::bigint AND x.kind IN ('undeleted', 'updated', 'removed')
          ORDER BY x.id)
        UNION ALL
        (SELECT x.kind, x.id, x.name, x.status, x.old_name, x.old_status
           FROM scaiflow.sweep_group_diff x
          WHERE x.walk = :p1::bigint AND x.kind = 'added'
          ORDER BY x.id
          LIMIT :p4::bigint)) d
)sql";

constexpr auto list_membership_changes = R"sql(
INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change, before, after)
SELECT :p3::bigint, :p2, 'membership', d.group_id || '/' || d.user_id,
       CASE d.kind WHEN 'removed' THEN 'soft_deleted' WHEN 'undeleted' THEN 'added' ELSE d.kind END,
       CASE WHEN d.kind = 'removed' THEN jsonb_build_object('direct', d.direct)
            WHEN d.kind = 'updated' THEN jsonb_build_object('direct', NOT d.direct) END,
       CASE WHEN d.kind <> 'removed' THEN jsonb_build_object('direct', d.direct) END
  FROM ((SELECT x.kind, x.group_id, x.user_id, x.direct
           FROM scaiflow.sweep_membership_diff x
          WHERE x.walk = :p1::bigint AND x.kind IN ('updated', 'removed')
          ORDER BY x.group_id, x.user_id)
        UNION ALL
        (SELECT x.kind, x.group_id, x.user_id, x.direct
           FROM scaiflow.sweep_membership_diff x
          WHERE x.walk = :p1::bigint AND x.kind IN ('added', 'undeleted')
          ORDER BY x.group_id, x.user_id
          LIMIT :p4::bigint)) d
)sql";

constexpr auto count_additions = R"sql(
SELECT (SELECT count(*) FROM scaiflow.sweep_user_diff d WHERE d.walk = :p1::bigint AND d.kind = 'added'),
       (SELECT count(*) FROM scaiflow.sweep_group_diff d WHERE d.walk = :p1::bigint AND d.kind = 'added'),
       (SELECT count(*) FROM scaiflow.sweep_membership_diff d
         WHERE d.walk = :p1::bigint AND d.kind IN ('added', 'undeleted'))
)sql";

constexpr auto insert_change = R"sql(
INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change, before, after)
VALUES (:p1::bigint, :p2, :p3, :p4, :p5, :p6::jsonb, :p7::jsonb)
)sql";

std::vector<std::string> unknown(const Walk& walk) {
    return {walk.report.unknown_groups.begin(), walk.report.unknown_groups.end()};
}

std::optional<std::string> dump(const scai::json::Value& value) {
    if (!value.present() || value.is_null())
        return std::nullopt;
    return value.dump();
}

} // namespace

void apply_users(Tx& tx, const Walk& walk, const RunRow& run, const Diff& diff, Counters& counters) {
    const auto& tenant = walk.tenant.id;
    if (diff.added > 0)
        counters.users_added += tx.run(add_users, walk.number, tenant, run.number);
    if (diff.changed > 0) {
        const auto [undeleted, updated] =
            tx.one<std::int64_t, std::int64_t>(change_users, walk.number, tenant, run.number);
        counters.users_undeleted += undeleted;
        counters.users_updated += updated;
    }
    if (diff.tally.remove > 0)
        counters.users_soft_deleted += tx.run(remove_users, walk.number, tenant, run.number);
}

void apply_groups(Tx& tx, const Walk& walk, const RunRow& run, const Diff& diff, Counters& counters) {
    const auto& tenant = walk.tenant.id;
    if (diff.added > 0)
        counters.groups_added += tx.run(add_groups, walk.number, tenant, run.number);
    if (diff.changed > 0) {
        const auto [undeleted, updated] =
            tx.one<std::int64_t, std::int64_t>(change_groups, walk.number, tenant, run.number);
        counters.groups_undeleted += undeleted;
        counters.groups_updated += updated;
    }
    if (diff.tally.remove > 0)
        counters.groups_soft_deleted += tx.run(remove_groups, walk.number, tenant, run.number);
    tx.run(note_unknown_groups, walk.number, tenant);
    tx.run(clear_known_groups, walk.number, tenant);
}

void apply_edges(Tx& tx, const Walk& walk, bool groups_proven) {
    tx.run(remove_edges, walk.number, walk.tenant.id, unknown(walk), groups_proven);
    if (walk.nested > 0)
        tx.run(add_edges, walk.number, walk.tenant.id, unknown(walk));
}

void apply_memberships(Tx& tx, const Walk& walk, const RunRow& run, const Diff& diff, Counters& counters) {
    const auto& tenant = walk.tenant.id;
    if (diff.added > 0)
        counters.memberships_added += tx.run(add_memberships, walk.number, tenant, run.number);
    if (diff.changed > 0)
        counters.memberships_added +=
            tx.one<std::int64_t>(change_memberships, walk.number, tenant, run.number);
    if (diff.tally.remove > 0)
        counters.memberships_soft_deleted += tx.run(remove_memberships, walk.number, tenant, run.number);
}

void apply_tenant(Tx& tx, const Walk& walk, const RunRow& run, bool partial, bool complete) {
    const auto& tenant = walk.tenant;
    tx.run(upsert_tenant, tenant.id, tenant.slug, tenant.name, tenant.status, walk.report.users_method,
           partial, complete, run.number, run.started_at);
}

void note_tenant(Tx& tx, const scai::directory::Tenant& tenant, const RunRow& run) {
    tx.run(update_tenant_status, tenant.id, tenant.status, run.started_at);
}

void list_changes(Tx& tx, const Walk& walk, const RunRow& run, std::int64_t cap, Listed& listed) {
    const auto [users, groups, memberships] =
        tx.one<std::int64_t, std::int64_t, std::int64_t>(count_additions, walk.number);
    const auto list = [&](const char* sql, std::int64_t additions, std::int64_t& so_far) {
        const std::int64_t room = std::max<std::int64_t>(0, cap - so_far);
        tx.run(sql, walk.number, walk.tenant.id, run.number, room);
        listed.truncated = listed.truncated || additions > room;
        so_far += std::min(additions, room);
    };
    list(list_user_changes, users, listed.users);
    list(list_group_changes, groups, listed.groups);
    list(list_membership_changes, memberships, listed.memberships);
}

void list_role_change(Tx& tx, const RunRow& run, const Change& change) {
    tx.run(insert_change, run.number, change.tenant_id, change.object_type, change.object_id, change.change,
           dump(change.before), dump(change.after));
}

} // namespace scaiflow::mirror::store
