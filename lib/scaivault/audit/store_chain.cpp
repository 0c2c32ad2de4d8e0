// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/store_chain.hpp"

namespace scaivault::audit {

namespace {

namespace db = scai::db;

constexpr auto select_horizon = R"(SELECT coalesce(greatest((SELECT max(end_txid) FROM scaivault.audit_seals),
                         (SELECT max(end_txid) FROM scaivault.audit_anchors)), '0'::xid8)::text::bigint,
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint)";

constexpr auto select_row_number = R"(SELECT txid::text::bigint FROM scaivault.audit_log
 WHERE txid >= :p1::text::xid8 AND txid < :p2::text::xid8
 ORDER BY txid OFFSET :p3::bigint LIMIT 1)";

constexpr auto select_rows =
    R"(SELECT tenant_id, (extract(epoch FROM at) * 1000000)::bigint, seq, txid::text, id, action,
       identity_type, identity_id, secret_path, source_ip, user_agent, success::text, duration_ms::text, request_id,
       extra_data::text
  FROM scaivault.audit_log
 WHERE txid >= :p1::text::xid8 AND txid < :p2::text::xid8 AND (:p3::text IS NULL OR tenant_id = :p3::text)
 ORDER BY tenant_id, audit_log.txid, seq)";

constexpr auto select_last_seals =
    R"(SELECT DISTINCT ON (tenant_id) tenant_id, number, begin_txid::text::bigint,
       end_txid::text::bigint, row_count, (extract(epoch FROM last_at) * 1000000)::bigint, rows_hash, hash
  FROM scaivault.audit_seals
 WHERE :p1::text IS NULL OR tenant_id = :p1::text
 ORDER BY tenant_id, number DESC)";

constexpr auto select_retired = R"(SELECT tenant_id, number, 0::bigint, end_txid::text::bigint, 0::bigint,
       (extract(epoch FROM last_at) * 1000000)::bigint, ''::text, hash
  FROM scaivault.audit_anchors
 WHERE :p1::text IS NULL OR tenant_id = :p1::text
 ORDER BY tenant_id)";

constexpr auto insert_seals = R"(INSERT INTO scaivault.audit_seals
       (tenant_id, number, begin_txid, end_txid, row_count, last_at, rows_hash, hash)
SELECT s.tenant_id, s.number, :p1::text::xid8, :p2::text::xid8, s.row_count,
       timestamptz 'epoch' + s.last_at * interval '1 microsecond', s.rows_hash, s.hash
  FROM unnest(:p3::text[], :p4::bigint[], :p5::bigint[], :p6::bigint[], :p7::text[], :p8::text[])
       AS s (tenant_id, number, row_count, last_at, rows_hash, hash))";

constexpr auto select_window_after = R"(SELECT begin_txid::text::bigint, end_txid::text::bigint
  FROM scaivault.audit_seals
 WHERE end_txid > :p1::text::xid8 AND (:p2::text IS NULL OR tenant_id = :p2::text)
 ORDER BY end_txid LIMIT 1)";

constexpr auto select_seals =
    R"(SELECT tenant_id, number, begin_txid::text::bigint, end_txid::text::bigint, row_count,
       (extract(epoch FROM last_at) * 1000000)::bigint, rows_hash, hash
  FROM scaivault.audit_seals
 WHERE end_txid = :p1::text::xid8 AND (:p2::text IS NULL OR tenant_id = :p2::text)
 ORDER BY tenant_id, number)";

constexpr auto select_loose = R"(SELECT r.tenant_id, count(*)
  FROM scaivault.audit_log r LEFT JOIN scaivault.audit_anchors a ON a.tenant_id = r.tenant_id
 WHERE r.txid >= :p1::text::xid8 AND r.txid < :p2::text::xid8 AND (:p3::text IS NULL OR r.tenant_id = :p3::text)
   AND (a.tenant_id IS NULL OR r.txid >= a.end_txid)
 GROUP BY r.tenant_id ORDER BY r.tenant_id)";

