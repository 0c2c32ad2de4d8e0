// Spreading events over webhooks, claiming and settling deliveries. SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/webhooks/store.hpp"
#include "lib/scaivault/webhooks/store_rows.hpp"

#include <stdexcept>
#include <tuple>

namespace scaivault::webhooks::store {

using scai::db::Reader;
using scai::db::Tx;

namespace {

using S = std::string;

constexpr std::size_t id_length = 20;

constexpr const char* targets_sql = R"(
SELECT w.tenant_id, w.partner_id, w.id, coalesce(w.subscription_id, ''), array_to_json(w.events)::text,
       coalesce(w.path_prefix, ''), coalesce(w.secret_type, ''), array_to_json(w.tags)::text
  FROM scaivault.webhooks w
 WHERE w.enabled AND (w.tenant_id = ANY (:p1::text[]) OR w.partner_id = ANY (:p2::text[]))
 ORDER BY w.tenant_id, w.id)";

constexpr const char* routes_sql = R"(
SELECT p.tenant_id, p.id, w.id
  FROM scaivault.rotation_policies p
  JOIN scaivault.webhooks w ON w.tenant_id = p.tenant_id AND w.id = ANY (p.webhook_ids) AND w.enabled
 WHERE p.tenant_id = ANY (:p1::text[]) AND p.id = ANY (:p2::text[]))";

constexpr const char* take_position_sql = R"(
SELECT p.txid::text, p.seq
  FROM scaivault.event_position p
   FOR UPDATE SKIP LOCKED)";

constexpr const char* move_position_sql =
    "UPDATE scaivault.event_position SET txid = :p1::xid8, seq = :p2::bigint";

constexpr const char* insert_deliveries_sql = R"(
INSERT INTO scaivault.deliveries (tenant_id, id, webhook_id, owner, txid, event_seq, event_id, event_type, event_at)
SELECT n.tenant_id, n.id, n.webhook_id, n.owner, n.txid::xid8, n.seq, n.event_id, n.event_type, n.at::timestamptz
  FROM unnest(:p1::text[], :p2::text[], :p3::text[], :p4::text[], :p5::text[], :p6::bigint[], :p7::text[], :p8::text[],
              :p9::text[]) AS n (tenant_id, id, webhook_id, owner, txid, seq, event_id, event_type, at)
  JOIN scaivault.webhooks w ON w.tenant_id = n.tenant_id AND w.id = n.webhook_id
    ON CONFLICT (tenant_id, webhook_id, event_id) DO NOTHING)";

constexpr const char* insert_test_sql = R"(
INSERT INTO scaivault.deliveries (tenant_id, id, webhook_id, owner, txid, event_seq, event_id, event_type, event_at, is_test,
                                  attempts, rung, next_attempt_at)
VALUES (:p1, :p2, :p3, :p4, :p5::xid8, :p6::bigint, :p7, :p8, :p9::timestamptz, true, 1, 1,
        clock_timestamp() + make_interval(secs => :p10::bigint)))";

constexpr const char* claim_sql = R"(
WITH due AS (
    SELECT d.tenant_id, d.id
      FROM scaivault.webhooks w
     CROSS JOIN LATERAL (SELECT c.tenant_id, c.id, c.next_attempt_at
                           FROM scaivault.deliveries c
                          WHERE c.tenant_id = w.tenant_id AND c.webhook_id = w.id AND c.status = 'pending'
                            AND c.next_attempt_at <= clock_timestamp()
                          ORDER BY c.next_attempt_at
                          LIMIT CASE WHEN w.consecutive_failures > 0 THEN 4 ELSE :p1::bigint END
                            FOR UPDATE SKIP LOCKED) d
     WHERE w.enabled
     ORDER BY d.next_attempt_at
     LIMIT :p1::bigint),
claimed AS (
    UPDATE scaivault.deliveries d
       SET attempts = d.attempts + 1, rung = d.rung + 1,
           next_attempt_at = clock_timestamp() + make_interval(secs => :p2::bigint)
      FROM due
     WHERE d.tenant_id = due.tenant_id AND d.id = due.id
 RETURNING d.tenant_id, d.id, d.webhook_id, d.attempts, d.rung, d.is_test, d.owner, d.txid, d.event_seq)
