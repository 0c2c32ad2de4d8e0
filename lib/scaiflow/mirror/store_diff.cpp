// The difference between what a walk staged and the mirror, one statement per kind of object. The transaction
// holds the tenant's mirror lock, so nothing moves in between; what a webhook changed after the run began is
// left out here (kind held). SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/store.hpp"

namespace scaiflow::mirror::store {

namespace {

// Hash joins only: statistics of the staging tables are never there, and a nested loop over them is
// quadratic.
constexpr auto hash_only = "SET LOCAL enable_nestloop = off";
constexpr auto any_join = "SET LOCAL enable_nestloop = on";

constexpr auto freeze_groups = R"sql(
INSERT INTO scaiflow.sweep_frozen (walk, group_id)
WITH RECURSIVE edges AS (
    SELECT DISTINCT m.group_id AS parent_id, m.member_id AS child_id
      FROM scaiflow.sweep_members m
     WHERE m.walk = :p1::bigint AND m.is_group
), frozen (group_id) AS (
    SELECT u.group_id COLLATE "C" FROM unnest(:p2::text[]) AS u (group_id)
    UNION
    SELECT e.parent_id FROM frozen f JOIN edges e ON e.child_id = f.group_id
)
SELECT :p1::bigint, f.group_id FROM frozen f
)sql";

constexpr auto freeze_unlisted = R"sql(
INSERT INTO scaiflow.sweep_frozen (walk, group_id)
SELECT :p1::bigint, k.group_id
  FROM (SELECT g.id AS group_id FROM scaiflow.groups g WHERE g.tenant_id = :p2 AND g.deleted_at IS NULL
        UNION
        SELECT m.group_id FROM scaiflow.memberships m WHERE m.tenant_id = :p2 AND m.deleted_at IS NULL) k
 WHERE NOT EXISTS (SELECT FROM scaiflow.sweep_groups g WHERE g.walk = :p1::bigint AND g.id = k.group_id)
   AND NOT EXISTS (SELECT FROM scaiflow.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = k.group_id)
)sql";

constexpr auto close_nesting = R"sql(
INSERT INTO scaiflow.sweep_closure (walk, ancestor_id, descendant_id)
WITH RECURSIVE edges AS (
    SELECT DISTINCT m.group_id AS parent_id, m.member_id AS child_id
      FROM scaiflow.sweep_members m
     WHERE m.walk = :p1::bigint AND m.is_group
       AND NOT EXISTS (SELECT FROM scaiflow.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = m.group_id)
), below (ancestor_id, descendant_id) AS (
    SELECT e.parent_id, e.child_id FROM edges e
    UNION
    SELECT b.ancestor_id, e.child_id FROM below b JOIN edges e ON e.parent_id = b.descendant_id
)
SELECT :p1::bigint, b.ancestor_id, b.descendant_id FROM below b WHERE b.ancestor_id <> b.descendant_id
)sql";