constexpr auto select_unsealed = R"(SELECT count(*) FROM scaivault.audit_log
 WHERE txid >= :p1::text::xid8 AND (:p2::text IS NULL OR tenant_id = :p2::text))";

constexpr auto call_make_partitions = "SELECT scaivault.audit_make_partitions(:p1::integer)";

constexpr auto select_sealed_tenants =
    R"(SELECT DISTINCT tenant_id FROM scaivault.audit_seals ORDER BY tenant_id)";

constexpr auto select_retirable = R"(SELECT count(*)
  FROM scaivault.audit_seals s LEFT JOIN scaivault.audit_retention r ON r.tenant_id = s.tenant_id
 WHERE s.last_at < now() - make_interval(years => coalesce(r.years, 7)))";

constexpr auto call_retire = "SELECT scaivault.audit_retire(:p1, :p2::bigint)";
constexpr auto call_reclaim = "SELECT months, deleted FROM scaivault.audit_reclaim(:p1::bigint)";

constexpr auto upsert_retention =
    R"(INSERT INTO scaivault.audit_retention (tenant_id, years) VALUES (:p1, :p2::integer)
ON CONFLICT (tenant_id) DO UPDATE SET years = EXCLUDED.years, set_at = clock_timestamp())";
constexpr auto delete_retention = "DELETE FROM scaivault.audit_retention WHERE tenant_id = :p1";
constexpr auto select_known = R"(SELECT EXISTS (SELECT FROM scaivault.tenants WHERE id = :p1)
    OR EXISTS (SELECT FROM scaivault.audit_log WHERE tenant_id = :p1)
    OR EXISTS (SELECT FROM scaivault.audit_seals WHERE tenant_id = :p1))";
constexpr auto select_retention = "SELECT years FROM scaivault.audit_retention WHERE tenant_id = :p1";

std::vector<Seal> to_seals(std::vector<db::Row<std::string, std::int64_t, std::int64_t, std::int64_t,
                                               std::int64_t, std::int64_t, std::string, std::string>>
                               rows) {
    std::vector<Seal> out;
    out.reserve(rows.size());
    for (auto& [tenant, number, begin, end, count, last_at, rows_hash, hash] : rows)
        out.push_back(
            {std::move(tenant), number, {begin, end}, count, last_at, std::move(rows_hash), std::move(hash)});
    return out;
}

template<class... Args>
std::vector<Seal> find_seals(db::Reader& reader, const char* sql, const Args&... args) {
    return to_seals(reader.all<std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                               std::int64_t, std::string, std::string>(sql, args...));
}

/// "<length>:<bytes>" for each value and "~" for none: no two rows have the same text.
void append(std::string& out, const std::optional<std::string>& value) {
    if (value)
        out.append(std::to_string(value->size())).append(":").append(*value);
    else
        out += '~';
}

} // namespace

Horizon horizon(db::Reader& reader) {
    const auto [sealed, settled] = reader.one<std::int64_t, std::int64_t>(select_horizon);
    return {sealed, settled};
}

std::optional<Window> next_window(db::Reader& reader, const Horizon& from, std::int64_t batch) {
    const auto begin = std::to_string(from.sealed), end = std::to_string(from.settled);
    const auto first = reader.maybe<std::int64_t>(select_row_number, begin, end, 0);
    if (!first)
        return std::nullopt;
    const auto beyond = reader.maybe<std::int64_t>(select_row_number, begin, end, batch);
    // The transaction of the first row too many waits for the next window, unless it is the only one.
    return Window{from.sealed, beyond ? std::max(*beyond, *first + 1) : from.settled};
}

std::vector<SealedRow> rows_of(db::Reader& reader, const Window& window,
                               const std::optional<std::string>& tenant_id) {
    using Text = std::optional<std::string>;
    std::vector<SealedRow> out;
    auto rows = reader.all<std::string, std::int64_t, Text, Text, Text, Text, Text, Text, Text, Text, Text,
                           Text, Text, Text, Text>(select_rows, std::to_string(window.begin),
                                                   std::to_string(window.end), tenant_id);
    out.reserve(rows.size());
    for (auto& row : rows) {
        std::apply(
            [&out](std::string& tenant, std::int64_t at, const auto&... values) {
                SealedRow made{std::move(tenant), {}, at};
                append(made.text, std::to_string(at));
                (append(made.text, values), ...);
                out.push_back(std::move(made));
            },
            row);
    }
    return out;
}

