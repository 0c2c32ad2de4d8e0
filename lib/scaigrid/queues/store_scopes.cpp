// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/queues/store.hpp"

namespace scaigrid::queues::store {

using scai::db::Reader;
using scai::db::Tx;

namespace {

using S = std::string;
using I = std::int64_t;

constexpr const char* find_scope_sql = R"(
SELECT s.id, s.state, scaigrid.scope_json(s)::text
  FROM scaigrid.queue_scopes s
 WHERE s.tenant_id = :p1 AND (s.id = :p2 OR s.slug = :p2)
 ORDER BY s.id = :p2 DESC
 LIMIT 1)";

constexpr const char* lock_scope_sql = R"(
SELECT s.id, s.state, scaigrid.scope_json(s)::text
  FROM scaigrid.queue_scopes s
 WHERE s.tenant_id = :p1 AND (s.id = :p2 OR s.slug = :p2)
 ORDER BY s.id = :p2 DESC
 LIMIT 1
   FOR UPDATE)";

constexpr const char* list_scopes_sql = R"(
SELECT scaigrid.scope_json(s)::text, s.slug
  FROM scaigrid.queue_scopes s
 WHERE s.tenant_id = :p1 AND s.slug > :p2
 ORDER BY s.slug
 LIMIT :p3::bigint)";

constexpr const char* insert_scope_sql = R"(
INSERT INTO scaigrid.queue_scopes AS s (tenant_id, id, slug, display_name, description, created_by)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6)
    ON CONFLICT (tenant_id, slug) DO NOTHING
RETURNING scaigrid.scope_json(s)::text)";

constexpr const char* update_scope_sql = R"(
UPDATE scaigrid.queue_scopes s
   SET display_name = :p3, description = :p4, updated_at = clock_timestamp()
 WHERE s.tenant_id = :p1 AND s.id = :p2
RETURNING scaigrid.scope_json(s)::text)";

constexpr const char* scope_state_sql = R"(
UPDATE scaigrid.queue_scopes s
   SET state = :p3, updated_at = clock_timestamp()
 WHERE s.tenant_id = :p1 AND s.id = :p2
RETURNING scaigrid.scope_json(s)::text)";

constexpr const char* open_in_scope_sql = R"(
SELECT coalesce(sum(d.pending + d.claimed), 0)::bigint
  FROM scaigrid.queues q
  JOIN scaigrid.queue_depths d ON d.tenant_id = q.tenant_id AND d.queue_id = q.id
 WHERE q.tenant_id = :p1 AND q.scope_id = :p2)";

constexpr const char* delete_scope_keys_sql = R"(
DELETE FROM scaigrid.message_keys k
 USING scaigrid.queues q
 WHERE q.tenant_id = :p1 AND q.scope_id = :p2 AND k.tenant_id = q.tenant_id AND k.queue_id = q.id)";
constexpr const char* delete_scope_messages_sql =
    "DELETE FROM scaigrid.messages WHERE tenant_id = :p1 AND scope_id = :p2";
constexpr const char* delete_scope_patterns_sql =
    "DELETE FROM scaigrid.hitl_patterns WHERE tenant_id = :p1 AND scope_id = :p2";
constexpr const char* delete_scope_queues_sql =
    "DELETE FROM scaigrid.queues WHERE tenant_id = :p1 AND scope_id = :p2";
constexpr const char* delete_scope_sql =
    "DELETE FROM scaigrid.queue_scopes WHERE tenant_id = :p1 AND id = :p2";

constexpr const char* find_queue_sql = R"(
SELECT q.id, q.scope_id, q.slug, q.state, q.system, scaigrid.queue_json(q)::text
  FROM scaigrid.queue_scopes s
  JOIN scaigrid.queues q ON q.tenant_id = s.tenant_id AND q.scope_id = s.id AND (q.id = :p3 OR q.slug = :p3)
 WHERE s.tenant_id = :p1 AND (s.id = :p2 OR s.slug = :p2)
 ORDER BY s.id = :p2 DESC, q.id = :p3 DESC
 LIMIT 1)";

