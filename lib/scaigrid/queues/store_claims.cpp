// What happens to a message once it is claimed, or when its time comes. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/queues/store.hpp"

namespace scaigrid::queues::store {

using scai::db::Tx;
using scai::json::Value;

namespace {

using S = std::string;
using I = std::int64_t;
using OptS = std::optional<std::string>;

// statement_timestamp() is the same for every row, clock_timestamp() is not: only the first one can be looked
// up on an index.
constexpr const char* due_in_queue_sql = R"(
SELECT m.tenant_id, m.id
  FROM scaigrid.messages m
 WHERE m.tenant_id = :p1 AND m.queue_id = :p2 AND m.due_at <= statement_timestamp()
 ORDER BY m.due_at
 LIMIT :p3::bigint
   FOR UPDATE SKIP LOCKED)";

constexpr const char* due_anywhere_sql = R"(
SELECT m.tenant_id, m.id
  FROM scaigrid.messages m
 WHERE m.due_at <= statement_timestamp()
 ORDER BY m.due_at
 LIMIT :p1::bigint
   FOR UPDATE SKIP LOCKED)";

constexpr const char* count_due_sql = R"(
SELECT (SELECT count(*) FROM scaigrid.messages m WHERE m.due_at <= statement_timestamp()),
       (SELECT count(*) FROM scaigrid.messages m WHERE m.resume_at <= statement_timestamp()),
       (SELECT count(*) FROM scaigrid.bunkers b WHERE b.due_at <= statement_timestamp()))";

constexpr const char* settle_due_sql = R"(
WITH due AS (
    SELECT m.tenant_id, m.id, m.queue_id, m.consumer, m.parent_id, d.id AS dead_letter_id,
           CASE WHEN m.state = 'pending' AND m.expires_at <= clock_timestamp() THEN 'expired'
                WHEN m.state = 'pending' THEN 'ready'
                WHEN m.hitl_spec IS NOT NULL OR m.attempts < q.max_retries OR q.id = d.id THEN 'returned'
                ELSE 'dead_lettered' END AS verdict
      FROM unnest(:p1::text[], :p2::text[]) AS n (tenant_id, id)
      JOIN scaigrid.messages m ON m.tenant_id = n.tenant_id AND m.id = n.id
      JOIN scaigrid.queues q ON q.tenant_id = m.tenant_id AND q.id = m.queue_id
      JOIN scaigrid.queues d ON d.tenant_id = q.tenant_id AND d.scope_id = q.scope_id AND d.slug = '_dead_letter'),
changed AS (
    UPDATE scaigrid.messages m
       SET state = CASE WHEN d.verdict = 'expired' THEN 'expired' ELSE 'pending' END,
           ready = true,
           claim_id = NULL, claimed_by_id = NULL, claimed_by_type = NULL, claimed_at = NULL, claim_expires_at = NULL,
           failure_reason = CASE WHEN d.verdict IN ('returned', 'dead_lettered') THEN 'visibility timeout'
                                 ELSE m.failure_reason END,
           finished_at = CASE WHEN d.verdict = 'expired' THEN clock_timestamp() END,
           queue_id = CASE WHEN d.verdict = 'dead_lettered' THEN d.dead_letter_id ELSE m.queue_id END,
           consumer = CASE WHEN d.verdict = 'dead_lettered' THEN '' ELSE m.consumer END,
           rank = CASE WHEN d.verdict = 'dead_lettered' THEN 0 ELSE m.rank END,
           attempts = CASE WHEN d.verdict = 'dead_lettered' THEN 0 ELSE m.attempts END,
           expires_at = CASE WHEN d.verdict = 'dead_lettered' THEN NULL ELSE m.expires_at END,
           dead_lettered_from = CASE WHEN d.verdict = 'dead_lettered' THEN d.queue_id ELSE m.dead_lettered_from END,
           dead_lettered_at = CASE WHEN d.verdict = 'dead_lettered' THEN clock_timestamp() ELSE m.dead_lettered_at END
      FROM due d
     WHERE m.tenant_id = d.tenant_id AND m.id = d.id
 RETURNING m.tenant_id, m.id, m.scope_id, m.correlation_id, m.attempts, d.queue_id AS was_in, d.verdict,
           CASE WHEN d.consumer <> '' THEN d.parent_id END AS parent_id),
