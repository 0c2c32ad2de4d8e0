// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/rotation/store.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"

#include <tuple>

namespace scaivault::rotation::store {

using scai::db::Reader;
using scai::db::Tx;
using scai::json::Value;

namespace {

using S = std::string;
using Seconds = std::chrono::seconds;

constexpr const char* list_policies_sql = R"(
SELECT p.id, p.name, p.description, p.interval_text, p.interval_seconds, p.grace_text, p.grace_seconds, p.warn_before,
       array_to_json(p.warn_seconds)::text, p.auto_generate, p.secret_policy_id, array_to_json(p.webhook_ids)::text, p.is_active,
       (SELECT count(*)
          FROM scaivault.secrets s
         WHERE s.tenant_id = p.tenant_id AND s.rotation_policy_id = p.id AND s.deleted_at IS NULL),
       to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(p.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM scaivault.rotation_policies p
 WHERE p.tenant_id = :p1 AND p.id > :p2 AND (p.is_active OR NOT :p3::boolean)
 ORDER BY p.id
 LIMIT :p4::bigint)";

constexpr const char* find_policy_sql = R"(
SELECT p.id, p.name, p.description, p.interval_text, p.interval_seconds, p.grace_text, p.grace_seconds, p.warn_before,
       array_to_json(p.warn_seconds)::text, p.auto_generate, p.secret_policy_id, array_to_json(p.webhook_ids)::text, p.is_active,
       (SELECT count(*)
          FROM scaivault.secrets s
         WHERE s.tenant_id = p.tenant_id AND s.rotation_policy_id = p.id AND s.deleted_at IS NULL),
       to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(p.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM scaivault.rotation_policies p
 WHERE p.tenant_id = :p1 AND p.id = :p2)";

constexpr const char* insert_policy_sql = R"(
INSERT INTO scaivault.rotation_policies (tenant_id, id, name, description, interval_text, interval_seconds, grace_text,
                                         grace_seconds, warn_before, warn_seconds, auto_generate, secret_policy_id, webhook_ids,
                                         is_active, created_by)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6::bigint, :p7, :p8::bigint, :p9, :p10::bigint[], :p11::boolean, :p12, :p13::text[],
        :p14::boolean, :p15)
    ON CONFLICT (tenant_id, name) DO NOTHING
RETURNING to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))";

constexpr const char* update_policy_sql = R"(
UPDATE scaivault.rotation_policies p
   SET name = :p3, description = :p4, interval_text = :p5, interval_seconds = :p6::bigint, grace_text = :p7,
       grace_seconds = :p8::bigint, warn_before = :p9, warn_seconds = :p10::bigint[], auto_generate = :p11::boolean,
       secret_policy_id = :p12, webhook_ids = :p13::text[], is_active = :p14::boolean, updated_at = clock_timestamp()
 WHERE p.tenant_id = :p1 AND p.id = :p2
   AND NOT EXISTS (SELECT FROM scaivault.rotation_policies o WHERE o.tenant_id = :p1 AND o.name = :p3 AND o.id <> :p2)
RETURNING to_char(p.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))";

constexpr const char* unlink_all_sql = R"(
UPDATE scaivault.secrets s
   SET rotation_policy_id = NULL, revision = s.revision + 1
 WHERE s.tenant_id = :p1 AND s.rotation_policy_id = :p2)";

constexpr const char* remove_policy_sql =
    "DELETE FROM scaivault.rotation_policies WHERE tenant_id = :p1 AND id = :p2";

constexpr const char* reschedule_sql = R"(
UPDATE scaivault.rotation_schedules r
   SET next_rotation_at = coalesce(r.last_rotated_at, r.assigned_at) + make_interval(secs => p.interval_seconds),
       warned = NULL, due_sent = false, overdue_sent = false, look_at = to_timestamp(0)
  FROM scaivault.rotation_policies p
 WHERE r.tenant_id = :p1 AND r.policy_id = :p2 AND p.tenant_id = r.tenant_id AND p.id = r.policy_id)";

constexpr const char* wake_sql = R"(
UPDATE scaivault.rotation_schedules r
   SET look_at = to_timestamp(0)
 WHERE r.tenant_id = :p1 AND r.policy_id = :p2)";

