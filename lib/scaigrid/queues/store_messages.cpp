// Publishing, claiming, reading. What happens to a claimed message is in store_claims.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "lib/json/value.hpp"
#include "lib/scaigrid/queues/store.hpp"

namespace scaigrid::queues::store {

using scai::db::Reader;
using scai::db::Tx;
using scai::json::Value;

namespace {

using S = std::string;
using I = std::int64_t;
using OptS = std::optional<std::string>;

constexpr const char* find_target_sql = R"(
SELECT q.id, q.scope_id, q.slug, s.slug, q.ordering, q.consumer_mode, q.overflow_policy, q.state, s.state, d.id,
       q.max_retries, q.visibility_timeout_s, q.max_depth
  FROM scaigrid.queue_scopes s
  JOIN scaigrid.queues q ON q.tenant_id = s.tenant_id AND q.scope_id = s.id AND (q.id = :p3 OR q.slug = :p3)
  JOIN scaigrid.queues d ON d.tenant_id = s.tenant_id AND d.scope_id = s.id AND d.slug = '_dead_letter'
 WHERE s.tenant_id = :p1 AND (s.id = :p2 OR s.slug = :p2)
 ORDER BY s.id = :p2 DESC, q.id = :p3 DESC
 LIMIT 1)";

constexpr const char* take_turn_sql = R"(
SELECT q.id
  FROM scaigrid.queues q
 WHERE q.tenant_id = :p1 AND q.id = :p2
   FOR NO KEY UPDATE)";

constexpr const char* depth_sql = R"(
SELECT coalesce(sum(d.pending), 0)::bigint
  FROM scaigrid.queue_depths d
 WHERE d.tenant_id = :p1 AND d.queue_id = :p2)";

constexpr const char* find_key_sql = R"(
SELECT k.message_id, k.body_hash
  FROM scaigrid.message_keys k
 WHERE k.tenant_id = :p1 AND k.queue_id = :p2 AND k.idempotency_key = :p3)";

constexpr const char* insert_key_sql = R"(
INSERT INTO scaigrid.message_keys (tenant_id, queue_id, idempotency_key, message_id, body_hash)
VALUES (:p1, :p2, :p3, :p4, :p5)
    ON CONFLICT (tenant_id, queue_id, idempotency_key) DO NOTHING)";

constexpr const char* insert_message_sql = R"(
WITH given AS (
    SELECT t.now, greatest(t.now + make_interval(secs => coalesce(:p16::bigint, 0)), :p17::timestamptz) AS visible_at,
           t.now + make_interval(secs => :p15::bigint) AS expires_at
      FROM (SELECT clock_timestamp() AS now) t),
stored AS (
    INSERT INTO scaigrid.messages (tenant_id, id, scope_id, queue_id, source_type, source_id, correlation_id, causation_id,
                                   parent_id, message_type, priority_tier, priority_score, labels, content_type, ttl_seconds,
                                   visible_at, expires_at, ready, body, deadline, idempotency_key, hitl_spec, rank,
                                   published_by, published_at, dead_lettered_from, dead_lettered_at, failure_reason)
    SELECT :p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9, :p10, :p11, :p12::integer, :p13::json, :p14, :p15::bigint,
           g.visible_at, g.expires_at, g.visible_at <= g.now, :p18::json, :p19::timestamptz, :p20, :p21::json, :p22::bigint,
           :p23, g.now, :p24::text, CASE WHEN :p24::text IS NOT NULL THEN g.now END, CASE WHEN :p24::text IS NOT NULL THEN 'queue full' END
      FROM given g
 RETURNING tenant_id, id, scope_id, queue_id, correlation_id, message_type, published_at)
INSERT INTO scaigrid.queue_audit (tenant_id, scope_id, queue_id, message_id, correlation_id, action, actor, detail)
SELECT m.tenant_id, m.scope_id, m.queue_id, m.id, m.correlation_id,
       CASE WHEN :p24::text IS NULL THEN 'message.published' ELSE 'message.dead_lettered' END, :p23,
       json_build_object('message_type', m.message_type, 'from', :p24::text)
  FROM stored m)";

constexpr const char* drop_first_sql = R"(
WITH first AS (
    SELECT m.id
      FROM scaigrid.messages m
     WHERE m.tenant_id = :p1 AND m.queue_id = :p2 AND m.consumer = '' AND m.state = 'pending' AND m.ready
     ORDER BY m.rank, m.position
     LIMIT 1
       FOR UPDATE SKIP LOCKED),
moved AS (
    UPDATE scaigrid.messages m
       SET queue_id = :p3, rank = 0, attempts = 0, failure_reason = 'queue full', dead_lettered_from = :p2,
           dead_lettered_at = clock_timestamp()
      FROM first f
     WHERE m.tenant_id = :p1 AND m.id = f.id
 RETURNING m.tenant_id, m.id, m.scope_id, m.correlation_id),
