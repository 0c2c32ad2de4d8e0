// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/webhooks/store.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/webhooks/store_rows.hpp"

#include <tuple>

namespace scaivault::webhooks::store {

using scai::db::Reader;
using scai::db::Tx;

namespace {

using S = std::string;

constexpr const char* list_sql = R"(
SELECT w.id, w.name, w.url, array_to_json(w.events)::text, coalesce(w.path_prefix, ''), coalesce(w.secret_type, ''),
       array_to_json(w.tags)::text, w.enabled, coalesce(w.disabled_reason, ''), w.consecutive_failures,
       to_char(w.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(w.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       CASE WHEN w.previous_until > now() THEN to_char(w.previous_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            ELSE '' END
  FROM scaivault.webhooks w
 WHERE w.tenant_id = :p1 AND w.subscription_id IS NULL
 ORDER BY w.created_at, w.id)";

constexpr const char* find_sql = R"(
SELECT w.id, w.name, w.url, array_to_json(w.events)::text, coalesce(w.path_prefix, ''), coalesce(w.secret_type, ''),
       array_to_json(w.tags)::text, w.enabled, coalesce(w.disabled_reason, ''), w.consecutive_failures,
       to_char(w.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(w.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       CASE WHEN w.previous_until > now() THEN to_char(w.previous_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            ELSE '' END
  FROM scaivault.webhooks w
 WHERE w.tenant_id = :p1 AND w.id = :p2 AND w.subscription_id IS NULL)";

constexpr const char* lock_sql = R"(
SELECT w.id
  FROM scaivault.webhooks w
 WHERE w.tenant_id = :p1 AND w.id = :p2
   FOR UPDATE)";

constexpr const char* insert_sql = R"(
INSERT INTO scaivault.webhooks (tenant_id, id, name, partner_id, subscription_id, url, events, path_prefix, secret_type, tags,
                                enabled, secret_number, secret_key_id, secret_wrapped_key, secret_ciphertext, created_by)
VALUES (:p1, :p2, :p3, :p4, nullif(:p5, ''), :p6, :p7::text[], nullif(:p8, ''), nullif(:p9, ''), :p10::text[], :p11::boolean,
        :p12::bigint, :p13, decode(:p14, 'hex'), decode(:p15, 'hex'), :p16)
RETURNING to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))";

constexpr const char* update_sql = R"(
UPDATE scaivault.webhooks w
   SET name = :p3, url = :p4, events = :p5::text[], path_prefix = nullif(:p6, ''), secret_type = nullif(:p7, ''),
       tags = :p8::text[], enabled = :p9::boolean, disabled_reason = nullif(:p10, ''),
       consecutive_failures = :p11::integer, updated_at = clock_timestamp()
 WHERE w.tenant_id = :p1 AND w.id = :p2)";

constexpr const char* replace_secret_sql = R"(
UPDATE scaivault.webhooks w
   SET secret_number = :p3::bigint, secret_key_id = :p4, secret_wrapped_key = decode(:p5, 'hex'),
       secret_ciphertext = decode(:p6, 'hex'), updated_at = clock_timestamp(),
       previous_number = CASE WHEN :p7::bigint > 0 THEN w.secret_number END,
       previous_key_id = CASE WHEN :p7::bigint > 0 THEN w.secret_key_id END,
       previous_wrapped_key = CASE WHEN :p7::bigint > 0 THEN w.secret_wrapped_key END,
       previous_ciphertext = CASE WHEN :p7::bigint > 0 THEN w.secret_ciphertext END,
       previous_until = CASE WHEN :p7::bigint > 0 THEN clock_timestamp() + make_interval(secs => :p7::bigint) END
 WHERE w.tenant_id = :p1 AND w.id = :p2)";

constexpr const char* remove_sql = R"(
DELETE FROM scaivault.webhooks w
 WHERE w.tenant_id = :p1 AND w.id = :p2 AND w.subscription_id IS NULL)";

constexpr const char* of_subscription_sql = R"(
SELECT w.id
  FROM scaivault.webhooks w
 WHERE w.tenant_id = :p1 AND w.subscription_id = :p2)";

