// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/webhooks/store.hpp"

namespace scaiflow::webhooks::store {

using scai::UtcTime;
using scai::db::Tx;

namespace {

constexpr auto insert_event = R"(
WITH forgotten AS (
    DELETE FROM scaiflow.webhook_events
     WHERE event_id IN (SELECT event_id FROM scaiflow.webhook_events
                         WHERE received_at < now() - interval '7 days'
                         ORDER BY received_at LIMIT 20 FOR UPDATE SKIP LOCKED)
)
INSERT INTO scaiflow.webhook_events (event_id, type, tenant_id, event_at, handled, outcome)
VALUES (:p1, :p2, nullif(:p3, ''), :p4::timestamptz, :p5::boolean, :p6)
ON CONFLICT (event_id) DO NOTHING
RETURNING true)";

constexpr auto find_event = R"(SELECT handled FROM scaiflow.webhook_events WHERE event_id = :p1)";

constexpr auto settle_event = R"(
UPDATE scaiflow.webhook_events SET tenant_id = nullif(:p2, ''), handled = :p3::boolean, outcome = :p4
 WHERE event_id = :p1)";

constexpr auto tenants_with_user = R"(SELECT tenant_id FROM scaiflow.users WHERE id = :p1 LIMIT 2)";
constexpr auto tenants_with_group = R"(SELECT tenant_id FROM scaiflow.groups WHERE id = :p1 LIMIT 2)";

constexpr auto take_locks = R"(
SELECT scaiflow.lock_mirror(:p1, :p2::boolean)::text,
       pg_advisory_xact_lock(hashtextextended('scaiflow.object/' || :p3, 0))::text)";

constexpr auto find_tenant = R"(
SELECT coalesce(t.name, ''), coalesce(t.slug, ''), t.status, t.deleted_at IS NOT NULL,
       (extract(epoch FROM t.upstream_at) * 1000000)::bigint,
       (extract(epoch FROM r.started_at) * 1000000)::bigint
  FROM scaiflow.tenants t LEFT JOIN scaiflow.sync_runs r ON r.number = t.last_run
 WHERE t.id = :p1)";

constexpr auto find_user = R"(
SELECT display_name, email, status, deleted_at IS NOT NULL, (extract(epoch FROM upstream_at) * 1000000)::bigint
  FROM scaiflow.users WHERE tenant_id = :p1 AND id = :p2)";

constexpr auto find_group = R"(
SELECT name, status, deleted_at IS NOT NULL, (extract(epoch FROM upstream_at) * 1000000)::bigint
  FROM scaiflow.groups WHERE tenant_id = :p1 AND id = :p2)";

constexpr auto find_membership = R"(
SELECT deleted_at IS NOT NULL OR NOT direct, (extract(epoch FROM upstream_at) * 1000000)::bigint
  FROM scaiflow.memberships WHERE tenant_id = :p1 AND group_id = :p2 AND user_id = :p3)";

constexpr auto update_tenant = R"(
UPDATE scaiflow.tenants
   SET name = :p2, slug = nullif(:p3, ''), status = :p4, upstream_at = :p6::timestamptz,
       deleted_at = CASE WHEN :p5::boolean THEN coalesce(deleted_at, now()) END
 WHERE id = :p1)";

constexpr auto upsert_user = R"(
INSERT INTO scaiflow.users AS u (tenant_id, id, display_name, email, status, seen_by, deleted_at, upstream_at)
VALUES (:p1, :p2, :p3, :p4, :p5, 'webhook', CASE WHEN :p6::boolean THEN now() END, :p7::timestamptz)
ON CONFLICT (tenant_id, id) DO UPDATE
   SET display_name = EXCLUDED.display_name, email = EXCLUDED.email, status = EXCLUDED.status,
       seen_by = CASE WHEN u.deleted_at IS NOT NULL AND EXCLUDED.deleted_at IS NULL THEN 'webhook' ELSE u.seen_by END,
       deleted_at = CASE WHEN EXCLUDED.deleted_at IS NOT NULL THEN coalesce(u.deleted_at, EXCLUDED.deleted_at) END,
       upstream_at = EXCLUDED.upstream_at, updated_at = now())";

constexpr auto upsert_group = R"(
INSERT INTO scaiflow.groups AS g (tenant_id, id, name, status, deleted_at, upstream_at)
VALUES (:p1, :p2, :p3, :p4, CASE WHEN :p5::boolean THEN now() END, :p6::timestamptz)
ON CONFLICT (tenant_id, id) DO UPDATE
   SET name = EXCLUDED.name, status = EXCLUDED.status,
       deleted_at = CASE WHEN EXCLUDED.deleted_at IS NOT NULL THEN coalesce(g.deleted_at, EXCLUDED.deleted_at) END,
       upstream_at = EXCLUDED.upstream_at, updated_at = now())";