noted AS (
    INSERT INTO scaigrid.queue_audit (tenant_id, scope_id, queue_id, message_id, correlation_id, action, actor, detail)
    SELECT m.tenant_id, m.scope_id, :p2, m.id, m.correlation_id, 'message.dead_lettered', 'clock',
           json_build_object('reason', 'queue full')
      FROM moved m)
SELECT m.id
  FROM moved m)";

constexpr const char* copy_sql = R"(
WITH subscribed AS (
    INSERT INTO scaigrid.queue_subscriptions AS s (tenant_id, queue_id, consumer)
    VALUES (:p1, :p2, :p3)
        ON CONFLICT (tenant_id, queue_id, consumer) DO UPDATE SET consumer = excluded.consumer
 RETURNING s.position),
fresh AS (
    SELECT m.id, m.position
      FROM scaigrid.messages m
     WHERE m.tenant_id = :p1 AND m.queue_id = :p2 AND m.consumer = '' AND m.state = 'pending'
       AND m.position > (SELECT s.position FROM subscribed s)
     ORDER BY m.position
     LIMIT 200),
copied AS (
    INSERT INTO scaigrid.messages (tenant_id, id, scope_id, queue_id, consumer, source_type, source_id, correlation_id,
                                   causation_id, parent_id, message_type, priority_tier, priority_score, rank, labels,
                                   content_type, body, ttl_seconds, deadline, visible_at, expires_at, hitl_spec, ready,
                                   published_by, published_at)
    SELECT f.tenant_id, f.id || '_' || left(encode(sha256(convert_to(:p3, 'UTF8')), 'hex'), 16), f.scope_id, f.queue_id, :p3,
           f.source_type, f.source_id, f.correlation_id, f.causation_id, f.id, f.message_type, f.priority_tier,
           f.priority_score, f.rank, f.labels, f.content_type, f.body, f.ttl_seconds, f.deadline, f.visible_at,
           f.expires_at, f.hitl_spec, f.ready, f.published_by, f.published_at
      FROM fresh n
      JOIN scaigrid.messages f ON f.tenant_id = :p1 AND f.id = n.id
        ON CONFLICT (tenant_id, id) DO NOTHING)
SELECT coalesce((SELECT max(f.position) FROM fresh f), 0))";

constexpr const char* move_subscription_sql = R"(
UPDATE scaigrid.queue_subscriptions
   SET position = greatest(position, :p4::bigint)
 WHERE tenant_id = :p1 AND queue_id = :p2 AND consumer = :p3)";

// ANY (ARRAY(...)) and not a join: without knowing the limit the planner takes the set for a tenth of the
// table and reads all of it.
constexpr const char* claim_sql = R"(
WITH next AS (
    SELECT m.id
      FROM scaigrid.messages m
     WHERE m.tenant_id = :p1 AND m.queue_id = :p2 AND m.consumer = :p3 AND m.state = 'pending' AND m.ready
       AND (m.expires_at IS NULL OR m.expires_at > statement_timestamp())
     ORDER BY m.rank, m.position
     LIMIT :p4::bigint
       FOR UPDATE SKIP LOCKED),
taken AS (
    UPDATE scaigrid.messages m
       SET state = 'claimed', attempts = m.attempts + 1, claim_id = :p5, claimed_by_id = :p6, claimed_by_type = :p7,
           claimed_at = clock_timestamp(), claim_expires_at = clock_timestamp() + make_interval(secs => :p8::bigint)
     WHERE m.tenant_id = :p1 AND m.id = ANY (ARRAY(SELECT n.id FROM next n))
 RETURNING m.id, m.scope_id, m.correlation_id, m.attempts, m.rank, m.position, scaigrid.message_json(m) AS object),
noted AS (
    INSERT INTO scaigrid.queue_audit (tenant_id, scope_id, queue_id, message_id, correlation_id, action, actor, detail)
    SELECT :p1, t.scope_id, :p2, t.id, t.correlation_id, 'message.claimed', :p6, json_build_object('attempt', t.attempts)
      FROM taken t)
SELECT t.object::text
  FROM taken t
 ORDER BY t.rank, t.position)";

constexpr const char* find_message_sql = R"(
SELECT scaigrid.message_json(m)::text
  FROM scaigrid.messages m
  JOIN scaigrid.queues q ON q.tenant_id = m.tenant_id AND q.id = m.queue_id
  JOIN scaigrid.queue_scopes s ON s.tenant_id = q.tenant_id AND s.id = q.scope_id
 WHERE m.tenant_id = :p1 AND m.id = :p4 AND (s.id = :p2 OR s.slug = :p2) AND (q.id = :p3 OR q.slug = :p3))";

constexpr const char* show_sql = R"(
SELECT scaigrid.message_json(m)::text
  FROM scaigrid.messages m
 WHERE m.tenant_id = :p1 AND m.id = :p2)";