constexpr const char* statistics_sql = R"(
SELECT (SELECT count(*)
          FROM scaivault.deliveries d
         WHERE d.tenant_id = :p1 AND d.webhook_id = :p2 AND d.created_at > now() - interval '24 hours'),
       count(*), count(*) FILTER (WHERE a.error IS NULL), coalesce(avg(a.duration_ms), 0)::bigint
  FROM scaivault.delivery_attempts a
 WHERE a.tenant_id = :p1 AND a.webhook_id = :p2 AND a.at > now() - interval '24 hours')";

constexpr const char* list_deliveries_sql = R"(
SELECT d.seq, d.id, d.event_id, d.event_type, to_char(d.event_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       d.status, d.attempts, d.response_code, d.duration_ms::bigint, coalesce(d.error, ''),
       CASE WHEN d.status = 'pending' THEN to_char(d.next_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            ELSE '' END
  FROM scaivault.deliveries d
 WHERE d.tenant_id = :p1 AND d.webhook_id = :p2 AND (:p3 = '' OR d.status = :p3) AND (:p4::bigint = 0 OR d.seq < :p4::bigint)
 ORDER BY d.seq DESC
 LIMIT :p5::bigint)";

constexpr const char* find_delivery_sql = R"(
SELECT d.seq, d.id, d.event_id, d.event_type, to_char(d.event_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       d.status, d.attempts, d.response_code, d.duration_ms::bigint, coalesce(d.error, ''),
       CASE WHEN d.status = 'pending' THEN to_char(d.next_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            ELSE '' END
  FROM scaivault.deliveries d
 WHERE d.tenant_id = :p1 AND d.webhook_id = :p2 AND d.id = :p3)";

constexpr const char* attempts_sql = R"(
SELECT a.attempt, a.duration_ms::bigint, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       coalesce(a.error, ''), a.response_code
  FROM scaivault.delivery_attempts a
 WHERE a.tenant_id = :p1 AND a.delivery_id = :p2
 ORDER BY a.attempt)";

constexpr const char* requeue_sql = R"(
UPDATE scaivault.deliveries d
   SET status = 'pending', rung = 0, next_attempt_at = clock_timestamp(), finished_at = NULL
 WHERE d.tenant_id = :p1 AND d.id = :p2 AND (d.status <> 'pending' OR d.rung > 0))";

Webhook webhook_of(std::tuple<S, S, S, S, S, S, S, bool, S, std::int64_t, S, S, S> row) {
    auto& [id, name, url, events, prefix, type, tags, enabled, reason, failures, created, updated, until] =
        row;
    return {.id = std::move(id),
            .name = std::move(name),
            .url = std::move(url),
            .events = texts(events),
            .filter = {.path_prefix = std::move(prefix), .secret_type = std::move(type), .tags = texts(tags)},
            .enabled = enabled,
            .disabled_reason = std::move(reason),
            .consecutive_failures = failures,
            .created_at = std::move(created),
            .updated_at = std::move(updated),
            .previous_until = std::move(until)};
}

Delivery delivery_of(std::tuple<std::int64_t, S, S, S, S, S, std::int64_t, std::optional<int>,
                                std::optional<std::int64_t>, S, S>
                         row) {
    auto& [seq, id, event_id, type, at, status, attempts, code, duration, error, next] = row;
    return {.id = std::move(id),
            .event_id = std::move(event_id),
            .event_type = std::move(type),
            .at = std::move(at),
            .status = std::move(status),
            .seq = seq,
            .attempts = attempts,
            .response_code = code,
            .duration_ms = duration,
            .error = std::move(error),
            .next_attempt_at = std::move(next)};
}

} // namespace

std::vector<Webhook> list(Reader& reader, std::string_view tenant_id) {
    std::vector<Webhook> out;
    for (auto& row : reader.all<S, S, S, S, S, S, S, bool, S, std::int64_t, S, S, S>(list_sql, tenant_id))
        out.push_back(webhook_of(std::move(row)));
    return out;
}

std::optional<Webhook> find(Reader& reader, std::string_view tenant_id, std::string_view id) {
    auto row = reader.maybe<S, S, S, S, S, S, S, bool, S, std::int64_t, S, S, S>(find_sql, tenant_id, id);
    if (!row)
        return std::nullopt;
    return webhook_of(std::move(*row));
}

