// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/subscriptions/store.hpp"

#include "lib/json/value.hpp"

#include <tuple>

namespace scaivault::subscriptions::store {

using scai::db::Reader;
using scai::db::Tx;
using scai::json::Value;
using scaivault::events::Row;
using scaivault::events::store::Position;

namespace {

using S = std::string;

constexpr const char* list_sql = R"(
SELECT s.id, s.name, s.identity, s.identity_id, s.partner_id,
       json_build_array(array_to_json(s.paths), array_to_json(s.events), array_to_json(s.tags))::text,
       coalesce(s.secret_type, ''), s.delivery_type, s.buffer_size, s.dropped, s.position_txid::text, s.position_seq,
       to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(s.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), coalesce(w.url, ''),
       CASE WHEN w.id IS NULL THEN ''
            WHEN NOT w.enabled THEN CASE WHEN w.disabled_reason IS NULL THEN 'disabled' ELSE 'failing' END
            WHEN w.consecutive_failures = 0 THEN 'healthy'
            WHEN w.consecutive_failures < 10 THEN 'degraded' ELSE 'failing' END,
       0::bigint
  FROM scaivault.subscriptions s
  LEFT JOIN scaivault.webhooks w ON w.tenant_id = s.tenant_id AND w.subscription_id = s.id
 WHERE s.tenant_id = :p1 AND s.identity = :p2 AND s.id > :p3
 ORDER BY s.id
 LIMIT :p4::bigint)";

constexpr const char* find_sql = R"(
SELECT s.id, s.name, s.identity, s.identity_id, s.partner_id,
       json_build_array(array_to_json(s.paths), array_to_json(s.events), array_to_json(s.tags))::text,
       coalesce(s.secret_type, ''), s.delivery_type, s.buffer_size, s.dropped, s.position_txid::text, s.position_seq,
       to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(s.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), coalesce(w.url, ''),
       CASE WHEN w.id IS NULL THEN ''
            WHEN NOT w.enabled THEN CASE WHEN w.disabled_reason IS NULL THEN 'disabled' ELSE 'failing' END
            WHEN w.consecutive_failures = 0 THEN 'healthy'
            WHEN w.consecutive_failures < 10 THEN 'degraded' ELSE 'failing' END,
       (SELECT count(*)
          FROM scaivault.subscription_events b
         WHERE b.tenant_id = s.tenant_id AND b.subscription_id = s.id AND b.acked_at IS NULL)
  FROM scaivault.subscriptions s
  LEFT JOIN scaivault.webhooks w ON w.tenant_id = s.tenant_id AND w.subscription_id = s.id
 WHERE s.tenant_id = :p1 AND s.id = :p2)";

constexpr const char* insert_sql = R"(
INSERT INTO scaivault.subscriptions (tenant_id, id, name, partner_id, identity, identity_id, paths, events, secret_type, tags,
                                     delivery_type, buffer_size)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7::text[], :p8::text[], nullif(:p9, ''), :p10::text[], :p11, :p12::integer)
RETURNING to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), position_txid::text, position_seq)";

constexpr const char* update_sql = R"(
UPDATE scaivault.subscriptions s
   SET name = :p3, paths = :p4::text[], events = :p5::text[], secret_type = nullif(:p6, ''), tags = :p7::text[],
       delivery_type = :p8, buffer_size = :p9::integer, updated_at = clock_timestamp()
 WHERE s.tenant_id = :p1 AND s.id = :p2)";

constexpr const char* remove_sql = "DELETE FROM scaivault.subscriptions WHERE tenant_id = :p1 AND id = :p2";

constexpr const char* owner_sql = R"(
SELECT s.identity, s.identity_id, s.partner_id, array_to_json(s.paths)::text,
       coalesce((SELECT json_agg('group:' || m.group_id)
                   FROM scaivault.memberships m
                   JOIN scaivault.groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id AND g.deleted_at IS NULL
                  WHERE m.tenant_id = s.tenant_id AND 'user:' || m.user_id = s.identity AND m.deleted_at IS NULL), '[]')::text,
       coalesce((SELECT p.generation FROM scaivault.policy_generations p WHERE p.tenant_id = s.tenant_id), 0),
       coalesce((SELECT p.generation FROM scaivault.policy_generations p WHERE p.tenant_id = 'partner/' || s.partner_id), 0)
  FROM scaivault.subscriptions s
 WHERE s.tenant_id = :p1 AND s.id = :p2
   AND NOT EXISTS (SELECT
                     FROM scaivault.users u
                    WHERE u.tenant_id = s.tenant_id AND 'user:' || u.id = s.identity
                      AND (u.deleted_at IS NOT NULL OR upper(u.status) <> 'ACTIVE')))";

