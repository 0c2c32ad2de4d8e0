// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/store_runs.hpp"

#include "lib/db/sql.hpp"
#include "lib/scaivault/identity/store_rows.hpp"

namespace scaivault::identity::store {

using scai::db::Executor;
using scai::db::Tx;

namespace {

constexpr char columns[] = R"sql(
SELECT number, id, coalesce(partner_id, ''), coalesce(tenant_id, ''), trigger, requested_by, status,
       (extract(epoch FROM requested_at) * 1000000)::bigint, (extract(epoch FROM started_at) * 1000000)::bigint,
       (extract(epoch FROM completed_at) * 1000000)::bigint, users_synced, groups_synced, counters::text,
       messages::text, error
  FROM scaivault.identity_syncs)sql";
constexpr char where_pending[] = " WHERE status = 'pending' ORDER BY number LIMIT 1000";
constexpr char where_same[] = R"sql(
 WHERE status = 'pending' AND partner_id IS NOT DISTINCT FROM nullif(:p1, '')
   AND tenant_id IS NOT DISTINCT FROM nullif(:p2, '') ORDER BY number LIMIT 1)sql";
constexpr char where_id[] = " WHERE id = :p1";
constexpr char where_seen[] = R"sql(
 WHERE ((:p1 = '' AND :p2 = '') OR (partner_id IS NULL AND tenant_id IS NULL) OR tenant_id = :p2 OR partner_id = :p1))sql";
constexpr char one_page[] = " ORDER BY number DESC OFFSET :p3::bigint LIMIT :p4::bigint";
constexpr char counting[] = "SELECT count(*) FROM scaivault.identity_syncs";

constexpr auto find_pending = scai::db::joined<columns, where_pending>;
constexpr auto find_same = scai::db::joined<columns, where_same>;
constexpr auto find_id = scai::db::joined<columns, where_id>;
constexpr auto page_of_history = scai::db::joined<columns, where_seen, one_page>;
constexpr auto count_history = scai::db::joined<counting, where_seen>;

constexpr auto insert_request = R"sql(
INSERT INTO scaivault.identity_syncs (id, partner_id, tenant_id, trigger, requested_by)
VALUES (:p1, nullif(:p2, ''), nullif(:p3, ''), :p4, :p5))sql";
// Once: what kills its reader every time must not do so every minute.
constexpr auto close_killed_runs = R"sql(
WITH killed AS (
    UPDATE scaivault.identity_syncs
       SET status = 'failed', completed_at = clock_timestamp(), error = 'the process that ran it was killed'
     WHERE status = 'running'
    RETURNING number, id, partner_id, tenant_id, trigger)
INSERT INTO scaivault.identity_syncs (id, partner_id, tenant_id, trigger, requested_by)
SELECT 'sync_' || substr(md5(id), 1, 16), partner_id, tenant_id, 'retry', 'after ' || id || ', which was killed'
  FROM (SELECT DISTINCT ON (partner_id, tenant_id) * FROM killed WHERE trigger <> 'retry'
         ORDER BY partner_id, tenant_id, number DESC) latest
 ORDER BY number)sql";
constexpr auto mark_running = R"sql(
UPDATE scaivault.identity_syncs SET status = 'running', started_at = clock_timestamp()
 WHERE number = ANY (:p1::bigint[]))sql";
constexpr auto mark_finished = R"sql(
UPDATE scaivault.identity_syncs
   SET status = :p2, completed_at = clock_timestamp(), counters = :p3::jsonb, messages = :p4::jsonb, error = :p5,
       users_synced = :p6::bigint, groups_synced = :p7::bigint
 WHERE number = ANY (:p1::bigint[]))sql";
constexpr auto find_last_full = R"sql(
SELECT extract(epoch FROM clock_timestamp() - completed_at)::bigint, status = 'failed'
  FROM scaivault.identity_syncs
 WHERE partner_id IS NULL AND tenant_id IS NULL AND completed_at IS NOT NULL
 ORDER BY number DESC LIMIT 1)sql";
constexpr auto read_now = "SELECT now()::text";

template<class... Args>
std::vector<SyncRow> rows_of(Executor& reader, const char* sql, const Args&... args) {
    using Text = std::string;
    using Number = std::optional<std::int64_t>;
    std::vector<SyncRow> out;
    for (auto& row : reader.all<std::int64_t, Text, Text, Text, Text, Text, Text, std::int64_t, Number,
                                Number, Number, Number, Text, Text, std::optional<Text>>(sql, args...)) {
        SyncRow one;
        one.number = std::get<0>(row);
        one.id = std::move(std::get<1>(row));
        one.extent = {std::move(std::get<2>(row)), std::move(std::get<3>(row))};
        one.trigger = std::move(std::get<4>(row));
        one.requested_by = std::move(std::get<5>(row));
        one.status = std::move(std::get<6>(row));
        one.requested_at = *time_of(std::get<7>(row));
        one.started_at = time_of(std::get<8>(row));
        one.completed_at = time_of(std::get<9>(row));
        one.users_synced = std::get<10>(row);
        one.groups_synced = std::get<11>(row);
        one.counters = std::move(std::get<12>(row));
        one.messages = std::move(std::get<13>(row));
        one.error = std::move(std::get<14>(row));
        out.push_back(std::move(one));
    }
    return out;
}

} // namespace

SyncRow request(Tx& tx, const std::string& id, const Extent& extent, const std::string& trigger,
                const std::string& requested_by) {
    auto same = rows_of(tx, find_same, extent.partner_id, extent.tenant_id);
    if (!same.empty())
        return std::move(same.front());
    tx.run(insert_request, id, extent.partner_id, extent.tenant_id, trigger, requested_by);
    return std::move(rows_of(tx, find_id, id).front());
}

std::vector<SyncRow> pending(Executor& reader) {
    return rows_of(reader, find_pending);
}

void close_killed(Tx& tx) {
    tx.run(close_killed_runs);
}

void begin(Tx& tx, const std::vector<std::int64_t>& numbers) {
    tx.run(mark_running, numbers);
}

std::string now_text(Tx& tx) {
    return tx.one<std::string>(read_now);
}

void finish(Tx& tx, const std::vector<std::int64_t>& numbers, const Result& result) {
    tx.run(mark_finished, numbers, result.status, result.counters, result.messages, result.error,
           result.users, result.groups);
}

std::optional<std::pair<std::int64_t, bool>> last_full(Executor& reader) {
    const auto row = reader.maybe<std::int64_t, bool>(find_last_full);
    if (!row)
        return std::nullopt;
    return std::pair(std::get<0>(*row), std::get<1>(*row));
}

std::vector<SyncRow> history(Executor& reader, const Extent& seen_from, std::int64_t offset,
                             std::int64_t limit) {
    return rows_of(reader, page_of_history, seen_from.partner_id, seen_from.tenant_id, offset, limit);
}

std::int64_t count(Executor& reader, const Extent& seen_from) {
    return reader.one<std::int64_t>(count_history, seen_from.partner_id, seen_from.tenant_id);
}

} // namespace scaivault::identity::store