noted AS (
    INSERT INTO scaigrid.queue_audit (tenant_id, scope_id, queue_id, message_id, correlation_id, action, actor, detail)
    SELECT c.tenant_id, c.scope_id, c.was_in, c.id, c.correlation_id, 'message.' || c.verdict, 'clock',
           CASE WHEN c.verdict = 'expired' THEN '{}'::json ELSE json_build_object('reason', 'visibility timeout') END
      FROM changed c
     WHERE c.verdict <> 'ready')
SELECT c.tenant_id, c.verdict, c.parent_id
  FROM changed c)";

constexpr const char* lock_message_sql = R"(
SELECT m.id, m.scope_id, m.queue_id, q.slug, d.id, m.state, coalesce(m.claim_id, ''), coalesce(m.claimed_by_id, ''), m.consumer,
       scaigrid.message_json(m)::text, m.correlation_id, m.parent_id, m.hitl_spec::text, m.result::text, m.attempts,
       q.max_retries, coalesce(m.claim_expires_at > clock_timestamp(), false)
  FROM scaigrid.messages m
  JOIN scaigrid.queues q ON q.tenant_id = m.tenant_id AND q.id = m.queue_id
  JOIN scaigrid.queues d ON d.tenant_id = q.tenant_id AND d.scope_id = q.scope_id AND d.slug = '_dead_letter'
  JOIN scaigrid.queue_scopes s ON s.tenant_id = q.tenant_id AND s.id = q.scope_id
 WHERE m.tenant_id = :p1 AND m.id = :p4 AND (s.id = :p2 OR s.slug = :p2) AND (q.id = :p3 OR q.slug = :p3)
   FOR UPDATE OF m)";

constexpr const char* complete_sql = R"(
UPDATE scaigrid.messages m
   SET state = 'completed', result = :p3::json, finished_at = clock_timestamp(), failure_reason = NULL,
       resume_at = CASE WHEN :p4::boolean THEN clock_timestamp() + interval '30 seconds' END
 WHERE m.tenant_id = :p1 AND m.id = :p2
RETURNING scaigrid.message_json(m)::text)";

constexpr const char* retry_sql = R"(
UPDATE scaigrid.messages m
   SET state = 'pending', ready = (:p4::bigint = 0),
       visible_at = clock_timestamp() + make_interval(secs => :p4::bigint), failure_reason = :p3,
       claim_id = NULL, claimed_by_id = NULL, claimed_by_type = NULL, claimed_at = NULL, claim_expires_at = NULL
 WHERE m.tenant_id = :p1 AND m.id = :p2
RETURNING scaigrid.message_json(m)::text)";

constexpr const char* dead_letter_sql = R"(
UPDATE scaigrid.messages m
   SET state = 'pending', ready = true, visible_at = clock_timestamp(), failure_reason = :p4, queue_id = :p3, consumer = '',
       rank = 0, attempts = 0, expires_at = NULL, dead_lettered_from = m.queue_id, dead_lettered_at = clock_timestamp(),
       claim_id = NULL, claimed_by_id = NULL, claimed_by_type = NULL, claimed_at = NULL, claim_expires_at = NULL
 WHERE m.tenant_id = :p1 AND m.id = :p2
RETURNING scaigrid.message_json(m)::text)";

constexpr const char* release_sql = R"(
UPDATE scaigrid.messages m
   SET state = 'pending', ready = (:p3::bigint = 0), attempts = greatest(m.attempts - 1, 0),
       visible_at = clock_timestamp() + make_interval(secs => :p3::bigint),
       claim_id = NULL, claimed_by_id = NULL, claimed_by_type = NULL, claimed_at = NULL, claim_expires_at = NULL
 WHERE m.tenant_id = :p1 AND m.id = :p2
RETURNING scaigrid.message_json(m)::text)";

constexpr const char* extend_sql = R"(
UPDATE scaigrid.messages m
   SET claim_expires_at = clock_timestamp() + make_interval(secs => :p3::bigint)
 WHERE m.tenant_id = :p1 AND m.id = :p2
