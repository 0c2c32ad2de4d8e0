// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/bunkers/store.hpp"

namespace scaigrid::bunkers::store {

using scai::db::Reader;
using scai::db::Tx;

namespace {

using S = std::string;
using I = std::int64_t;

constexpr const char* take_turn_sql =
    "SELECT pg_advisory_xact_lock(hashtextextended('scaigrid.bunkers ' || :p1, 0))::text";

constexpr const char* usage_sql = R"(
SELECT count(*), coalesce(sum(b.cpu_millicores), 0)::bigint, coalesce(sum(b.memory_mb), 0)::bigint,
       coalesce(sum(b.disk_mb), 0)::bigint, coalesce(sum(b.gpu_count), 0)::bigint
  FROM scaigrid.bunkers b
 WHERE b.tenant_id = :p1 AND b.status NOT IN ('terminated', 'failed'))";

constexpr const char* insert_sql = R"(
INSERT INTO scaigrid.bunkers AS b (tenant_id, id, name, image, lifecycle_mode, network_profile, network_allowlist,
                                   interfaces, cpu_millicores, memory_mb, disk_mb, gpu_count, gpu_type, bandwidth_mbit,
                                   max_lifetime_s, idle_timeout_s, session_type, session_ref, label_set, env_vars, status,
                                   created_by, due_at)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7::text[], :p8::text[], :p9::integer, :p10::integer, :p11::integer, :p12::integer,
        :p13, :p14::integer, :p15::bigint, :p16::bigint, :p17, :p18, :p19::json, :p20::json, 'running', :p21,
        clock_timestamp() + make_interval(secs => least(:p15::bigint, :p16::bigint)))
RETURNING scaigrid.bunker_json(b)::text)";

constexpr const char* find_sql = R"(
SELECT scaigrid.bunker_json(b)::text
  FROM scaigrid.bunkers b
 WHERE b.tenant_id = :p1 AND b.id = :p2)";

constexpr const char* lock_sql = R"(
SELECT b.status, scaigrid.bunker_json(b)::text
  FROM scaigrid.bunkers b
 WHERE b.tenant_id = :p1 AND b.id = :p2
   FOR UPDATE)";

constexpr const char* list_sql = R"(
SELECT scaigrid.bunker_json(b)::text, b.position
  FROM scaigrid.bunkers b
 WHERE b.tenant_id = :p1 AND b.position > :p4::bigint
   AND (b.status = :p2 OR (:p2 = '' AND b.status NOT IN ('terminated', 'failed')))
   AND (:p3 = '' OR b.lifecycle_mode = :p3)
 ORDER BY b.position
 LIMIT :p5::bigint)";

constexpr const char* list_all_sql = R"(
SELECT scaigrid.bunker_json(b)::text, b.position
  FROM scaigrid.bunkers b
 WHERE b.position > :p3::bigint
   AND (b.status = :p1 OR (:p1 = '' AND b.status NOT IN ('terminated', 'failed')))
   AND (:p2 = '' OR b.lifecycle_mode = :p2)
 ORDER BY b.position
 LIMIT :p4::bigint)";

constexpr const char* set_status_sql = R"(
UPDATE scaigrid.bunkers b
   SET status = :p3, status_reason = :p4, updated_at = clock_timestamp(), last_active_at = clock_timestamp(),
       terminated_at = CASE WHEN :p3 = 'terminated' THEN clock_timestamp() END,
       due_at = CASE :p3 WHEN 'running' THEN least(b.created_at + make_interval(secs => b.max_lifetime_s),
                                                   clock_timestamp() + make_interval(secs => b.idle_timeout_s))
                         WHEN 'paused' THEN b.created_at + make_interval(secs => b.max_lifetime_s) END
 WHERE b.tenant_id = :p1 AND b.id = :p2
RETURNING scaigrid.bunker_json(b)::text)";

constexpr const char* snapshot_sql = R"(
UPDATE scaigrid.bunkers b
   SET snapshots = b.snapshots + 1, last_snapshot_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE b.tenant_id = :p1 AND b.id = :p2
RETURNING scaigrid.bunker_json(b)::text)";

constexpr const char* due_sql = R"(
SELECT b.tenant_id, b.id
  FROM scaigrid.bunkers b
 WHERE b.due_at <= statement_timestamp()
 ORDER BY b.due_at
 LIMIT :p1::bigint
   FOR UPDATE SKIP LOCKED)";

constexpr const char* end_due_sql = R"(
WITH due AS (
    SELECT b.tenant_id, b.id,
           b.created_at + make_interval(secs => b.max_lifetime_s) <= clock_timestamp() AS too_old, b.lifecycle_mode
      FROM unnest(:p1::text[], :p2::text[]) AS n (tenant_id, id)
      JOIN scaigrid.bunkers b ON b.tenant_id = n.tenant_id AND b.id = n.id)