constexpr const char* move_sql = R"(
UPDATE scaivault.subscriptions s
   SET position_txid = :p3::xid8, position_seq = :p4::bigint, last_polled_at = clock_timestamp()
 WHERE s.tenant_id = :p1 AND s.id = :p2 AND s.position_txid = :p5::xid8 AND s.position_seq = :p6::bigint)";

constexpr const char* buffer_sql = R"(
INSERT INTO scaivault.subscription_events (tenant_id, subscription_id, txid, seq, owner, event_id)
SELECT :p1, :p2, n.txid::xid8, n.seq, n.owner, n.event_id
  FROM unnest(:p3::text[], :p4::bigint[], :p5::text[], :p6::text[]) AS n (txid, seq, owner, event_id)
    ON CONFLICT (tenant_id, subscription_id, txid, seq) DO NOTHING)";

constexpr const char* trim_sql = R"(
WITH gone AS (
    DELETE FROM scaivault.subscription_events b
     WHERE b.tenant_id = :p1 AND b.subscription_id = :p2 AND b.acked_at IS NULL
       AND (b.txid, b.seq) <= (SELECT o.txid, o.seq
                                 FROM scaivault.subscription_events o
                                WHERE o.tenant_id = :p1 AND o.subscription_id = :p2 AND o.acked_at IS NULL
                                ORDER BY o.txid DESC, o.seq DESC
                               OFFSET :p3::bigint LIMIT 1)
 RETURNING 1)
UPDATE scaivault.subscriptions s
   SET dropped = s.dropped + (SELECT count(*) FROM gone)
 WHERE s.tenant_id = :p1 AND s.id = :p2 AND EXISTS (SELECT FROM gone))";

constexpr const char* pending_sql = R"(
SELECT e.tenant_id, b.txid::text, b.seq, e.event_id, e.event_type,
       to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.partner_id, e.identity_id,
       coalesce(e.path, ''), e.data::text, e.request_id
  FROM scaivault.subscription_events b
  JOIN scaivault.events e ON e.tenant_id = b.owner AND e.txid = b.txid AND e.seq = b.seq
 WHERE b.tenant_id = :p1 AND b.subscription_id = :p2 AND b.acked_at IS NULL
   AND (b.txid, b.seq) > (coalesce((SELECT s.txid
                                      FROM scaivault.subscription_events s
                                     WHERE s.tenant_id = :p1 AND s.subscription_id = :p2 AND s.event_id = :p3), '0'::xid8),
                          coalesce((SELECT s.seq
                                      FROM scaivault.subscription_events s
                                     WHERE s.tenant_id = :p1 AND s.subscription_id = :p2 AND s.event_id = :p3), 0::bigint))
 ORDER BY b.txid, b.seq
 LIMIT :p4::bigint)";

constexpr const char* ack_sql = R"(
UPDATE scaivault.subscription_events b
   SET acked_at = clock_timestamp()
 WHERE b.tenant_id = :p1 AND b.subscription_id = :p2 AND b.event_id = ANY (:p3::text[]) AND b.acked_at IS NULL)";

constexpr const char* any_after_sql = R"(
SELECT EXISTS (SELECT
                 FROM scaivault.events e
                WHERE e.tenant_id = :p1 AND (e.txid, e.seq) > (:p2::xid8, :p3::bigint)
                  AND e.txid < pg_snapshot_xmin(pg_current_snapshot())))";

std::vector<S> texts(const Value& list) {
    std::vector<S> out;
    list.each_item([&](const Value& item) { out.push_back(item.text_or("")); });
    return out;
}
std::vector<S> texts(const S& json) {
    const auto list = scai::json::parse(json);
    return list ? texts(*list) : std::vector<S>{};
}

using SubscriptionRow =
    std::tuple<S, S, S, S, S, S, S, S, std::int64_t, std::int64_t, S, std::int64_t, S, S, S, S, std::int64_t>;

Subscription subscription_of(SubscriptionRow row) {
    auto& [id, name, identity, identity_id, partner, lists, type, delivery, buffer, dropped, txid, seq,
           created, updated, url, state, pending] = row;
    const auto arrays = scai::json::parse(lists);
    Subscription out;
    out.id = std::move(id);
    out.name = std::move(name);
    out.identity = std::move(identity);
    out.identity_id = std::move(identity_id);
    out.partner_id = std::move(partner);
    if (arrays) {
        out.paths = texts(arrays->at(0));
        out.events = texts(arrays->at(1));
        out.filter.tags = texts(arrays->at(2));
    }
    out.filter.secret_type = std::move(type);
    out.delivery_type = std::move(delivery);
    out.buffer_size = buffer;
    out.dropped = dropped;
    out.position = {std::move(txid), seq};
    out.created_at = std::move(created);
    out.updated_at = std::move(updated);
    out.url = std::move(url);
    out.webhook_state = std::move(state);
    out.pending = pending;
    return out;
}

} // namespace