RETURNING scaigrid.message_json(m)::text)";

constexpr const char* finish_parent_sql = R"(
UPDATE scaigrid.messages p
   SET state = 'completed', finished_at = clock_timestamp()
  FROM scaigrid.queues q
 WHERE p.tenant_id = :p1 AND p.id = :p2 AND p.state = 'pending' AND p.consumer = ''
   AND q.tenant_id = p.tenant_id AND q.id = p.queue_id AND q.consumer_mode = 'broadcast'
   AND NOT EXISTS (SELECT FROM scaigrid.messages c
                    WHERE c.tenant_id = p.tenant_id AND c.parent_id = p.id AND c.consumer <> ''
                      AND c.state IN ('pending', 'claimed'))
   AND NOT EXISTS (SELECT FROM scaigrid.queue_subscriptions s
                    WHERE s.tenant_id = p.tenant_id AND s.queue_id = p.queue_id AND s.position < p.position))";

constexpr const char* withdraw_sql = R"(
WITH gone AS (
    UPDATE scaigrid.messages m
       SET state = 'cancelled', finished_at = clock_timestamp(), failure_reason = 'the checkpoint is settled',
           claim_expires_at = NULL
     WHERE m.tenant_id = :p1 AND m.correlation_id = :p2 AND m.hitl_spec IS NOT NULL AND m.state IN ('pending', 'claimed')
 RETURNING m.tenant_id, m.scope_id, m.queue_id, m.id, m.correlation_id)
INSERT INTO scaigrid.queue_audit (tenant_id, scope_id, queue_id, message_id, correlation_id, action, actor, detail)
SELECT g.tenant_id, g.scope_id, g.queue_id, g.id, g.correlation_id, 'message.cancelled', :p3,
       json_build_object('reason', 'the checkpoint is settled')
  FROM gone g)";

constexpr const char* due_resumes_sql = R"(
SELECT m.tenant_id, m.id
  FROM scaigrid.messages m
 WHERE m.resume_at <= statement_timestamp()
 ORDER BY m.resume_at
 LIMIT :p1::bigint
   FOR UPDATE SKIP LOCKED)";

constexpr const char* take_resumes_sql = R"(
UPDATE scaigrid.messages m
   SET resume_at = clock_timestamp() + interval '60 seconds'
  FROM unnest(:p1::text[], :p2::text[]) AS d (tenant_id, id)
 WHERE m.tenant_id = d.tenant_id AND m.id = d.id
RETURNING m.tenant_id, m.id, m.correlation_id, coalesce(m.claimed_by_id, ''), coalesce(m.result::text, 'null'),
          m.hitl_spec::text)";

constexpr const char* resumed_sql = R"(
UPDATE scaigrid.messages
   SET resume_at = NULL
 WHERE tenant_id = :p1 AND id = :p2 AND resume_at IS NOT NULL)";

constexpr const char* old_messages_sql = R"(
SELECT m.tenant_id, m.id
  FROM scaigrid.messages m
 WHERE m.finished_at < statement_timestamp() - make_interval(days => :p1::integer) AND m.resume_at IS NULL
 ORDER BY m.finished_at
 LIMIT :p2::bigint)";

constexpr const char* purge_sql = R"(
WITH old AS (
    SELECT n.tenant_id, n.id
      FROM unnest(:p1::text[], :p2::text[]) AS n (tenant_id, id)),
keys AS (
    DELETE FROM scaigrid.message_keys k
     USING old o
     WHERE k.tenant_id = o.tenant_id AND k.message_id = o.id)
DELETE FROM scaigrid.messages m
 USING old o
 WHERE m.tenant_id = o.tenant_id AND m.id = o.id)";

Due due_of(std::vector<std::tuple<S, S>> rows) {
    Due out;
    for (auto& [tenant, id] : rows) {
        out.tenants.push_back(std::move(tenant));
        out.ids.push_back(std::move(id));
    }
    return out;
}

} // namespace

Due due_in_queue(Tx& tx, std::string_view tenant, std::string_view queue_id, std::int64_t limit) {
    return due_of(tx.all<S, S>(due_in_queue_sql, tenant, queue_id, limit));
}