constexpr auto upsert_membership = R"(
INSERT INTO scaiflow.memberships AS m (tenant_id, group_id, user_id, direct, deleted_at, upstream_at)
VALUES (:p1, :p2, :p3, NOT :p4::boolean, CASE WHEN :p4::boolean THEN now() END, :p5::timestamptz)
ON CONFLICT (tenant_id, group_id, user_id) DO UPDATE
   SET direct = EXCLUDED.direct, upstream_at = EXCLUDED.upstream_at,
       deleted_at = CASE WHEN EXCLUDED.deleted_at IS NOT NULL THEN coalesce(m.deleted_at, EXCLUDED.deleted_at) END)";

// A user is in a group when a direct membership of his leads up to it. Only the group of the event and those
// above it can have changed. UNION ends cycles.
constexpr auto refresh_inherited = R"(
WITH RECURSIVE touched(id) AS (
    SELECT :p2::text COLLATE "C"
    UNION
    SELECT c.parent_id
      FROM touched t
     CROSS JOIN LATERAL (SELECT g.parent_id FROM scaiflow.group_children g
                          WHERE g.tenant_id = :p1 AND g.child_id = t.id OFFSET 0) c
), reached(id) AS (
    SELECT m.group_id FROM scaiflow.memberships m
     WHERE m.tenant_id = :p1 AND m.user_id = :p3 AND m.direct AND m.deleted_at IS NULL
    UNION
    SELECT c.parent_id
      FROM reached r
     CROSS JOIN LATERAL (SELECT g.parent_id FROM scaiflow.group_children g
                          WHERE g.tenant_id = :p1 AND g.child_id = r.id OFFSET 0) c
), left_behind AS (
    UPDATE scaiflow.memberships m SET deleted_at = now()
     WHERE m.tenant_id = :p1 AND m.user_id = :p3 AND m.deleted_at IS NULL
       AND m.group_id IN (SELECT id FROM touched) AND m.group_id NOT IN (SELECT id FROM reached)
)
INSERT INTO scaiflow.memberships AS m (tenant_id, group_id, user_id, direct)
SELECT :p1, r.id, :p3, false FROM reached r WHERE r.id IN (SELECT id FROM touched)
ON CONFLICT (tenant_id, group_id, user_id) DO UPDATE SET direct = false, deleted_at = NULL
 WHERE m.deleted_at IS NOT NULL)";

constexpr auto find_groups_above = R"(
WITH RECURSIVE above(id) AS (
    SELECT c.parent_id FROM scaiflow.group_children c WHERE c.tenant_id = :p1 AND c.child_id = :p2
    UNION
    SELECT c.parent_id FROM above a JOIN scaiflow.group_children c ON c.tenant_id = :p1 AND c.child_id = a.id
)
SELECT id FROM above WHERE id <> :p2)";

constexpr auto delete_edges = R"(
DELETE FROM scaiflow.group_children WHERE tenant_id = :p1 AND (parent_id = :p2 OR child_id = :p2))";

constexpr auto delete_members = R"(
UPDATE scaiflow.memberships SET deleted_at = now(), direct = false, upstream_at = :p3::timestamptz
 WHERE tenant_id = :p1 AND group_id = :p2 AND deleted_at IS NULL
   AND (upstream_at IS NULL OR upstream_at <= :p3::timestamptz))";

constexpr auto delete_uninherited = R"(
WITH RECURSIVE below(top, id) AS (
    SELECT t.id COLLATE "C", t.id COLLATE "C" FROM unnest(:p2::text[]) AS t(id)
    UNION
    SELECT b.top, c.child_id FROM below b JOIN scaiflow.group_children c ON c.tenant_id = :p1 AND c.parent_id = b.id
)
UPDATE scaiflow.memberships m SET deleted_at = now()
 WHERE m.tenant_id = :p1 AND m.group_id = ANY (:p2::text[]) AND m.deleted_at IS NULL AND NOT m.direct
   AND NOT EXISTS (SELECT FROM below b
                     JOIN scaiflow.memberships d ON d.tenant_id = :p1 AND d.group_id = b.id
                    WHERE b.top = m.group_id AND d.user_id = m.user_id AND d.direct AND d.deleted_at IS NULL))";