// Duplicates upstream: the newest row, then the one that says more. An attribute that upstream left out never
// erases a known one. A user once vouched for by effective_users or a webhook keeps that mark under a member
// walk: absence from a member walk proves nothing about it.
constexpr auto compare_users = R"sql(
WITH staged AS (
    SELECT DISTINCT ON (s.id) s.id, s.email, s.display_name, s.status, s.upstream_at
      FROM scaiflow.sweep_users s
     WHERE s.walk = :p1::bigint
     ORDER BY s.id, s.upstream_at DESC NULLS LAST, s.email = '', s.display_name = '', s.status = '',
              s.email, s.display_name, s.status
), mirrored AS (
    SELECT u.id, u.email, u.display_name, u.status, u.seen_by, u.upstream_at, u.deleted_at
      FROM scaiflow.users u
     WHERE u.tenant_id = :p2
), merged AS (
    SELECT coalesce(s.id, m.id) AS id, s.id IS NOT NULL AS seen, m.id IS NOT NULL AS known,
           m.id IS NOT NULL AND m.deleted_at IS NULL AS live,
           coalesce(nullif(s.email, ''), m.email, '') AS email,
           coalesce(nullif(s.display_name, ''), m.display_name, '') AS display_name,
           coalesce(nullif(s.status, ''), m.status, 'ACTIVE') AS status,
           CASE WHEN s.id IS NULL THEN m.seen_by
                WHEN :p3 = 'effective_users' OR m.id IS NULL OR m.deleted_at IS NOT NULL THEN :p3
                ELSE m.seen_by END AS seen_by,
           greatest(s.upstream_at, m.upstream_at) AS upstream_at,
           m.email AS old_email, m.display_name AS old_display_name, m.status AS old_status,
           m.seen_by AS old_seen_by, m.upstream_at AS old_upstream_at,
           coalesce(m.upstream_at > :p4::timestamptz AND (s.upstream_at IS NULL OR s.upstream_at < m.upstream_at),
                    false) AS held
      FROM staged s FULL JOIN mirrored m ON m.id = s.id
), judged AS MATERIALIZED (
    SELECT j.id, j.seen, j.live, j.email, j.display_name, j.status, j.seen_by, j.upstream_at,
           j.old_email, j.old_display_name, j.old_status,
           CASE WHEN j.held THEN 'held'
                WHEN NOT j.known THEN 'added'
                WHEN NOT j.seen AND NOT j.live THEN 'same'
                WHEN NOT j.seen AND (:p5 = 'all' OR (:p5 = 'member_walk' AND j.old_seen_by = 'member_walk')) THEN 'removed'
                WHEN NOT j.seen THEN 'unverified'
                WHEN NOT j.live THEN 'undeleted'
                WHEN (j.email, j.display_name, j.status) IS DISTINCT FROM (j.old_email, j.old_display_name, j.old_status)
                    THEN 'updated'
                WHEN j.seen_by <> j.old_seen_by OR j.upstream_at IS DISTINCT FROM j.old_upstream_at THEN 'touched'
                ELSE 'same' END AS kind
      FROM merged j
), written AS (
    INSERT INTO scaiflow.sweep_user_diff
           (walk, kind, id, email, display_name, status, seen_by, upstream_at, old_email, old_display_name, old_status)
    SELECT :p1::bigint, j.kind, j.id, j.email, j.display_name, j.status, j.seen_by, j.upstream_at,
           j.old_email, j.old_display_name, j.old_status
      FROM judged j
     WHERE j.kind IN ('added', 'undeleted', 'updated', 'touched', 'removed')
)
SELECT count(*) FILTER (WHERE j.live), count(*) FILTER (WHERE j.seen),
       count(*) FILTER (WHERE j.kind = 'added'), count(*) FILTER (WHERE j.kind IN ('undeleted', 'updated', 'touched')),
       count(*) FILTER (WHERE j.kind = 'removed'), count(*) FILTER (WHERE j.kind = 'unverified')
  FROM judged j
)sql";