std::vector<Subscription> list(Reader& reader, std::string_view tenant_id, std::string_view identity,
                               std::string_view after, std::int64_t limit) {
    std::vector<Subscription> out;
    for (auto& row : reader.all<S, S, S, S, S, S, S, S, std::int64_t, std::int64_t, S, std::int64_t, S, S, S,
                                S, std::int64_t>(list_sql, tenant_id, identity, after, limit))
        out.push_back(subscription_of(std::move(row)));
    return out;
}

std::optional<Subscription> find(Reader& reader, std::string_view tenant_id, std::string_view id) {
    auto row = reader.maybe<S, S, S, S, S, S, S, S, std::int64_t, std::int64_t, S, std::int64_t, S, S, S, S,
                            std::int64_t>(find_sql, tenant_id, id);
    if (!row)
        return std::nullopt;
    return subscription_of(std::move(*row));
}

void insert(Tx& tx, std::string_view tenant_id, Subscription& subscription) {
    auto [created, txid, seq] = tx.one<S, S, std::int64_t>(
        insert_sql, tenant_id, subscription.id, subscription.name, subscription.partner_id,
        subscription.identity, subscription.identity_id, subscription.paths, subscription.events,
        subscription.filter.secret_type, subscription.filter.tags, subscription.delivery_type,
        subscription.buffer_size);
    subscription.created_at = subscription.updated_at = created;
    subscription.position = {txid, seq};
}

void update(Tx& tx, std::string_view tenant_id, const Subscription& subscription) {
    tx.run(update_sql, tenant_id, subscription.id, subscription.name, subscription.paths, subscription.events,
           subscription.filter.secret_type, subscription.filter.tags, subscription.delivery_type,
           subscription.buffer_size);
}

bool remove(Tx& tx, std::string_view tenant_id, std::string_view id) {
    return tx.run(remove_sql, tenant_id, id) > 0;
}

std::optional<Owner> find_owner(Reader& reader, std::string_view tenant_id, std::string_view id) {
    auto row = reader.maybe<S, S, S, S, S, std::int64_t, std::int64_t>(owner_sql, tenant_id, id);
    if (!row)
        return std::nullopt;
    auto& [identity, identity_id, partner, paths, groups, own, partners] = *row;
    Owner out;
    out.paths = texts(paths);
    out.caller.identity = std::move(identity);
    out.caller.identity_id = std::move(identity_id);
    out.caller.tenant_id = out.caller.home_tenant_id = std::string(tenant_id);
    out.caller.partner_id = std::move(partner);
    out.caller.groups = texts(groups);
    out.caller.tenant_policies = own;
    out.caller.partner_policies = partners;
    return out;
}

bool advance(Tx& tx, std::string_view tenant_id, const Subscription& subscription, const Position& to,
             const std::vector<const Row*>& matching) {
    if (tx.run(move_sql, tenant_id, subscription.id, to.txid, to.seq, subscription.position.txid,
               subscription.position.seq) == 0)
        return false;
    if (matching.empty())
        return true;
    std::vector<S> txids, owners, ids;
    std::vector<std::int64_t> seqs;
    for (const Row* row : matching) {
        txids.push_back(row->txid);
        seqs.push_back(row->seq);
        owners.push_back(row->owner);
        ids.push_back(row->event_id);
    }
    tx.run(buffer_sql, tenant_id, subscription.id, txids, seqs, owners, ids);
    tx.run(trim_sql, tenant_id, subscription.id, subscription.buffer_size);
    return true;
}

std::vector<Row> pending(Reader& reader, std::string_view tenant_id, std::string_view id,
                         std::string_view since, std::int64_t limit) {
    std::vector<Row> out;
    for (auto& [owner, txid, seq, event_id, type, at, partner, identity, path, data, request] :
         reader.all<S, S, std::int64_t, S, S, S, S, S, S, S, S>(pending_sql, tenant_id, id, since, limit)) {
        Row row;
        row.owner = std::move(owner);
        row.txid = std::move(txid);
        row.seq = seq;
        row.event_id = std::move(event_id);
        row.type = std::move(type);
        row.at = std::move(at);
        row.partner_id = std::move(partner);
        row.identity_id = std::move(identity);
        row.path = std::move(path);
        row.data = std::move(data);
        row.request_id = std::move(request);
        out.push_back(std::move(row));
    }
    return out;
}

std::int64_t ack(Tx& tx, std::string_view tenant_id, std::string_view id,
                 const std::vector<std::string>& event_ids) {
    return tx.run(ack_sql, tenant_id, id, event_ids);
}

bool any_after(Reader& reader, std::string_view owner, const Position& position) {
    return reader.one<bool>(any_after_sql, owner, position.txid, position.seq);
}

} // namespace scaivault::subscriptions::store