constexpr const char* list_messages_sql = R"(
SELECT scaigrid.message_json(m)::text, m.position
  FROM scaigrid.messages m
 WHERE m.tenant_id = :p1 AND m.queue_id = :p2 AND m.consumer = '' AND m.position > :p4::bigint
   AND (:p3 = '' OR m.state = :p3)
 ORDER BY m.position
 LIMIT :p5::bigint)";

constexpr const char* list_chain_sql = R"(
SELECT scaigrid.message_json(m)::text, m.position
  FROM scaigrid.messages m
 WHERE m.tenant_id = :p1 AND m.correlation_id = :p3 AND m.scope_id = :p2 AND m.position > :p4::bigint
 ORDER BY m.position
 LIMIT :p5::bigint)";

Page page_of(std::vector<std::tuple<S, I>> rows) {
    Page out;
    for (auto& [object, position] : rows)
        out.emplace_back(std::move(object), position);
    return out;
}

} // namespace

std::optional<Target> find_target(Reader& db, std::string_view tenant, std::string_view scope,
                                  std::string_view queue) {
    auto row =
        db.maybe<S, S, S, S, S, S, S, S, S, S, I, I, std::optional<I>>(find_target_sql, tenant, scope, queue);
    if (!row)
        return std::nullopt;
    Target out;
    std::tie(out.queue_id, out.scope_id, out.queue_slug, out.scope_slug, out.ordering, out.consumer_mode,
             out.overflow_policy, out.queue_state, out.scope_state, out.dead_letter_id, out.max_retries,
             out.visibility_timeout_s, out.max_depth) = std::move(*row);
    return out;
}

void take_turn(Tx& tx, std::string_view tenant, std::string_view queue_id) {
    tx.maybe<S>(take_turn_sql, tenant, queue_id);
}

std::int64_t depth(Reader& db, std::string_view tenant, std::string_view queue_id) {
    return db.one<I>(depth_sql, tenant, queue_id);
}

std::optional<std::pair<std::string, std::string>> find_key(Reader& db, std::string_view tenant,
                                                            std::string_view queue_id, std::string_view key) {
    auto row = db.maybe<S, S>(find_key_sql, tenant, queue_id, key);
    if (!row)
        return std::nullopt;
    return std::pair(std::get<0>(*row), std::get<1>(*row));
}

bool insert_key(Tx& tx, std::string_view tenant, std::string_view queue_id, std::string_view key,
                std::string_view message_id, std::string_view body_hash) {
    return tx.run(insert_key_sql, tenant, queue_id, key, message_id, body_hash) == 1;
}

void insert_message(Tx& tx, std::string_view tenant, const NewMessage& row, const Publication& message) {
    Value labels = Value::object();
    for (const auto& [name, value] : message.labels)
        labels.set(name, value);
    tx.run(insert_message_sql, tenant, row.id, row.scope_id, row.queue_id, message.source_type,
           message.source_id, message.correlation_id, message.causation_id, message.parent_id,
           message.message_type, message.priority_tier, message.priority_score, labels.dump(),
           message.content_type, message.ttl_seconds, message.delay_seconds, message.delay_until,
           message.body.present() ? message.body.dump() : "null", message.deadline, message.idempotency_key,
           row.hitl_spec, row.rank, message.by.id, row.dead_lettered_from);
}

std::optional<std::string> drop_first(Tx& tx, std::string_view tenant, const Target& target) {
    return tx.maybe<S>(drop_first_sql, tenant, target.queue_id, target.dead_letter_id);
}

void copy_for(Tx& tx, std::string_view tenant, std::string_view queue_id, std::string_view consumer) {
    // The subscription's row is locked from here on: two claims of one consumer copy nothing twice.
    const auto position = tx.one<I>(copy_sql, tenant, queue_id, consumer);
    if (position > 0)
        tx.run(move_subscription_sql, tenant, queue_id, consumer, position);
}

std::vector<std::string> claim(Tx& tx, std::string_view tenant, const Claiming& claiming) {
    return tx.all<S>(claim_sql, tenant, claiming.queue_id, claiming.consumer, claiming.batch_size,
                     claiming.claim_id, claiming.by.id, claiming.by.type, claiming.seconds);
}

std::string show(Reader& db, std::string_view tenant, std::string_view id) {
    return db.one<S>(show_sql, tenant, id);
}

std::optional<std::string> find_message(Reader& db, std::string_view tenant, std::string_view scope,
                                        std::string_view queue, std::string_view id) {
    return db.maybe<S>(find_message_sql, tenant, scope, queue, id);
}

Page list_messages(Reader& db, std::string_view tenant, std::string_view queue_id, std::string_view state,
                   std::int64_t after, std::int64_t limit) {
    return page_of(db.all<S, I>(list_messages_sql, tenant, queue_id, state, after, limit));
}

Page list_chain(Reader& db, std::string_view tenant, std::string_view scope_id,
                std::string_view correlation_id, std::int64_t after, std::int64_t limit) {
    return page_of(db.all<S, I>(list_chain_sql, tenant, scope_id, correlation_id, after, limit));
}

} // namespace scaigrid::queues::store