constexpr const char* unknown_webhooks_sql = R"(
SELECT n.id
  FROM unnest(:p2::text[]) AS n (id)
 WHERE NOT EXISTS (SELECT FROM scaivault.webhooks w
                    WHERE w.tenant_id = :p1 AND w.id = n.id AND w.subscription_id IS NULL))";

constexpr const char* link_sql = R"(
UPDATE scaivault.secrets s
   SET rotation_policy_id = :p3, revision = s.revision + CASE WHEN s.rotation_policy_id = :p3 THEN 0 ELSE 1 END
 WHERE s.tenant_id = :p1 AND s.path = :p2 AND s.deleted_at IS NULL
RETURNING s.path)";

constexpr const char* schedule_sql = R"(
INSERT INTO scaivault.rotation_schedules AS r (tenant_id, path, policy_id, assigned_at, assigned_by, next_rotation_at, look_at)
SELECT p.tenant_id, :p2, p.id, :p5::timestamptz, :p4, :p5::timestamptz + make_interval(secs => p.interval_seconds), to_timestamp(0)
  FROM scaivault.rotation_policies p
 WHERE p.tenant_id = :p1 AND p.id = :p3
    ON CONFLICT (tenant_id, path) DO UPDATE
       SET policy_id = excluded.policy_id, assigned_at = excluded.assigned_at, assigned_by = excluded.assigned_by,
           next_rotation_at = excluded.next_rotation_at, warned = NULL, due_sent = false, overdue_sent = false,
           open_history = NULL, failures = 0, look_at = excluded.look_at
     WHERE r.policy_id <> excluded.policy_id)";

constexpr const char* assignment_sql = R"(
SELECT r.policy_id, r.path, to_char(r.assigned_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(r.next_rotation_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(r.last_rotated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM scaivault.rotation_schedules r
 WHERE r.tenant_id = :p1 AND r.path = :p2)";

constexpr const char* unlink_sql = R"(
UPDATE scaivault.secrets s
   SET rotation_policy_id = NULL, revision = s.revision + 1
 WHERE s.tenant_id = :p1 AND s.path = :p2 AND s.rotation_policy_id = :p3)";

constexpr const char* unschedule_sql =
    "DELETE FROM scaivault.rotation_schedules WHERE tenant_id = :p1 AND path = :p2 AND policy_id = :p3";

constexpr const char* paths_sql = R"(
SELECT s.path
  FROM scaivault.secrets s
 WHERE s.tenant_id = :p1 AND s.rotation_policy_id = :p2 AND s.deleted_at IS NULL
 ORDER BY s.path)";

constexpr const char* history_sql = R"(
SELECT h.id, h.policy_id, h.path, h.status, to_char(h.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), h.seq,
       h.old_version, h.new_version, to_char(h.completed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), h.error
  FROM scaivault.rotation_history h
 WHERE h.tenant_id = :p1 AND h.policy_id = :p2 AND (:p3 = '' OR h.status = :p3) AND (:p4::bigint = 0 OR h.seq < :p4::bigint)
 ORDER BY h.seq DESC
 LIMIT :p5::bigint)";

constexpr const char* find_history_sql = R"(
SELECT h.id, h.policy_id, h.path, h.status, to_char(h.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), h.seq,
       h.old_version, h.new_version, to_char(h.completed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), h.error
  FROM scaivault.rotation_history h
 WHERE h.tenant_id = :p1 AND h.id = :p2)";

