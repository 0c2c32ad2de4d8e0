// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/rotation/store.hpp"

#include <tuple>

namespace scaivault::rotation::store {

using scai::db::Tx;
using scai::json::Value;

namespace {

using S = std::string;

constexpr std::size_t id_length = 20;

constexpr const char* heal_links_sql = R"(
INSERT INTO scaivault.rotation_schedules AS r (tenant_id, path, policy_id, assigned_at, assigned_by, next_rotation_at, look_at)
SELECT s.tenant_id, s.path, p.id, s.updated_at, s.updated_by, s.updated_at + make_interval(secs => p.interval_seconds),
       to_timestamp(0)
  FROM scaivault.secrets s
  JOIN scaivault.rotation_policies p ON p.tenant_id = s.tenant_id AND p.id = s.rotation_policy_id
  LEFT JOIN scaivault.rotation_schedules o ON o.tenant_id = s.tenant_id AND o.path = s.path
 WHERE s.rotation_policy_id IS NOT NULL AND s.deleted_at IS NULL AND (o.path IS NULL OR o.policy_id <> p.id)
    ON CONFLICT (tenant_id, path) DO UPDATE
       SET policy_id = excluded.policy_id, assigned_at = excluded.assigned_at, assigned_by = excluded.assigned_by,
           next_rotation_at = excluded.next_rotation_at, warned = NULL, due_sent = false, overdue_sent = false,
           open_history = NULL, failures = 0, look_at = excluded.look_at)";

constexpr const char* heal_gone_sql = R"(
DELETE FROM scaivault.rotation_schedules r
 WHERE NOT EXISTS (SELECT
                     FROM scaivault.secrets s
                    WHERE s.tenant_id = r.tenant_id AND s.path = r.path AND s.rotation_policy_id = r.policy_id))";

constexpr const char* lock_sql = R"(
SELECT r.tenant_id, coalesce(t.partner_id, ''), r.path, r.policy_id,
       (extract(epoch FROM r.next_rotation_at) * 1000000)::bigint, r.warned, r.due_sent, r.overdue_sent,
       coalesce(r.open_history, ''), r.failures, s.secret_type, array_to_json(s.tags)::text, s.version
  FROM scaivault.rotation_schedules r
  JOIN scaivault.secrets s ON s.tenant_id = r.tenant_id AND s.path = r.path AND s.rotation_policy_id = r.policy_id
                          AND s.deleted_at IS NULL
  LEFT JOIN scaivault.tenants t ON t.id = r.tenant_id
 WHERE r.tenant_id = :p1 AND r.path = :p2
   FOR UPDATE OF r)";

constexpr const char* lock_due_sql = R"(
SELECT r.tenant_id, coalesce(t.partner_id, ''), r.path, r.policy_id,
       (extract(epoch FROM r.next_rotation_at) * 1000000)::bigint, r.warned, r.due_sent, r.overdue_sent,
       coalesce(r.open_history, ''), r.failures, s.secret_type, array_to_json(s.tags)::text, s.version
  FROM scaivault.rotation_schedules r
  JOIN scaivault.rotation_policies p ON p.tenant_id = r.tenant_id AND p.id = r.policy_id AND p.is_active
  JOIN scaivault.secrets s ON s.tenant_id = r.tenant_id AND s.path = r.path AND s.rotation_policy_id = r.policy_id
                          AND s.deleted_at IS NULL
  LEFT JOIN scaivault.tenants t ON t.id = r.tenant_id
 WHERE r.look_at <= :p1::timestamptz
 ORDER BY r.look_at
 LIMIT :p2::bigint
   FOR UPDATE OF r SKIP LOCKED)";

constexpr const char* save_sql = R"(
UPDATE scaivault.rotation_schedules r
   SET warned = :p3::bigint, due_sent = :p4::boolean, overdue_sent = :p5::boolean, open_history = nullif(:p6, ''),
       failures = :p7::integer, look_at = :p8::timestamptz
 WHERE r.tenant_id = :p1 AND r.path = :p2)";