std::vector<Seal> last_seals(db::Reader& reader, const std::optional<std::string>& tenant_id) {
    return find_seals(reader, select_last_seals, tenant_id);
}

std::vector<Seal> retired_seals(db::Reader& reader, const std::optional<std::string>& tenant_id) {
    return find_seals(reader, select_retired, tenant_id);
}

void add_seals(db::Tx& tx, const std::vector<Seal>& seals) {
    if (seals.empty())
        return;
    std::vector<std::string> tenants, rows_hashes, hashes;
    std::vector<std::int64_t> numbers, counts, times;
    for (const Seal& seal : seals) {
        tenants.push_back(seal.tenant_id);
        numbers.push_back(seal.number);
        counts.push_back(seal.row_count);
        times.push_back(seal.last_at);
        rows_hashes.push_back(seal.rows_hash);
        hashes.push_back(seal.hash);
    }
    tx.run(insert_seals, std::to_string(seals[0].window.begin), std::to_string(seals[0].window.end), tenants,
           numbers, counts, times, rows_hashes, hashes);
}

std::optional<Window> window_after(db::Reader& reader, std::int64_t from,
                                   const std::optional<std::string>& tenant_id) {
    const auto row =
        reader.maybe<std::int64_t, std::int64_t>(select_window_after, std::to_string(from), tenant_id);
    if (!row)
        return std::nullopt;
    return Window{std::get<0>(*row), std::get<1>(*row)};
}

std::vector<Seal> seals_of(db::Reader& reader, const Window& window,
                           const std::optional<std::string>& tenant_id) {
    return find_seals(reader, select_seals, std::to_string(window.end), tenant_id);
}

std::vector<Loose> loose_rows(db::Reader& reader, const Window& window,
                              const std::optional<std::string>& tenant_id) {
    std::vector<Loose> out;
    for (auto& [tenant, rows] : reader.all<std::string, std::int64_t>(
             select_loose, std::to_string(window.begin), std::to_string(window.end), tenant_id))
        out.push_back({std::move(tenant), rows});
    return out;
}

std::int64_t count_unsealed(db::Reader& reader, std::int64_t sealed,
                            const std::optional<std::string>& tenant_id) {
    return reader.one<std::int64_t>(select_unsealed, std::to_string(sealed), tenant_id);
}

std::int64_t make_partitions(db::Tx& tx, int ahead) {
    return tx.one<std::int64_t>(call_make_partitions, ahead);
}

std::vector<std::string> tenants_with_seals(db::Reader& reader) {
    return reader.all<std::string>(select_sealed_tenants);
}

std::int64_t count_retirable(db::Reader& reader) {
    return reader.one<std::int64_t>(select_retirable);
}

std::int64_t retire_seals(db::Tx& tx, const std::string& tenant_id, std::int64_t limit) {
    return tx.one<std::int64_t>(call_retire, tenant_id, limit);
}

Reclaimed reclaim_rows(db::Tx& tx, std::int64_t limit) {
    const auto [months, rows] = tx.one<std::int64_t, std::int64_t>(call_reclaim, limit);
    return {months, rows};
}

void store_retention(db::Tx& tx, const std::string& tenant_id, std::optional<int> years) {
    if (years)
        tx.run(upsert_retention, tenant_id, *years);
    else
        tx.run(delete_retention, tenant_id);
}

std::optional<std::int64_t> find_retention(db::Reader& reader, const std::string& tenant_id) {
    return reader.maybe<std::int64_t>(select_retention, tenant_id);
}

bool is_tenant_known(db::Reader& reader, const std::string& tenant_id) {
    return reader.one<bool>(select_known, tenant_id);
}

} // namespace scaivault::audit