constexpr const char* lock_queue_sql = R"(
SELECT q.id, q.scope_id, q.slug, q.state, q.system, scaigrid.queue_json(q)::text
  FROM scaigrid.queue_scopes s
  JOIN scaigrid.queues q ON q.tenant_id = s.tenant_id AND q.scope_id = s.id AND (q.id = :p3 OR q.slug = :p3)
 WHERE s.tenant_id = :p1 AND (s.id = :p2 OR s.slug = :p2)
 ORDER BY s.id = :p2 DESC, q.id = :p3 DESC
 LIMIT 1
   FOR UPDATE OF q)";

constexpr const char* list_queues_sql = R"(
SELECT scaigrid.queue_json(q)::text, q.slug
  FROM scaigrid.queues q
 WHERE q.tenant_id = :p1 AND q.scope_id = :p2 AND q.slug > :p3
 ORDER BY q.slug
 LIMIT :p4::bigint)";

constexpr const char* insert_queue_sql = R"(
INSERT INTO scaigrid.queues AS q (tenant_id, id, scope_id, slug, display_name, description, ordering, consumer_mode,
                                  max_retries, visibility_timeout_s, max_depth, overflow_policy, system, created_by)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9::integer, :p10::integer, :p11::bigint, :p12, :p13::boolean, :p14)
    ON CONFLICT (tenant_id, scope_id, slug) DO NOTHING
RETURNING scaigrid.queue_json(q)::text)";

constexpr const char* update_queue_sql = R"(
UPDATE scaigrid.queues q
   SET display_name = :p3, description = :p4, max_retries = :p5::integer, visibility_timeout_s = :p6::integer,
       max_depth = :p7::bigint, overflow_policy = :p8, updated_at = clock_timestamp()
 WHERE q.tenant_id = :p1 AND q.id = :p2
RETURNING scaigrid.queue_json(q)::text)";

constexpr const char* queue_state_sql = R"(
UPDATE scaigrid.queues q
   SET state = :p3, updated_at = clock_timestamp()
 WHERE q.tenant_id = :p1 AND q.id = :p2
RETURNING scaigrid.queue_json(q)::text)";

constexpr const char* open_in_queue_sql = R"(
SELECT coalesce(sum(d.pending + d.claimed), 0)::bigint
  FROM scaigrid.queue_depths d
 WHERE d.tenant_id = :p1 AND d.queue_id = :p2)";

constexpr const char* delete_queue_keys_sql =
    "DELETE FROM scaigrid.message_keys WHERE tenant_id = :p1 AND queue_id = :p2";
constexpr const char* delete_queue_messages_sql =
    "DELETE FROM scaigrid.messages WHERE tenant_id = :p1 AND queue_id = :p2";
constexpr const char* delete_queue_sql = "DELETE FROM scaigrid.queues WHERE tenant_id = :p1 AND id = :p2";

constexpr const char* insert_pattern_sql = R"(
INSERT INTO scaigrid.hitl_patterns AS p (tenant_id, scope_id, name, version, id, spec, created_by)
SELECT :p1, :p2, :p3,
       CASE WHEN :p4::integer > 0 THEN :p4::integer
            ELSE 1 + coalesce((SELECT max(o.version) FROM scaigrid.hitl_patterns o
                                WHERE o.tenant_id = :p1 AND o.scope_id = :p2 AND o.name = :p3), 0) END,
       :p5, :p6::json, :p7
    ON CONFLICT (tenant_id, scope_id, name, version) DO NOTHING
RETURNING scaigrid.pattern_json(p)::text)";

constexpr const char* find_pattern_sql = R"(
SELECT scaigrid.pattern_json(p)::text
  FROM scaigrid.hitl_patterns p
 WHERE p.tenant_id = :p1 AND p.scope_id = :p2 AND p.name = :p3 AND (:p4::bigint = 0 OR p.version = :p4::bigint)
 ORDER BY p.version DESC
 LIMIT 1)";