Due due_anywhere(Tx& tx, std::int64_t limit) {
    return due_of(tx.all<S, S>(due_anywhere_sql, limit));
}

Backlog count_due(scai::db::Reader& db) {
    const auto [messages, checkpoints, bunkers] = db.one<I, I, I>(count_due_sql);
    return {messages, checkpoints, bunkers};
}

Swept settle_due(Tx& tx, const Due& due) {
    Swept out;
    if (due.ids.empty())
        return out;
    for (const auto& [tenant, verdict, parent] : tx.all<S, S, OptS>(settle_due_sql, due.tenants, due.ids)) {
        auto& count = verdict == "expired"    ? out.expired
                      : verdict == "ready"    ? out.ready
                      : verdict == "returned" ? out.returned
                                              : out.dead_lettered;
        ++count;
        if (parent && (verdict == "expired" || verdict == "dead_lettered"))
            finish_parent(tx, tenant, *parent);
    }
    return out;
}

std::optional<Held> lock_message(Tx& tx, std::string_view tenant, std::string_view scope,
                                 std::string_view queue, std::string_view id) {
    auto row = tx.maybe<S, S, S, S, S, S, S, S, S, S, OptS, OptS, OptS, OptS, I, I, bool>(
        lock_message_sql, tenant, scope, queue, id);
    if (!row)
        return std::nullopt;
    Held out;
    std::tie(out.id, out.scope_id, out.queue_id, out.queue_slug, out.dead_letter_id, out.state, out.claim_id,
             out.claimed_by_id, out.consumer, out.object, out.correlation_id, out.parent_id, out.hitl_spec,
             out.result, out.attempts, out.max_retries, out.claim_holds) = std::move(*row);
    return out;
}

std::string complete(Tx& tx, std::string_view tenant, std::string_view id, const std::string& result,
                     bool resumes) {
    return tx.one<S>(complete_sql, tenant, id, result, resumes);
}

std::string retry(Tx& tx, std::string_view tenant, std::string_view id, std::string_view reason,
                  std::int64_t seconds) {
    return tx.one<S>(retry_sql, tenant, id, reason, seconds);
}

std::string dead_letter(Tx& tx, std::string_view tenant, std::string_view id, std::string_view dead_letter_id,
                        std::string_view reason) {
    return tx.one<S>(dead_letter_sql, tenant, id, dead_letter_id, reason);
}

std::string release(Tx& tx, std::string_view tenant, std::string_view id, std::int64_t seconds) {
    return tx.one<S>(release_sql, tenant, id, seconds);
}

std::string extend(Tx& tx, std::string_view tenant, std::string_view id, std::int64_t seconds) {
    return tx.one<S>(extend_sql, tenant, id, seconds);
}

void finish_parent(Tx& tx, std::string_view tenant, std::string_view id) {
    tx.run(finish_parent_sql, tenant, id);
}

std::int64_t withdraw(Tx& tx, std::string_view tenant, std::string_view correlation_id, std::string_view by) {
    return tx.run(withdraw_sql, tenant, correlation_id, by);
}

std::vector<Resume> take_resumes(Tx& tx, std::int64_t limit) {
    std::vector<Resume> out;
    const auto due = due_of(tx.all<S, S>(due_resumes_sql, limit));
    if (due.ids.empty())
        return out;
    for (auto& [tenant, id, checkpoint, by, result, spec] :
         tx.all<S, S, S, S, S, S>(take_resumes_sql, due.tenants, due.ids)) {
        const auto kept = scai::json::parse("[" + result + "," + spec + "]");
        out.push_back(
            {tenant, id, checkpoint, by, kept ? resolution_of(kept->at(1), kept->at(0)) : Value(nullptr)});
    }
    return out;
}

void resumed(Tx& tx, std::string_view tenant, std::string_view id) {
    tx.run(resumed_sql, tenant, id);
}

std::int64_t purge(Tx& tx, std::int64_t days, std::int64_t limit) {
    const auto old = due_of(tx.all<S, S>(old_messages_sql, days, limit));
    return old.ids.empty() ? 0 : tx.run(purge_sql, old.tenants, old.ids);
}

} // namespace scaigrid::queues::store
