// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/events/store.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/events/outbox.hpp"

namespace scaivault::events {

using scai::json::Value;

namespace {

using S = std::string;

constexpr std::size_t id_length = 20;

constexpr const char* emit_sql = R"(
INSERT INTO scaivault.events (tenant_id, event_id, event_type, partner_id, identity_id, path, secret_type, tags, data, request_id)
VALUES (:p1, :p2, :p3, :p4, :p5, nullif(:p6, ''), nullif(:p7, ''), :p8::text[], :p9::json, :p10))";

constexpr const char* emit_test_sql = R"(
INSERT INTO scaivault.events AS e (tenant_id, event_id, event_type, partner_id, identity_id, data, request_id, only_webhook)
VALUES (:p1, :p2, 'webhook.test', :p3, :p4, :p5::json, :p6, :p7)
RETURNING e.txid::text, e.seq, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))";

constexpr const char* horizon_sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text";

constexpr const char* read_all_sql = R"(
SELECT e.tenant_id, e.txid::text, e.seq, e.event_id, e.event_type,
       to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.partner_id, e.identity_id,
       coalesce(e.path, ''), coalesce(e.secret_type, ''), array_to_json(e.tags)::text, e.data::text, e.request_id,
       coalesce(e.only_webhook, '')
  FROM scaivault.events e
 WHERE (e.txid, e.seq) > (:p1::xid8, :p2::bigint) AND e.txid < :p3::xid8
 ORDER BY e.txid, e.seq
 LIMIT :p4::bigint)";

constexpr const char* read_owner_sql = R"(
SELECT e.tenant_id, e.txid::text, e.seq, e.event_id, e.event_type,
       to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.partner_id, e.identity_id,
       coalesce(e.path, ''), coalesce(e.secret_type, ''), array_to_json(e.tags)::text, e.data::text, e.request_id,
       coalesce(e.only_webhook, '')
  FROM scaivault.events e
 WHERE e.tenant_id = :p5 AND (e.txid, e.seq) > (:p1::xid8, :p2::bigint) AND e.txid < :p3::xid8
 ORDER BY e.txid, e.seq
 LIMIT :p4::bigint)";

Row row_of(const std::tuple<S, S, std::int64_t, S, S, S, S, S, S, S, S, S, S, S>& columns) {
    const auto& [owner, txid, seq, id, type, at, partner, identity, path, secret_type, tags, data, request,
                 only] = columns;
    Row out{.owner = owner,
            .txid = txid,
            .seq = seq,
            .event_id = id,
            .type = type,
            .at = at,
            .partner_id = partner,
            .identity_id = identity,
            .path = path,
            .secret_type = secret_type,
            .tags = {},
            .data = data,
            .request_id = request,
            .only_webhook = only};
    if (const auto list = tags == "[]" ? scai::Result<Value>(Value::array()) : scai::json::parse(tags))
        list->each_item([&](const Value& tag) { out.tags.push_back(tag.text_or("")); });
    return out;
}

} // namespace

void emit(scai::db::Tx& tx, const Caller& who, const Event& event) {
    tx.run(emit_sql, event.owner, "evt_" + scai::crypto::random_id(id_length), event.type, who.partner_id,
           who.identity_id, event.path, event.secret_type, event.tags, event.data.dump(), who.request_id);
}

namespace store {

Position position_of(const Row& row) {
    return {.txid = row.txid, .seq = row.seq};
}

bool before(const Position& a, const Position& b) {
    const auto left = scai::parse_int(a.txid).value_or(0), right = scai::parse_int(b.txid).value_or(0);
    return left != right ? left < right : a.seq < b.seq;
}

std::string horizon(scai::db::Reader& reader) {
    return reader.one<S>(horizon_sql);
}

std::vector<Row> read_after(scai::db::Reader& reader, std::string_view owner, const Position& position,
                            std::string_view horizon, std::int64_t limit) {
    std::vector<Row> out;
    const auto take = [&](const auto& rows) {
        out.reserve(rows.size());
        for (const auto& each : rows)
            out.push_back(row_of(each));
    };
    if (owner.empty())
        take(reader.all<S, S, std::int64_t, S, S, S, S, S, S, S, S, S, S, S>(read_all_sql, position.txid,
                                                                             position.seq, horizon, limit));
    else
        take(reader.all<S, S, std::int64_t, S, S, S, S, S, S, S, S, S, S, S>(
            read_owner_sql, position.txid, position.seq, horizon, limit, owner));
    return out;
}

Row emit_test(scai::db::Tx& tx, std::string_view tenant_id, std::string_view partner_id,
              std::string_view identity_id, std::string_view request_id, std::string_view webhook_id) {
    Row out{.owner = std::string(tenant_id),
            .txid = {},
            .seq = 0,
            .event_id = "evt_" + scai::crypto::random_id(id_length),
            .type = "webhook.test",
            .at = {},
            .partner_id = std::string(partner_id),
            .identity_id = std::string(identity_id),
            .path = {},
            .secret_type = {},
            .tags = {},
            .data = Value::object({{"webhook_id", webhook_id}}).dump(),
            .request_id = std::string(request_id),
            .only_webhook = std::string(webhook_id)};
    std::tie(out.txid, out.seq, out.at) = tx.one<S, std::int64_t, S>(
        emit_test_sql, tenant_id, out.event_id, partner_id, identity_id, out.data, request_id, webhook_id);
    return out;
}

} // namespace store

} // namespace scaivault::events