constexpr auto compare_groups = R"sql(
WITH staged AS (
    SELECT DISTINCT ON (s.id) s.id, s.name, s.status, s.upstream_at
      FROM scaiflow.sweep_groups s
     WHERE s.walk = :p1::bigint
     ORDER BY s.id, s.upstream_at DESC NULLS LAST, s.name = '', s.status = '', s.name, s.status
), mirrored AS (
    SELECT g.id, g.name, g.status, g.upstream_at, g.deleted_at
      FROM scaiflow.groups g
     WHERE g.tenant_id = :p2
), merged AS (
    SELECT coalesce(s.id, m.id) AS id, s.id IS NOT NULL AS seen, m.id IS NOT NULL AS known,
           m.id IS NOT NULL AND m.deleted_at IS NULL AS live,
           coalesce(nullif(s.name, ''), m.name, '') AS name,
           coalesce(nullif(s.status, ''), m.status, 'ACTIVE') AS status,
           greatest(s.upstream_at, m.upstream_at) AS upstream_at,
           m.name AS old_name, m.status AS old_status, m.upstream_at AS old_upstream_at,
           coalesce(m.upstream_at > :p3::timestamptz AND (s.upstream_at IS NULL OR s.upstream_at < m.upstream_at),
                    false) AS held
      FROM staged s FULL JOIN mirrored m ON m.id = s.id
), judged AS MATERIALIZED (
    SELECT j.id, j.seen, j.live, j.name, j.status, j.upstream_at, j.old_name, j.old_status,
           CASE WHEN j.held THEN 'held'
                WHEN NOT j.known THEN 'added'
                WHEN NOT j.seen AND (NOT j.live OR NOT :p4::boolean) THEN 'same'
                WHEN NOT j.seen THEN 'removed'
                WHEN NOT j.live THEN 'undeleted'
                WHEN (j.name, j.status) IS DISTINCT FROM (j.old_name, j.old_status) THEN 'updated'
                WHEN j.upstream_at IS DISTINCT FROM j.old_upstream_at THEN 'touched'
                ELSE 'same' END AS kind
      FROM merged j
), written AS (
    INSERT INTO scaiflow.sweep_group_diff (walk, kind, id, name, status, upstream_at, old_name, old_status)
    SELECT :p1::bigint, j.kind, j.id, j.name, j.status, j.upstream_at, j.old_name, j.old_status
      FROM judged j
     WHERE j.kind IN ('added', 'undeleted', 'updated', 'touched', 'removed')
)
SELECT count(*) FILTER (WHERE j.live), count(*) FILTER (WHERE j.seen),
       count(*) FILTER (WHERE j.kind = 'added'), count(*) FILTER (WHERE j.kind IN ('undeleted', 'updated', 'touched')),
       count(*) FILTER (WHERE j.kind = 'removed')
  FROM judged j
)sql";

// Effective memberships of the listed groups: direct ones, and those of every group below, listed or not, that are not
// direct too. A member listed twice is seen twice; DISTINCT looks at what differs alone, not at a million rows that do
// not. seen is what upstream says outside frozen groups; it follows from the live rows and the difference, which saves
// counting a million rows twice.
constexpr auto compare_memberships = R"sql(
WITH held AS MATERIALIZED (
    SELECT DISTINCT m.user_id FROM scaiflow.memberships m WHERE m.tenant_id = :p2 AND m.upstream_at > :p3::timestamptz
), indirect AS (
    SELECT DISTINCT c.ancestor_id AS group_id, m.member_id AS user_id
      FROM scaiflow.sweep_closure c
      JOIN scaiflow.sweep_members m ON m.walk = c.walk AND m.group_id = c.descendant_id AND NOT m.is_group
     WHERE c.walk = :p1::bigint
       AND EXISTS (SELECT FROM scaiflow.sweep_groups g WHERE g.walk = :p1::bigint AND g.id = c.ancestor_id)
       AND NOT EXISTS (SELECT FROM scaiflow.sweep_members d
                        WHERE d.walk = :p1::bigint AND NOT d.is_group AND d.group_id = c.ancestor_id
                          AND d.member_id = m.member_id)
), effective AS (
    SELECT m.group_id, m.member_id AS user_id, true AS direct
      FROM scaiflow.sweep_members m
     WHERE m.walk = :p1::bigint AND NOT m.is_group
       AND EXISTS (SELECT FROM scaiflow.sweep_groups g WHERE g.walk = :p1::bigint AND g.id = m.group_id)
    UNION ALL
    SELECT i.group_id, i.user_id, false FROM indirect i
), mirrored AS NOT MATERIALIZED (
    SELECT m.group_id, m.user_id, m.direct, m.deleted_at FROM scaiflow.memberships m WHERE m.tenant_id = :p2
), live AS (
    SELECT count(*) AS n
      FROM mirrored m
     WHERE m.deleted_at IS NULL
       AND NOT EXISTS (SELECT FROM scaiflow.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = m.group_id)
       AND NOT EXISTS (SELECT FROM held h WHERE h.user_id = m.user_id)
), written AS (
    INSERT INTO scaiflow.sweep_membership_diff (walk, kind, group_id, user_id, direct)
    SELECT DISTINCT :p1::bigint, d.kind, d.group_id, d.user_id, d.direct
      FROM (SELECT CASE WHEN m.user_id IS NULL THEN 'added'
                        WHEN s.user_id IS NULL THEN 'removed'
                        WHEN m.deleted_at IS NOT NULL THEN 'undeleted'
                        ELSE 'updated' END AS kind,
                   coalesce(s.group_id, m.group_id) AS group_id, coalesce(s.user_id, m.user_id) AS user_id,
                   coalesce(s.direct, m.direct) AS direct
              FROM effective s FULL JOIN mirrored m ON m.group_id = s.group_id AND m.user_id = s.user_id
             WHERE CASE WHEN m.user_id IS NULL THEN true
                        WHEN s.user_id IS NULL THEN m.deleted_at IS NULL
                        ELSE m.deleted_at IS NOT NULL OR m.direct <> s.direct END) d
     WHERE NOT EXISTS (SELECT FROM scaiflow.sweep_frozen f WHERE f.walk = :p1::bigint AND f.group_id = d.group_id)
       AND NOT EXISTS (SELECT FROM held h WHERE h.user_id = d.user_id)
    RETURNING kind
)
SELECT (SELECT l.n FROM live l),
       (SELECT l.n FROM live l) + count(*) FILTER (WHERE w.kind IN ('added', 'undeleted'))
                                - count(*) FILTER (WHERE w.kind = 'removed'),
       count(*) FILTER (WHERE w.kind = 'added'), count(*) FILTER (WHERE w.kind IN ('undeleted', 'updated')),
       count(*) FILTER (WHERE w.kind = 'removed')
  FROM written w
)sql";