SELECT c.tenant_id, c.id, c.webhook_id, c.attempts, c.rung, c.is_test, w.partner_id, w.url,
       w.secret_number, w.secret_key_id, encode(w.secret_wrapped_key, 'hex'), encode(w.secret_ciphertext, 'hex'),
       CASE WHEN w.previous_until > now() THEN w.previous_number END, coalesce(w.previous_key_id, ''),
       coalesce(encode(w.previous_wrapped_key, 'hex'), ''), coalesce(encode(w.previous_ciphertext, 'hex'), ''),
       json_build_array(e.tenant_id, e.event_id, e.event_type,
                        to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.partner_id, e.identity_id,
                        coalesce(e.path, ''), e.request_id)::text, e.data::text
  FROM claimed c
  JOIN scaivault.webhooks w ON w.tenant_id = c.tenant_id AND w.id = c.webhook_id
  JOIN scaivault.events e ON e.tenant_id = c.owner AND e.txid = c.txid AND e.seq = c.event_seq)";

constexpr const char* claim_of_sql = R"(
SELECT c.tenant_id, c.id, c.webhook_id, c.attempts, c.rung, c.is_test, w.partner_id, w.url,
       w.secret_number, w.secret_key_id, encode(w.secret_wrapped_key, 'hex'), encode(w.secret_ciphertext, 'hex'),
       CASE WHEN w.previous_until > now() THEN w.previous_number END, coalesce(w.previous_key_id, ''),
       coalesce(encode(w.previous_wrapped_key, 'hex'), ''), coalesce(encode(w.previous_ciphertext, 'hex'), ''),
       json_build_array(e.tenant_id, e.event_id, e.event_type,
                        to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.partner_id, e.identity_id,
                        coalesce(e.path, ''), e.request_id)::text, e.data::text
  FROM scaivault.deliveries c
  JOIN scaivault.webhooks w ON w.tenant_id = c.tenant_id AND w.id = c.webhook_id
  JOIN scaivault.events e ON e.tenant_id = c.owner AND e.txid = c.txid AND e.seq = c.event_seq
 WHERE c.tenant_id = :p1 AND c.id = :p2)";

constexpr const char* put_back_sql = R"(
UPDATE scaivault.deliveries d
   SET attempts = d.attempts - 1, rung = d.rung - 1, next_attempt_at = clock_timestamp() + make_interval(secs => :p4::bigint)
  FROM unnest(:p1::text[], :p2::text[], :p3::integer[]) AS i (tenant_id, id, attempt)
 WHERE d.tenant_id = i.tenant_id AND d.id = i.id AND d.attempts = i.attempt AND d.status = 'pending')";

constexpr const char* settle_sql = R"(
WITH input AS (
    SELECT *
      FROM unnest(:p1::text[], :p2::text[], :p3::integer[], :p4::integer[], :p5::integer[], :p6::text[], :p7::text[], :p8::bigint[])
           AS i (tenant_id, id, attempt, duration, code, error, status, pause)),
settled AS (
    UPDATE scaivault.deliveries d
       SET status = i.status, response_code = nullif(i.code, 0), duration_ms = i.duration, error = nullif(i.error, ''),
           next_attempt_at = CASE WHEN i.status = 'pending' THEN clock_timestamp() + make_interval(secs => i.pause) END,
           finished_at = CASE WHEN i.status <> 'pending' THEN clock_timestamp() END
      FROM input i
     WHERE d.tenant_id = i.tenant_id AND d.id = i.id AND d.attempts = i.attempt AND d.status = 'pending'
 RETURNING d.tenant_id, d.id, d.webhook_id, d.attempts, i.duration, i.code, i.error),
logged AS (
    INSERT INTO scaivault.delivery_attempts (tenant_id, delivery_id, attempt, webhook_id, duration_ms, response_code, error)
    SELECT s.tenant_id, s.id, s.attempts, s.webhook_id, s.duration, nullif(s.code, 0), nullif(s.error, '')
      FROM settled s
        ON CONFLICT (tenant_id, delivery_id, attempt) DO NOTHING),
sums AS (
    SELECT s.tenant_id, s.webhook_id, bool_or(s.error = '') AS good, count(*)::integer AS failures
      FROM settled s
     GROUP BY s.tenant_id, s.webhook_id),
touched AS (
    UPDATE scaivault.webhooks w
       SET consecutive_failures = CASE WHEN a.good THEN 0 ELSE w.consecutive_failures + a.failures END,
           enabled = w.enabled AND (a.good OR w.consecutive_failures + a.failures < :p9::integer),
           disabled_reason = CASE WHEN w.enabled AND NOT a.good AND w.consecutive_failures + a.failures >= :p9::integer
                                  THEN 'switched off after ' || (w.consecutive_failures + a.failures) || ' failures in a row'
                                  ELSE w.disabled_reason END
      FROM sums a
     WHERE w.tenant_id = a.tenant_id AND w.id = a.webhook_id AND (w.consecutive_failures > 0 OR NOT a.good)
 RETURNING w.enabled, w.disabled_reason, w.consecutive_failures, a.failures)
SELECT count(*)
  FROM touched t
 WHERE NOT t.enabled AND t.disabled_reason IS NOT NULL AND t.consecutive_failures - t.failures < :p9::integer)";