constexpr const char* due_sql = R"(
SELECT r.path, r.policy_id, to_char(r.next_rotation_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       r.next_rotation_at + make_interval(secs => p.grace_seconds) < :p2::timestamptz, p.auto_generate,
       to_char(r.last_rotated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       (extract(epoch FROM r.next_rotation_at) * 1000000)::bigint
  FROM scaivault.rotation_schedules r
  JOIN scaivault.rotation_policies p ON p.tenant_id = r.tenant_id AND p.id = r.policy_id AND p.is_active
  JOIN scaivault.secrets s ON s.tenant_id = r.tenant_id AND s.path = r.path AND s.rotation_policy_id = r.policy_id
                          AND s.deleted_at IS NULL
 WHERE r.tenant_id = :p1 AND r.next_rotation_at <= :p2::timestamptz + make_interval(hours => :p3::integer)
   AND (:p4::boolean OR r.next_rotation_at + make_interval(secs => p.grace_seconds) >= :p2::timestamptz)
   AND (:p5 = '' OR r.policy_id = :p5)
   AND ((extract(epoch FROM r.next_rotation_at) * 1000000)::bigint, r.path) > (:p6::bigint, :p7)
 ORDER BY r.next_rotation_at, r.path
 LIMIT :p8::bigint)";

constexpr const char* queue_depth_sql =
    "SELECT count(*) FROM scaivault.rotation_schedules WHERE next_rotation_at <= now()";

Policy policy_of(std::tuple<S, S, S, S, std::int64_t, S, std::int64_t, S, S, bool, std::optional<S>, S, bool,
                            std::int64_t, S, S>
                     row) {
    auto& [id, name, description, interval, interval_seconds, grace, grace_seconds, warn, warns, automatic,
           recipe, hooks, active, secrets, created, updated] = row;
    Policy out;
    out.id = std::move(id);
    out.name = std::move(name);
    out.description = std::move(description);
    out.interval = std::move(interval);
    out.interval_length = Seconds(interval_seconds);
    out.grace_period = std::move(grace);
    out.grace_length = Seconds(grace_seconds);
    out.warn_before = std::move(warn);
    if (const auto list = scai::json::parse(warns))
        list->each_item([&](const Value& item) { out.warn_seconds.push_back(item.integer().value_or(0)); });
    out.auto_generate = automatic;
    out.secret_policy_id = std::move(recipe);
    if (const auto list = scai::json::parse(hooks))
        list->each_item([&](const Value& item) { out.webhook_ids.push_back(item.text_or("")); });
    out.is_active = active;
    out.secrets_count = secrets;
    out.created_at = std::move(created);
    out.updated_at = std::move(updated);
    return out;
}

HistoryItem history_of(std::tuple<S, S, S, S, S, std::int64_t, std::optional<std::int64_t>,
                                  std::optional<std::int64_t>, std::optional<S>, std::optional<S>>
                           row) {
    auto& [id, policy, path, status, started, seq, old_version, new_version, completed, error] = row;
    HistoryItem out;
    out.id = std::move(id);
    out.policy_id = std::move(policy);
    out.path = std::move(path);
    out.status = std::move(status);
    out.started_at = std::move(started);
    out.seq = seq;
    out.old_version = old_version;
    out.new_version = new_version;
    out.completed_at = std::move(completed);
    out.error = std::move(error);
    return out;
}

} // namespace

std::vector<Policy> list_policies(Reader& reader, std::string_view tenant_id, bool active_only,
                                  std::string_view after, std::int64_t limit) {
    std::vector<Policy> out;
    for (auto& row :
         reader.all<S, S, S, S, std::int64_t, S, std::int64_t, S, S, bool, std::optional<S>, S, bool,
                    std::int64_t, S, S>(list_policies_sql, tenant_id, after, active_only, limit))
        out.push_back(policy_of(std::move(row)));
    return out;
}

std::optional<Policy> find_policy(Reader& reader, std::string_view tenant_id, std::string_view id) {
    auto row = reader.maybe<S, S, S, S, std::int64_t, S, std::int64_t, S, S, bool, std::optional<S>, S, bool,
                            std::int64_t, S, S>(find_policy_sql, tenant_id, id);
    if (!row)
        return std::nullopt;
    return policy_of(std::move(*row));
}

bool insert_policy(Tx& tx, std::string_view tenant_id, std::string_view created_by, Policy& policy) {
    auto created = tx.maybe<S>(insert_policy_sql, tenant_id, policy.id, policy.name, policy.description,
                               policy.interval, std::int64_t{policy.interval_length.count()},
                               policy.grace_period, std::int64_t{policy.grace_length.count()},
                               policy.warn_before, policy.warn_seconds, policy.auto_generate,
                               policy.secret_policy_id, policy.webhook_ids, policy.is_active, created_by);
    if (!created)
        return false;
    policy.created_at = policy.updated_at = std::move(*created);
    return true;
}

