// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/store_events.hpp"

#include "lib/scaivault/identity/store_rows.hpp"

namespace scaivault::identity::store {

using scai::db::Tx;

namespace {

constexpr auto insert_event = R"sql(
INSERT INTO scaivault.identity_events (id, type, tenant_id, outcome, handled)
VALUES (:p1, :p2, :p3, '', :p4::boolean) ON CONFLICT (id) DO NOTHING)sql";
constexpr auto find_event = "SELECT handled FROM scaivault.identity_events WHERE id = :p1";
constexpr auto forget_old = R"sql(
DELETE FROM scaivault.identity_events
 WHERE id IN (SELECT e.id FROM scaivault.identity_events e
               WHERE e.received_at < clock_timestamp() - interval '7 days' ORDER BY e.received_at LIMIT 20))sql";
constexpr auto settle_event =
    "UPDATE scaivault.identity_events SET outcome = :p2, tenant_id = :p3 WHERE id = :p1";

constexpr auto find_tenant = R"sql(
SELECT name, slug, status, deleted_at IS NOT NULL, (extract(epoch FROM upstream_at) * 1000000)::bigint,
       (extract(epoch FROM swept_at) * 1000000)::bigint,
       EXISTS (SELECT FROM scaivault.memberships m
                WHERE m.tenant_id = t.id AND m.membership_type = 'INHERITED' AND m.deleted_at IS NULL)
  FROM scaivault.tenants t WHERE id = :p1)sql";
constexpr auto find_user = R"sql(
SELECT display_name, email, status, deleted_at IS NOT NULL, (extract(epoch FROM upstream_at) * 1000000)::bigint
  FROM scaivault.users WHERE tenant_id = :p1 AND id = :p2)sql";
constexpr auto find_group = R"sql(
SELECT name, '', status, deleted_at IS NOT NULL, (extract(epoch FROM upstream_at) * 1000000)::bigint
  FROM scaivault.groups WHERE tenant_id = :p1 AND id = :p2)sql";
constexpr auto find_membership = R"sql(
SELECT '', '', 'ACTIVE', deleted_at IS NOT NULL OR membership_type <> 'DIRECT',
       (extract(epoch FROM upstream_at) * 1000000)::bigint
  FROM scaivault.memberships WHERE tenant_id = :p1 AND group_id = :p2 AND user_id = :p3)sql";

constexpr auto write_tenant = R"sql(
UPDATE scaivault.tenants
   SET name = :p2, slug = :p3, status = :p4, deleted_at = CASE WHEN :p5::boolean THEN coalesce(deleted_at, now()) END,
       upstream_at = to_timestamp(:p6::bigint / 1000000.0)
 WHERE id = :p1)sql";
constexpr auto write_user = R"sql(
INSERT INTO scaivault.users AS u
       (tenant_id, id, display_name, email, status, deleted_at, upstream_at, seen_by, last_synced_at)
VALUES (:p1, :p2, :p3, :p4, :p5, CASE WHEN :p6::boolean THEN now() END, to_timestamp(:p7::bigint / 1000000.0),
        'webhook', now())
ON CONFLICT (tenant_id, id) DO UPDATE
   SET display_name = excluded.display_name, email = excluded.email, status = excluded.status,
       deleted_at = CASE WHEN :p6::boolean THEN coalesce(u.deleted_at, now()) END,
       upstream_at = excluded.upstream_at, last_synced_at = excluded.last_synced_at)sql";
constexpr auto write_group = R"sql(
INSERT INTO scaivault.groups AS g (tenant_id, id, name, status, deleted_at, upstream_at, last_synced_at)
VALUES (:p1, :p2, :p3, :p4, CASE WHEN :p5::boolean THEN now() END, to_timestamp(:p6::bigint / 1000000.0), now())
ON CONFLICT (tenant_id, id) DO UPDATE
   SET name = excluded.name, status = excluded.status,
       deleted_at = CASE WHEN :p5::boolean THEN coalesce(g.deleted_at, now()) END,
       upstream_at = excluded.upstream_at, last_synced_at = excluded.last_synced_at)sql";