UPDATE scaigrid.bunkers b
   SET status = CASE WHEN d.too_old OR d.lifecycle_mode = 'ephemeral' THEN 'terminated' ELSE 'paused' END,
       status_reason = CASE WHEN d.too_old THEN 'max_lifetime_s is over' ELSE 'idle for idle_timeout_s' END,
       terminated_at = CASE WHEN d.too_old OR d.lifecycle_mode = 'ephemeral' THEN clock_timestamp() END,
       updated_at = clock_timestamp(),
       due_at = CASE WHEN d.too_old OR d.lifecycle_mode = 'ephemeral' THEN NULL
                     ELSE b.created_at + make_interval(secs => b.max_lifetime_s) END
  FROM due d
 WHERE b.tenant_id = d.tenant_id AND b.id = d.id
RETURNING b.status)";

constexpr const char* purge_sql = R"(
DELETE FROM scaigrid.bunkers b
 WHERE (b.tenant_id, b.id) IN (SELECT o.tenant_id, o.id
                                 FROM scaigrid.bunkers o
                                WHERE o.terminated_at < clock_timestamp() - make_interval(days => :p1::integer)
                                LIMIT :p2::bigint))";

std::vector<std::pair<S, I>> pairs_of(std::vector<std::tuple<S, I>> rows) {
    std::vector<std::pair<S, I>> out;
    for (auto& [object, position] : rows)
        out.emplace_back(std::move(object), position);
    return out;
}

std::string text_of(const scai::json::Value& object) {
    return object.is_object() ? object.dump() : "{}";
}

} // namespace

void take_turn(Tx& tx, std::string_view tenant) {
    tx.maybe<S>(take_turn_sql, tenant);
}

Usage usage(Reader& db, std::string_view tenant) {
    const auto [count, cpu, memory, disk, gpu] = db.one<I, I, I, I, I>(usage_sql, tenant);
    return {count, cpu, memory, disk, gpu};
}

std::string insert(Tx& tx, std::string_view tenant, std::string_view id, const Wanted& wanted,
                   std::string_view by) {
    return tx.one<S>(insert_sql, tenant, id, wanted.name, wanted.image, wanted.lifecycle_mode,
                     wanted.network_profile, wanted.network_allowlist, wanted.interfaces,
                     wanted.cpu_millicores, wanted.memory_mb, wanted.disk_mb, wanted.gpu_count,
                     wanted.gpu_type, wanted.bandwidth_mbit, wanted.max_lifetime_s, wanted.idle_timeout_s,
                     wanted.session_type, wanted.session_ref, text_of(wanted.labels),
                     text_of(wanted.env_vars), by);
}

std::optional<std::string> find(Reader& db, std::string_view tenant, std::string_view id) {
    return db.maybe<S>(find_sql, tenant, id);
}

std::optional<std::pair<std::string, std::string>> lock(Tx& tx, std::string_view tenant,
                                                        std::string_view id) {
    auto row = tx.maybe<S, S>(lock_sql, tenant, id);
    if (!row)
        return std::nullopt;
    return std::pair(std::get<0>(*row), std::get<1>(*row));
}

std::vector<std::pair<std::string, std::int64_t>> list(Reader& db, const Filter& filter, std::int64_t after,
                                                       std::int64_t limit) {
    if (filter.tenant.empty())
        return pairs_of(db.all<S, I>(list_all_sql, filter.status, filter.lifecycle, after, limit));
    return pairs_of(db.all<S, I>(list_sql, filter.tenant, filter.status, filter.lifecycle, after, limit));
}

std::string set_status(Tx& tx, std::string_view tenant, std::string_view id, std::string_view status,
                       std::string_view reason) {
    return tx.one<S>(set_status_sql, tenant, id, status, reason);
}

std::string snapshot(Tx& tx, std::string_view tenant, std::string_view id) {
    return tx.one<S>(snapshot_sql, tenant, id);
}

Ended end_due(Tx& tx, std::int64_t limit) {
    Ended out;
    std::vector<S> tenants, ids;
    for (auto& [tenant, id] : tx.all<S, S>(due_sql, limit)) {
        tenants.push_back(std::move(tenant));
        ids.push_back(std::move(id));
    }
    if (ids.empty())
        return out;
    for (const auto& status : tx.all<S>(end_due_sql, tenants, ids))
        ++(status == "paused" ? out.paused : out.terminated);
    return out;
}

std::int64_t purge(Tx& tx, std::int64_t days, std::int64_t limit) {
    return tx.run(purge_sql, days, limit);
}

} // namespace scaigrid::bunkers::store