constexpr const char* backlog_sql = R"(
SELECT count(*) FILTER (WHERE d.next_attempt_at <= now()), count(*)
  FROM scaivault.deliveries d
 WHERE d.status = 'pending')";

constexpr const char* purge_deliveries_sql = R"(
DELETE FROM scaivault.deliveries d
 WHERE (d.tenant_id, d.id) IN (SELECT o.tenant_id, o.id
                                 FROM scaivault.deliveries o
                                WHERE o.created_at < now() - make_interval(days => :p1::integer)
                                ORDER BY o.created_at
                                LIMIT 10000))";

constexpr const char* purge_buffers_sql = R"(
WITH gone AS (
    DELETE FROM scaivault.subscription_events s
     WHERE (s.tenant_id, s.subscription_id, s.txid, s.seq) IN (
               SELECT o.tenant_id, o.subscription_id, o.txid, o.seq
                 FROM scaivault.subscription_events o
                 JOIN scaivault.events e ON e.tenant_id = o.owner AND e.txid = o.txid AND e.seq = o.seq
                WHERE e.at < now() - make_interval(days => :p1::integer)
                LIMIT 10000)
 RETURNING s.tenant_id, s.subscription_id, s.acked_at),
lost AS (
    SELECT g.tenant_id, g.subscription_id, count(*) AS events
      FROM gone g
     WHERE g.acked_at IS NULL
     GROUP BY g.tenant_id, g.subscription_id),
counted AS (
    UPDATE scaivault.subscriptions s
       SET dropped = s.dropped + l.events
      FROM lost l
     WHERE s.tenant_id = l.tenant_id AND s.id = l.subscription_id)
SELECT count(*) FROM gone)";

constexpr const char* purge_events_sql = R"(
DELETE FROM scaivault.events e
 WHERE (e.tenant_id, e.txid, e.seq) IN (
           SELECT o.tenant_id, o.txid, o.seq
             FROM scaivault.events o
             JOIN scaivault.event_position p ON (o.txid, o.seq) <= (p.txid, p.seq)
            WHERE o.at < now() - make_interval(days => :p1::integer)
              AND NOT EXISTS (SELECT FROM scaivault.deliveries d
                               WHERE d.owner = o.tenant_id AND d.txid = o.txid AND d.event_seq = o.seq)
            LIMIT 10000))";

S bytes_of(const S& hex) {
    auto out = scai::crypto::from_hex(hex);
    if (!out)
        throw std::runtime_error("PostgreSQL wrote hexadecimal digits that cannot be read");
    return std::move(*out);
}

using ClaimRow = std::tuple<S, S, S, int, int, bool, S, S, std::int64_t, S, S, S, std::optional<std::int64_t>,
                            S, S, S, S, S>;

Claim claim_of_row(ClaimRow row) {
    auto& [tenant, id, webhook, attempt, rung, test, partner, url, number, key, wrapped, cipher, old_number,
           old_key, old_wrapped, old_cipher, event, data] = row;
    Claim out{.tenant_id = std::move(tenant),
              .partner_id = std::move(partner),
              .delivery_id = std::move(id),
              .webhook_id = std::move(webhook),
              .url = std::move(url),
              .attempt = attempt,
              .rung = rung,
              .is_test = test,
              .secrets = {},
              .event = {}};
    out.secrets.push_back({number, {key, bytes_of(wrapped), bytes_of(cipher)}});
    if (old_number)
        out.secrets.push_back({*old_number, {old_key, bytes_of(old_wrapped), bytes_of(old_cipher)}});
    const auto columns = texts(event);
    if (columns.size() != 8)
        throw std::runtime_error("an event has other columns than expected");
    out.event.owner = columns[0];
    out.event.event_id = columns[1];
    out.event.type = columns[2];
    out.event.at = columns[3];
    out.event.partner_id = columns[4];
    out.event.identity_id = columns[5];
    out.event.path = columns[6];
    out.event.request_id = columns[7];
    out.event.data = std::move(data);
    return out;
}

} // namespace

std::vector<Target> targets(Reader& reader, const std::vector<std::string>& tenants,
                            const std::vector<std::string>& partners) {
    std::vector<Target> out;
    for (auto& [tenant, partner, id, subscription, events, prefix, type, tags] :
         reader.all<S, S, S, S, S, S, S, S>(targets_sql, tenants, partners))
        out.push_back({.tenant_id = std::move(tenant),
                       .partner_id = std::move(partner),
                       .id = std::move(id),
                       .subscription_id = std::move(subscription),
                       .events = texts(events),
                       .filter = {.path_prefix = std::move(prefix),
                                  .secret_type = std::move(type),
                                  .tags = texts(tags)}});
    return out;
}