constexpr const char* list_patterns_sql = R"(
SELECT scaigrid.pattern_json(p)::text
  FROM scaigrid.hitl_patterns p
 WHERE p.tenant_id = :p1 AND p.scope_id = :p2
 ORDER BY p.name, p.version
 LIMIT 1000)";

constexpr const char* note_sql = R"(
INSERT INTO scaigrid.queue_audit (tenant_id, scope_id, queue_id, message_id, correlation_id, action, actor, detail)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8::json))";

constexpr const char* scope_trail_sql = R"(
SELECT scaigrid.audit_json(a)::text, a.id
  FROM scaigrid.queue_audit a
 WHERE a.tenant_id = :p1 AND a.scope_id = :p2 AND a.id > :p3::bigint
 ORDER BY a.id
 LIMIT :p4::bigint)";

constexpr const char* chain_trail_sql = R"(
SELECT scaigrid.audit_json(a)::text, a.id
  FROM scaigrid.queue_audit a
 WHERE a.tenant_id = :p1 AND a.correlation_id = :p5 AND (:p2 = '' OR a.scope_id = :p2) AND a.id > :p3::bigint
 ORDER BY a.id
 LIMIT :p4::bigint)";

std::optional<ScopeRow> scope_of(std::optional<std::tuple<S, S, S>> row) {
    if (!row)
        return std::nullopt;
    auto& [id, state, object] = *row;
    return ScopeRow{std::move(id), std::move(state), std::move(object)};
}

std::optional<QueueRow> queue_of(std::optional<std::tuple<S, S, S, S, bool, S>> row) {
    if (!row)
        return std::nullopt;
    auto& [id, scope, slug, state, system, object] = *row;
    return QueueRow{std::move(id),    std::move(scope),  std::move(slug),
                    std::move(state), std::move(object), system};
}

std::vector<std::pair<S, S>> pairs_of(std::vector<std::tuple<S, S>> rows) {
    std::vector<std::pair<S, S>> out;
    for (auto& [object, key] : rows)
        out.emplace_back(std::move(object), std::move(key));
    return out;
}

} // namespace

std::optional<ScopeRow> find_scope(Reader& db, std::string_view tenant, std::string_view ref) {
    return scope_of(db.maybe<S, S, S>(find_scope_sql, tenant, ref));
}

std::optional<ScopeRow> lock_scope(Tx& tx, std::string_view tenant, std::string_view ref) {
    return scope_of(tx.maybe<S, S, S>(lock_scope_sql, tenant, ref));
}

std::vector<std::pair<S, S>> list_scopes(Reader& db, std::string_view tenant, std::string_view after,
                                         std::int64_t limit) {
    return pairs_of(db.all<S, S>(list_scopes_sql, tenant, after, limit));
}

std::optional<std::string> insert_scope(Tx& tx, std::string_view tenant, std::string_view id,
                                        const ScopeFields& fields, std::string_view by) {
    return tx.maybe<S>(insert_scope_sql, tenant, id, fields.slug, fields.display_name, fields.description,
                       by);
}

std::string update_scope(Tx& tx, std::string_view tenant, std::string_view id, const ScopeFields& fields) {
    return tx.one<S>(update_scope_sql, tenant, id, fields.display_name, fields.description);
}

std::string set_scope_state(Tx& tx, std::string_view tenant, std::string_view id, std::string_view state) {
    return tx.one<S>(scope_state_sql, tenant, id, state);
}

std::int64_t open_messages_of_scope(Reader& db, std::string_view tenant, std::string_view id) {
    return db.one<I>(open_in_scope_sql, tenant, id);
}

void delete_scope(Tx& tx, std::string_view tenant, std::string_view id) {
    for (const char* statement : {delete_scope_keys_sql, delete_scope_messages_sql, delete_scope_patterns_sql,
                                  delete_scope_queues_sql, delete_scope_sql})
        tx.run(statement, tenant, id);
}