constexpr const char* advance_sql = R"(
UPDATE scaivault.rotation_schedules r
   SET last_rotated_at = :p3::timestamptz, next_rotation_at = :p3::timestamptz + make_interval(secs => :p4::bigint),
       warned = NULL, due_sent = false, overdue_sent = false, open_history = NULL, failures = 0, look_at = to_timestamp(0)
 WHERE r.tenant_id = :p1 AND r.path = :p2)";

constexpr const char* open_sql = R"(
INSERT INTO scaivault.rotation_history (tenant_id, id, policy_id, path, cause, old_version, due_at, started_at)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6::bigint, :p7::timestamptz, :p8::timestamptz))";

constexpr const char* close_sql = R"(
UPDATE scaivault.rotation_history h
   SET status = :p3, new_version = :p4::bigint, error = nullif(:p5, ''), completed_at = :p6::timestamptz
 WHERE h.tenant_id = :p1 AND h.id = :p2 AND h.status = 'pending')";

using ScheduleRow =
    std::tuple<S, S, S, S, std::int64_t, std::optional<std::int64_t>, bool, bool, S, int, S, S, std::int64_t>;

/// nullopt when the policy went meanwhile.
std::optional<Schedule> schedule_of(Tx& tx, ScheduleRow row) {
    auto& [tenant, partner, path, policy, next, warned, due, overdue, open, failures, type, tags, version] =
        row;
    auto found = find_policy(tx, tenant, policy);
    if (!found)
        return std::nullopt;
    Schedule out;
    out.tenant_id = std::move(tenant);
    out.partner_id = std::move(partner);
    out.path = std::move(path);
    out.policy = std::move(*found);
    out.next = scai::UtcTime(std::chrono::microseconds(next));
    out.warned = warned;
    out.due_sent = due;
    out.overdue_sent = overdue;
    out.open_history = std::move(open);
    out.failures = failures;
    out.secret_type = std::move(type);
    if (const auto list = scai::json::parse(tags))
        list->each_item([&](const Value& tag) { out.tags.push_back(tag.text_or("")); });
    out.version = version;
    return out;
}

} // namespace

std::int64_t heal(Tx& tx) {
    return tx.run(heal_links_sql) + tx.run(heal_gone_sql);
}

std::optional<Schedule> lock(Tx& tx, std::string_view tenant_id, std::string_view path) {
    auto row = tx.maybe<S, S, S, S, std::int64_t, std::optional<std::int64_t>, bool, bool, S, int, S, S,
                        std::int64_t>(lock_sql, tenant_id, path);
    if (!row)
        return std::nullopt;
    return schedule_of(tx, std::move(*row));
}

std::vector<Schedule> lock_due(Tx& tx, scai::UtcTime now, std::int64_t limit) {
    std::vector<Schedule> out;
    for (auto& row : tx.all<S, S, S, S, std::int64_t, std::optional<std::int64_t>, bool, bool, S, int, S, S,
                            std::int64_t>(lock_due_sql, scai::to_iso8601(now), limit))
        if (auto schedule = schedule_of(tx, std::move(row)))
            out.push_back(std::move(*schedule));
    return out;
}

void save(Tx& tx, const Schedule& schedule, scai::UtcTime look_at) {
    tx.run(save_sql, schedule.tenant_id, schedule.path, schedule.warned, schedule.due_sent,
           schedule.overdue_sent, schedule.open_history, schedule.failures, scai::to_iso8601(look_at));
}

void advance(Tx& tx, const Schedule& schedule, scai::UtcTime rotated_at) {
    tx.run(advance_sql, schedule.tenant_id, schedule.path, scai::to_iso8601(rotated_at),
           std::int64_t{schedule.policy.interval_length.count()});
}

std::string open_history(Tx& tx, const Schedule& schedule, std::string_view cause, scai::UtcTime now) {
    auto id = "rh_" + scai::crypto::random_id(id_length);
    tx.run(open_sql, schedule.tenant_id, id, schedule.policy.id, schedule.path, cause, schedule.version,
           scai::to_iso8601(schedule.next), scai::to_iso8601(now));
    return id;
}

void close_history(Tx& tx, std::string_view tenant_id, std::string_view id, std::string_view status,
                   std::optional<std::int64_t> new_version, std::string_view error, scai::UtcTime now) {
    tx.run(close_sql, tenant_id, id, status, new_version, error, scai::to_iso8601(now));
}

} // namespace scaivault::rotation::store