constexpr auto write_membership = R"sql(
INSERT INTO scaivault.memberships AS m (tenant_id, group_id, user_id, membership_type, deleted_at, upstream_at, added_at)
VALUES (:p1, :p2, :p3, 'DIRECT', CASE WHEN :p4::boolean THEN now() END, to_timestamp(:p5::bigint / 1000000.0), now())
ON CONFLICT (tenant_id, user_id, group_id) DO UPDATE
   SET membership_type = CASE WHEN :p4::boolean THEN m.membership_type ELSE 'DIRECT' END,
       deleted_at = CASE WHEN NOT :p4::boolean THEN NULL
                         WHEN m.membership_type = 'DIRECT' THEN coalesce(m.deleted_at, now())
                         ELSE m.deleted_at END,
       upstream_at = excluded.upstream_at)sql";
constexpr auto drop_memberships = R"sql(
UPDATE scaivault.memberships SET deleted_at = now(), upstream_at = to_timestamp(:p3::bigint / 1000000.0)
 WHERE tenant_id = :p1 AND group_id = :p2 AND deleted_at IS NULL
   AND coalesce(upstream_at <= to_timestamp(:p3::bigint / 1000000.0), true))sql";

std::optional<std::int64_t> micros_of(const std::optional<scai::UtcTime>& time) {
    return time ? std::optional<std::int64_t>(time->time_since_epoch().count()) : std::nullopt;
}

template<class... Args>
std::optional<Row> row_of(Tx& tx, const char* sql, const Args&... args) {
    auto found =
        tx.maybe<std::string, std::string, std::string, bool, std::optional<std::int64_t>>(sql, args...);
    if (!found)
        return std::nullopt;
    Row out;
    out.name = std::move(std::get<0>(*found));
    out.email = std::move(std::get<1>(*found));
    out.status = std::move(std::get<2>(*found));
    out.deleted = std::get<3>(*found);
    out.upstream_at = time_of(std::get<4>(*found));
    return out;
}

} // namespace

std::optional<bool> record(Tx& tx, const Event& event, bool handled) {
    tx.run(forget_old);
    if (tx.run(insert_event, event.id, event.type, event.tenant_id, handled) == 1)
        return std::nullopt;
    return tx.one<bool>(find_event, event.id);
}

void settle(Tx& tx, const Event& event, std::string_view outcome) {
    tx.run(settle_event, event.id, outcome, event.tenant_id);
}

std::optional<TenantState> tenant(Tx& tx, const std::string& id) {
    auto found = tx.maybe<std::string, std::string, std::string, bool, std::optional<std::int64_t>,
                          std::optional<std::int64_t>, bool>(find_tenant, id);
    if (!found)
        return std::nullopt;
    TenantState out;
    out.row.name = std::move(std::get<0>(*found));
    out.row.slug = std::move(std::get<1>(*found));
    out.row.status = std::move(std::get<2>(*found));
    out.row.deleted = std::get<3>(*found);
    out.row.upstream_at = time_of(std::get<4>(*found));
    out.swept_at = time_of(std::get<5>(*found));
    out.nested = std::get<6>(*found);
    return out;
}

std::optional<Row> user(Tx& tx, const std::string& tenant, const std::string& id) {
    return row_of(tx, find_user, tenant, id);
}
std::optional<Row> group(Tx& tx, const std::string& tenant, const std::string& id) {
    return row_of(tx, find_group, tenant, id);
}
std::optional<Row> membership(Tx& tx, const std::string& tenant, const std::string& group,
                              const std::string& user) {
    return row_of(tx, find_membership, tenant, group, user);
}

void put_tenant(Tx& tx, const std::string& id, const Row& row) {
    tx.run(write_tenant, id, row.name, row.slug, row.status, row.deleted, micros_of(row.upstream_at));
}
void put_user(Tx& tx, const std::string& tenant, const std::string& id, const Row& row) {
    tx.run(write_user, tenant, id, row.name, row.email, row.status, row.deleted, micros_of(row.upstream_at));
}
void put_group(Tx& tx, const std::string& tenant, const std::string& id, const Row& row) {
    tx.run(write_group, tenant, id, row.name, row.status, row.deleted, micros_of(row.upstream_at));
}
void put_membership(Tx& tx, const std::string& tenant, const std::string& group, const std::string& user,
                    const Row& row) {
    tx.run(write_membership, tenant, group, user, row.deleted, micros_of(row.upstream_at));
}
void drop_members(Tx& tx, const std::string& tenant, const std::string& group, scai::UtcTime at) {
    tx.run(drop_memberships, tenant, group, micros_of(at));
}

} // namespace scaivault::identity::store