std::vector<Route> routes(Reader& reader, const std::vector<std::string>& tenants,
                          const std::vector<std::string>& policies) {
    std::vector<Route> out;
    for (auto& [tenant, policy, webhook] : reader.all<S, S, S>(routes_sql, tenants, policies))
        out.push_back({std::move(tenant), std::move(policy), std::move(webhook)});
    return out;
}

std::optional<Spread> take_position(Tx& tx) {
    auto row = tx.maybe<S, std::int64_t>(take_position_sql);
    if (!row)
        return std::nullopt;
    return Spread{std::move(std::get<0>(*row)), std::get<1>(*row)};
}

void move_position(Tx& tx, std::string_view txid, std::int64_t seq) {
    tx.run(move_position_sql, txid, seq);
}

std::int64_t insert_deliveries(Tx& tx, const std::vector<NewDelivery>& deliveries) {
    std::vector<S> tenants, ids, webhooks, owners, txids, event_ids, types, times;
    std::vector<std::int64_t> seqs;
    for (const auto& each : deliveries) {
        tenants.push_back(each.tenant_id);
        ids.push_back("del_" + scai::crypto::random_id(id_length));
        webhooks.push_back(each.webhook_id);
        owners.push_back(each.event->owner);
        txids.push_back(each.event->txid);
        seqs.push_back(each.event->seq);
        event_ids.push_back(each.event->event_id);
        types.push_back(each.event->type);
        times.push_back(each.event->at);
    }
    return tx.run(insert_deliveries_sql, tenants, ids, webhooks, owners, txids, seqs, event_ids, types,
                  times);
}

std::string insert_test(Tx& tx, std::string_view tenant_id, std::string_view webhook_id,
                        const scaivault::events::Row& event, std::int64_t lease_seconds) {
    auto id = "del_" + scai::crypto::random_id(id_length);
    tx.run(insert_test_sql, tenant_id, id, webhook_id, event.owner, event.txid, event.seq, event.event_id,
           event.type, event.at, lease_seconds);
    return id;
}

std::vector<Claim> claim(Tx& tx, std::int64_t limit, std::int64_t lease_seconds) {
    std::vector<Claim> out;
    for (auto& row : tx.all<S, S, S, int, int, bool, S, S, std::int64_t, S, S, S, std::optional<std::int64_t>,
                            S, S, S, S, S>(claim_sql, limit, lease_seconds))
        out.push_back(claim_of_row(std::move(row)));
    return out;
}

std::optional<Claim> claim_of(Reader& reader, std::string_view tenant_id, std::string_view delivery_id) {
    auto row = reader.maybe<S, S, S, int, int, bool, S, S, std::int64_t, S, S, S, std::optional<std::int64_t>,
                            S, S, S, S, S>(claim_of_sql, tenant_id, delivery_id);
    if (!row)
        return std::nullopt;
    return claim_of_row(std::move(*row));
}

void put_back(Tx& tx, const std::vector<Settlement>& deliveries, std::int64_t seconds) {
    std::vector<S> tenants, ids;
    std::vector<std::int64_t> attempts;
    for (const auto& each : deliveries) {
        tenants.push_back(each.tenant_id);
        ids.push_back(each.delivery_id);
        attempts.push_back(each.attempt);
    }
    tx.run(put_back_sql, tenants, ids, attempts, seconds);
}

std::int64_t settle(Tx& tx, const std::vector<Settlement>& settlements, std::int64_t failures_allowed) {
    std::vector<S> tenants, ids, errors, states;
    std::vector<std::int64_t> attempts, durations, codes, pauses;
    for (const auto& each : settlements) {
        tenants.push_back(each.tenant_id);
        ids.push_back(each.delivery_id);
        attempts.push_back(each.attempt);
        durations.push_back(each.duration_ms);
        codes.push_back(each.response_code);
        errors.push_back(each.error);
        states.push_back(each.status);
        pauses.push_back(each.pause);
    }
    return tx.one<std::int64_t>(settle_sql, tenants, ids, attempts, durations, codes, errors, states, pauses,
                                failures_allowed);
}

Backlog backlog(Reader& reader) {
    const auto [due, pending] = reader.one<std::int64_t, std::int64_t>(backlog_sql);
    return {due, pending};
}

std::int64_t purge_deliveries(Tx& tx, std::int64_t days) {
    return tx.run(purge_deliveries_sql, days);
}

std::int64_t purge_buffers(Tx& tx, std::int64_t days) {
    return tx.one<std::int64_t>(purge_buffers_sql, days);
}

std::int64_t purge_events(Tx& tx, std::int64_t days) {
    return tx.run(purge_events_sql, days);
}

} // namespace scaivault::webhooks::store