std::optional<UtcTime> time_of(const std::optional<std::int64_t>& micros) {
    return micros ? std::optional(UtcTime(std::chrono::microseconds(*micros))) : std::nullopt;
}

std::optional<std::string> text_of(const std::optional<UtcTime>& time) {
    return time ? std::optional(scai::to_iso8601(*time)) : std::nullopt;
}

} // namespace

std::optional<bool> record(Tx& tx, const Event& event, bool handled, Outcome outcome) {
    const auto inserted = tx.maybe<bool>(insert_event, event.id, event.type, event.tenant_id,
                                         text_of(event.at), handled, name(outcome));
    if (inserted)
        return std::nullopt;
    return tx.maybe<bool>(find_event, event.id).value_or(true);
}

void settle(Tx& tx, const Event& event, bool handled, Outcome outcome) {
    tx.run(settle_event, event.id, event.tenant_id, handled, name(outcome));
}

std::vector<std::string> tenants_with(Tx& tx, Kind kind, const std::string& id) {
    return tx.all<std::string>(kind == Kind::user ? tenants_with_user : tenants_with_group, id);
}

void lock(Tx& tx, const std::string& tenant, bool alone, const std::string& object) {
    tx.one<std::string, std::string>(take_locks, tenant, alone, tenant + '/' + object);
}

std::optional<Tenant> tenant(Tx& tx, const std::string& id) {
    const auto found = tx.maybe<std::string, std::string, std::string, bool, std::optional<std::int64_t>,
                                std::optional<std::int64_t>>(find_tenant, id);
    if (!found)
        return std::nullopt;
    const auto& [name, slug, status, deleted, upstream_at, swept_at] = *found;
    return Tenant{{.name = name,
                   .slug = slug,
                   .status = status,
                   .deleted = deleted,
                   .upstream_at = time_of(upstream_at)},
                  time_of(swept_at)};
}

std::optional<Row> user(Tx& tx, const std::string& tenant, const std::string& id) {
    const auto found = tx.maybe<std::string, std::string, std::string, bool, std::optional<std::int64_t>>(
        find_user, tenant, id);
    if (!found)
        return std::nullopt;
    const auto& [display, email, status, deleted, upstream_at] = *found;
    return Row{.name = display,
               .email = email,
               .status = status,
               .deleted = deleted,
               .upstream_at = time_of(upstream_at)};
}

std::optional<Row> group(Tx& tx, const std::string& tenant, const std::string& id) {
    const auto found =
        tx.maybe<std::string, std::string, bool, std::optional<std::int64_t>>(find_group, tenant, id);
    if (!found)
        return std::nullopt;
    const auto& [name, status, deleted, upstream_at] = *found;
    return Row{.name = name, .status = status, .deleted = deleted, .upstream_at = time_of(upstream_at)};
}

std::optional<Row> membership(Tx& tx, const std::string& tenant, const std::string& group_id,
                              const std::string& user_id) {
    const auto found =
        tx.maybe<bool, std::optional<std::int64_t>>(find_membership, tenant, group_id, user_id);
    if (!found)
        return std::nullopt;
    return Row{.deleted = std::get<0>(*found), .upstream_at = time_of(std::get<1>(*found))};
}

void put_tenant(Tx& tx, const std::string& id, const Row& row) {
    tx.run(update_tenant, id, row.name, row.slug, row.status, row.deleted, text_of(row.upstream_at));
}

void put_user(Tx& tx, const std::string& tenant, const std::string& id, const Row& row) {
    tx.run(upsert_user, tenant, id, row.name, row.email, row.status, row.deleted, text_of(row.upstream_at));
}

void put_group(Tx& tx, const std::string& tenant, const std::string& id, const Row& row) {
    tx.run(upsert_group, tenant, id, row.name, row.status, row.deleted, text_of(row.upstream_at));
}

void put_membership(Tx& tx, const std::string& tenant, const std::string& group_id,
                    const std::string& user_id, const Row& row) {
    tx.run(upsert_membership, tenant, group_id, user_id, row.deleted, text_of(row.upstream_at));
    tx.run(refresh_inherited, tenant, group_id, user_id);
}

void drop_group_contents(Tx& tx, const std::string& tenant, const std::string& group_id, UtcTime at) {
    const auto above = tx.all<std::string>(find_groups_above, tenant, group_id);
    tx.run(delete_edges, tenant, group_id);
    tx.run(delete_members, tenant, group_id, scai::to_iso8601(at));
    if (!above.empty())
        tx.run(delete_uninherited, tenant, above);
}

} // namespace scaiflow::webhooks::store