bool update_policy(Tx& tx, std::string_view tenant_id, Policy& policy) {
    auto updated =
        tx.maybe<S>(update_policy_sql, tenant_id, policy.id, policy.name, policy.description, policy.interval,
                    std::int64_t{policy.interval_length.count()}, policy.grace_period,
                    std::int64_t{policy.grace_length.count()}, policy.warn_before, policy.warn_seconds,
                    policy.auto_generate, policy.secret_policy_id, policy.webhook_ids, policy.is_active);
    if (!updated)
        return false;
    policy.updated_at = std::move(*updated);
    return true;
}

bool remove_policy(Tx& tx, std::string_view tenant_id, std::string_view id) {
    tx.run(unlink_all_sql, tenant_id, id);
    return tx.run(remove_policy_sql, tenant_id, id) > 0;
}

void reschedule(Tx& tx, std::string_view tenant_id, std::string_view policy_id) {
    tx.run(reschedule_sql, tenant_id, policy_id);
}

void wake(Tx& tx, std::string_view tenant_id, std::string_view policy_id) {
    tx.run(wake_sql, tenant_id, policy_id);
}

std::vector<std::string> unknown_webhooks(Reader& reader, std::string_view tenant_id,
                                          const std::vector<std::string>& ids) {
    return reader.all<S>(unknown_webhooks_sql, tenant_id, ids);
}

std::optional<Assignment> assign(Tx& tx, std::string_view tenant_id, std::string_view path,
                                 std::string_view policy_id, std::string_view by, scai::UtcTime now) {
    if (!tx.maybe<S>(link_sql, tenant_id, path, policy_id))
        return std::nullopt;
    tx.run(schedule_sql, tenant_id, path, policy_id, by, scai::to_iso8601(now));
    auto [policy, where, assigned, next, last] =
        tx.one<S, S, S, S, std::optional<S>>(assignment_sql, tenant_id, path);
    return Assignment{.policy_id = std::move(policy),
                      .path = std::move(where),
                      .assigned_at = std::move(assigned),
                      .next_rotation_at = std::move(next),
                      .last_rotated_at = std::move(last)};
}

bool detach(Tx& tx, std::string_view tenant_id, std::string_view path, std::string_view policy_id) {
    const bool linked = tx.run(unlink_sql, tenant_id, path, policy_id) > 0;
    return tx.run(unschedule_sql, tenant_id, path, policy_id) > 0 || linked;
}

std::vector<std::string> paths_of(Reader& reader, std::string_view tenant_id, std::string_view policy_id) {
    return reader.all<S>(paths_sql, tenant_id, policy_id);
}

std::vector<HistoryItem> history(Reader& reader, std::string_view tenant_id, std::string_view policy_id,
                                 std::string_view status, std::int64_t before, std::int64_t limit) {
    std::vector<HistoryItem> out;
    for (auto& row : reader.all<S, S, S, S, S, std::int64_t, std::optional<std::int64_t>,
                                std::optional<std::int64_t>, std::optional<S>, std::optional<S>>(
             history_sql, tenant_id, policy_id, status, before, limit))
        out.push_back(history_of(std::move(row)));
    return out;
}

std::optional<HistoryItem> find_history(Reader& reader, std::string_view tenant_id, std::string_view id) {
    auto row =
        reader.maybe<S, S, S, S, S, std::int64_t, std::optional<std::int64_t>, std::optional<std::int64_t>,
                     std::optional<S>, std::optional<S>>(find_history_sql, tenant_id, id);
    if (!row)
        return std::nullopt;
    return history_of(std::move(*row));
}

std::vector<DueItem> due(Reader& reader, std::string_view tenant_id, const DueQuery& query,
                         scai::UtcTime now) {
    std::vector<DueItem> out;
    for (auto& [path, policy, at, overdue, automatic, last, us] :
         reader.all<S, S, S, bool, bool, std::optional<S>, std::int64_t>(
             due_sql, tenant_id, scai::to_iso8601(now), query.within_hours, query.include_overdue,
             query.policy_id, query.after_us, query.after_path, query.limit)) {
        DueItem item;
        item.path = std::move(path);
        item.policy_id = std::move(policy);
        item.due_at = std::move(at);
        item.is_overdue = overdue;
        item.auto_generate = automatic;
        item.last_rotated_at = std::move(last);
        item.due_us = us;
        out.push_back(std::move(item));
    }
    return out;
}

std::int64_t queue_depth(Reader& reader) {
    return reader.one<std::int64_t>(queue_depth_sql);
}

} // namespace scaivault::rotation::store