std::optional<QueueRow> find_queue(Reader& db, std::string_view tenant, std::string_view scope,
                                   std::string_view ref) {
    return queue_of(db.maybe<S, S, S, S, bool, S>(find_queue_sql, tenant, scope, ref));
}

std::optional<QueueRow> lock_queue(Tx& tx, std::string_view tenant, std::string_view scope,
                                   std::string_view ref) {
    return queue_of(tx.maybe<S, S, S, S, bool, S>(lock_queue_sql, tenant, scope, ref));
}

std::vector<std::pair<S, S>> list_queues(Reader& db, std::string_view tenant, std::string_view scope_id,
                                         std::string_view after, std::int64_t limit) {
    return pairs_of(db.all<S, S>(list_queues_sql, tenant, scope_id, after, limit));
}

std::optional<std::string> insert_queue(Tx& tx, std::string_view tenant, std::string_view scope_id,
                                        std::string_view id, const QueueFields& fields, bool system,
                                        std::string_view by) {
    return tx.maybe<S>(insert_queue_sql, tenant, id, scope_id, fields.slug, fields.display_name,
                       fields.description, fields.ordering, fields.consumer_mode, fields.max_retries,
                       fields.visibility_timeout_s, fields.max_depth, fields.overflow_policy, system, by);
}

std::string update_queue(Tx& tx, std::string_view tenant, std::string_view id, const QueueFields& fields) {
    return tx.one<S>(update_queue_sql, tenant, id, fields.display_name, fields.description,
                     fields.max_retries, fields.visibility_timeout_s, fields.max_depth,
                     fields.overflow_policy);
}

std::string set_queue_state(Tx& tx, std::string_view tenant, std::string_view id, std::string_view state) {
    return tx.one<S>(queue_state_sql, tenant, id, state);
}

std::int64_t open_messages_of_queue(Reader& db, std::string_view tenant, std::string_view id) {
    return db.one<I>(open_in_queue_sql, tenant, id);
}

void delete_queue(Tx& tx, std::string_view tenant, std::string_view id) {
    for (const char* statement : {delete_queue_keys_sql, delete_queue_messages_sql, delete_queue_sql})
        tx.run(statement, tenant, id);
}

std::optional<std::string> insert_pattern(Tx& tx, std::string_view tenant, std::string_view scope_id,
                                          std::string_view id, std::string_view name, std::int64_t version,
                                          const std::string& spec, std::string_view by) {
    return tx.maybe<S>(insert_pattern_sql, tenant, scope_id, name, version, id, spec, by);
}

std::optional<std::string> find_pattern(Reader& db, std::string_view tenant, std::string_view scope_id,
                                        std::string_view name, std::int64_t version) {
    return db.maybe<S>(find_pattern_sql, tenant, scope_id, name, version);
}

std::vector<std::string> list_patterns(Reader& db, std::string_view tenant, std::string_view scope_id) {
    return db.all<S>(list_patterns_sql, tenant, scope_id);
}

void note(Tx& tx, std::string_view tenant, const TrailEntry& entry) {
    tx.run(note_sql, tenant, entry.scope_id, entry.queue_id, entry.message_id, entry.correlation_id,
           entry.action, entry.actor, entry.detail);
}

Page list_trail(Reader& db, std::string_view tenant, std::string_view scope_id,
                std::string_view correlation_id, std::int64_t after, std::int64_t limit) {
    Page out;
    auto rows = correlation_id.empty()
                    ? db.all<S, I>(scope_trail_sql, tenant, scope_id, after, limit)
                    : db.all<S, I>(chain_trail_sql, tenant, scope_id, after, limit, correlation_id);
    for (auto& [object, id] : rows)
        out.emplace_back(std::move(object), id);
    return out;
}

} // namespace scaigrid::queues::store