std::optional<Webhook> lock(Tx& tx, std::string_view tenant_id, std::string_view id) {
    if (!tx.maybe<S>(lock_sql, tenant_id, id))
        return std::nullopt;
    return find(tx, tenant_id, id);
}

Webhook insert(Tx& tx, const Inserted& how, const Webhook& webhook, const SealedSecret& secret) {
    Webhook out = webhook;
    out.created_at = out.updated_at = tx.one<S>(
        insert_sql, how.tenant_id, webhook.id, webhook.name, how.partner_id, how.subscription_id, webhook.url,
        webhook.events, webhook.filter.path_prefix, webhook.filter.secret_type, webhook.filter.tags,
        webhook.enabled, secret.number, secret.sealed.key_id, scai::crypto::to_hex(secret.sealed.wrapped_key),
        scai::crypto::to_hex(secret.sealed.ciphertext), how.created_by);
    return out;
}

void update(Tx& tx, std::string_view tenant_id, const Webhook& webhook) {
    tx.run(update_sql, tenant_id, webhook.id, webhook.name, webhook.url, webhook.events,
           webhook.filter.path_prefix, webhook.filter.secret_type, webhook.filter.tags, webhook.enabled,
           webhook.disabled_reason, webhook.consecutive_failures);
}

void replace_secret(Tx& tx, std::string_view tenant_id, std::string_view id, const SealedSecret& secret,
                    std::int64_t seconds) {
    tx.run(replace_secret_sql, tenant_id, id, secret.number, secret.sealed.key_id,
           scai::crypto::to_hex(secret.sealed.wrapped_key), scai::crypto::to_hex(secret.sealed.ciphertext),
           seconds);
}

bool remove(Tx& tx, std::string_view tenant_id, std::string_view id) {
    return tx.run(remove_sql, tenant_id, id) > 0;
}

std::optional<std::string> of_subscription(Reader& reader, std::string_view tenant_id,
                                           std::string_view subscription_id) {
    return reader.maybe<S>(of_subscription_sql, tenant_id, subscription_id);
}

Statistics statistics(Reader& reader, std::string_view tenant_id, std::string_view id) {
    const auto [deliveries, attempts, good, latency] =
        reader.one<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(statistics_sql, tenant_id, id);
    Statistics out;
    out.deliveries_24h = deliveries;
    if (attempts > 0) {
        out.success_rate_24h = static_cast<double>(good) / static_cast<double>(attempts);
        out.avg_latency_ms = latency;
    }
    return out;
}

std::vector<Delivery> list_deliveries(Reader& reader, std::string_view tenant_id, std::string_view id,
                                      std::string_view status, std::int64_t before, std::int64_t limit) {
    std::vector<Delivery> out;
    for (auto& row : reader.all<std::int64_t, S, S, S, S, S, std::int64_t, std::optional<int>,
                                std::optional<std::int64_t>, S, S>(list_deliveries_sql, tenant_id, id, status,
                                                                   before, limit))
        out.push_back(delivery_of(std::move(row)));
    return out;
}

std::optional<Delivery> find_delivery(Reader& reader, std::string_view tenant_id, std::string_view id,
                                      std::string_view delivery_id) {
    auto row = reader.maybe<std::int64_t, S, S, S, S, S, std::int64_t, std::optional<int>,
                            std::optional<std::int64_t>, S, S>(find_delivery_sql, tenant_id, id, delivery_id);
    if (!row)
        return std::nullopt;
    return delivery_of(std::move(*row));
}

std::vector<Attempt> attempts(Reader& reader, std::string_view tenant_id, std::string_view delivery_id) {
    std::vector<Attempt> out;
    for (auto& [number, duration, at, error, code] :
         reader.all<std::int64_t, std::int64_t, S, S, std::optional<int>>(attempts_sql, tenant_id,
                                                                          delivery_id))
        out.push_back({.attempt = number,
                       .duration_ms = duration,
                       .at = std::move(at),
                       .error = std::move(error),
                       .response_code = code});
    return out;
}

bool requeue(Tx& tx, std::string_view tenant_id, std::string_view delivery_id) {
    return tx.run(requeue_sql, tenant_id, delivery_id) > 0;
}

} // namespace scaivault::webhooks::store