constexpr auto count_groups_losing = R"sql(
SELECT count(DISTINCT d.group_id) FROM scaiflow.sweep_membership_diff d WHERE d.walk = :p1::bigint AND d.kind = 'removed'
)sql";

} // namespace

std::int64_t mark_frozen(Tx& tx, const Walk& walk) {
    std::int64_t frozen = 0;
    if (!walk.report.unknown_groups.empty()) {
        frozen += tx.run(
            freeze_groups, walk.number,
            std::vector<std::string>(walk.report.unknown_groups.begin(), walk.report.unknown_groups.end()));
    }
    if (!walk.report.groups_complete) {
        frozen += tx.run(freeze_unlisted, walk.number, walk.tenant.id);
    }
    return frozen;
}

void build_closure(Tx& tx, const Walk& walk) {
    if (walk.nested > 0)
        tx.run(close_nesting, walk.number);
}

UserDiff diff_users(Tx& tx, const Walk& walk, const RunRow& run, UserProof proof) {
    const auto [live, seen, added, changed, removed, unverified] =
        tx.one<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
            compare_users, walk.number, walk.tenant.id, walk.report.users_method, run.started_at,
            to_text(proof));
    return {{{live, seen, removed}, added, changed}, unverified};
}

Diff diff_groups(Tx& tx, const Walk& walk, const RunRow& run, bool proven) {
    const auto [live, seen, added, changed, removed] =
        tx.one<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
            compare_groups, walk.number, walk.tenant.id, run.started_at, proven);
    return {{live, seen, removed}, added, changed};
}

Diff diff_memberships(Tx& tx, const Walk& walk, const RunRow& run) {
    const auto [live, seen, added, changed, removed] =
        tx.one<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
            compare_memberships, walk.number, walk.tenant.id, run.started_at);
    return {{live, seen, removed}, added, changed};
}

std::int64_t groups_losing_members(Tx& tx, const Walk& walk) {
    return tx.one<std::int64_t>(count_groups_losing, walk.number);
}

} // namespace scaiflow::mirror::store
