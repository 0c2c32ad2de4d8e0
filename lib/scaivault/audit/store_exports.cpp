// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/store_exports.hpp"

#include "lib/db/sql.hpp"

#include <stdexcept>

namespace scaivault::audit {

namespace {

namespace db = scai::db;

constexpr auto insert_export = R"(INSERT INTO scaivault.audit_exports
       (tenant_id, id, requested_by, partner_id, format, from_at, to_at, filters, destination, estimated_records)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6::timestamptz, :p7::timestamptz, :p8::jsonb, :p9::jsonb, :p10::bigint))";

constexpr char export_columns[] =
    R"(tenant_id, id, partner_id, status, requested_by, format, filters::text, destination::text, estimated_records,
       attempts, (extract(epoch FROM created_at) * 1000000)::bigint, (extract(epoch FROM started_at) * 1000000)::bigint,
       (extract(epoch FROM completed_at) * 1000000)::bigint, records, manifest::text, error)";
constexpr char select[] = "SELECT ";
constexpr char of_tenant[] = " FROM scaivault.audit_exports WHERE tenant_id = :p1";
constexpr char by_id[] = " AND id = :p2";
constexpr char page[] =
    R"( AND (created_at, id) < (:p2::timestamptz, :p3) ORDER BY created_at DESC, id DESC LIMIT :p4::bigint)";
constexpr auto select_export = db::joined<select, export_columns, of_tenant, by_id>;
constexpr auto select_page = db::joined<select, export_columns, of_tenant, page>;

constexpr char claim[] = R"(UPDATE scaivault.audit_exports SET status = 'running', attempts = attempts + 1,
       started_at = clock_timestamp()
 WHERE (tenant_id, id) = (SELECT tenant_id, id FROM scaivault.audit_exports
                           WHERE status IN ('pending', 'running') AND (started_at IS NULL OR started_at < :p1::timestamptz)
                           ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING )";
constexpr auto claim_next = db::joined<claim, export_columns>;

constexpr auto update_completed = R"(UPDATE scaivault.audit_exports
   SET status = 'completed', completed_at = clock_timestamp(), records = :p3::bigint, manifest = :p4::jsonb, error = NULL
 WHERE tenant_id = :p1 AND id = :p2)";

constexpr auto update_failed = R"(UPDATE scaivault.audit_exports
   SET status = CASE WHEN :p4::boolean THEN 'failed' ELSE 'pending' END,
       completed_at = CASE WHEN :p4::boolean THEN clock_timestamp() END, error = :p3
 WHERE tenant_id = :p1 AND id = :p2)";

constexpr auto select_now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
constexpr auto select_waiting =
    "SELECT count(*) FROM scaivault.audit_exports WHERE status IN ('pending', 'running')";

template<class... Args>
std::vector<Export> exports(db::Reader& reader, const char* sql, const Args&... args) {
    using Number = std::optional<std::int64_t>;
    using Text = std::optional<std::string>;
    const auto time = [](std::int64_t micros) { return scai::UtcTime(std::chrono::microseconds(micros)); };
    const auto maybe_time = [&](const Number& micros) {
        return micros ? std::optional(time(*micros)) : std::nullopt;
    };
    std::vector<Export> out;
    for (auto& [tenant, id, partner, status, by, format, filters, destination, estimated, attempts, created,
                started, completed, records, manifest, error] :
         reader.all<std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                    std::string, std::int64_t, std::int64_t, std::int64_t, Number, Number, Number, Text,
                    Text>(sql, args...)) {
        const auto filter = scai::json::parse(filters), where = scai::json::parse(destination);
        auto read = filter ? filter_of(*filter, "") : scai::Result<Filter>(filter.error());
        if (!read || !where)
            throw std::logic_error("an export holds what cannot be read");
        out.push_back({id,
                       tenant,
                       partner,
                       status,
                       by,
                       format,
                       std::move(*read),
                       {where->member("type"), where->member("bucket"), where->member("prefix"),
                        where->member("credentials_path"), where->member("region")},
                       estimated,
                       attempts,
                       time(created),
                       maybe_time(started),
                       maybe_time(completed),
                       records,
                       manifest.value_or(""),
                       error.value_or("")});
    }
    return out;
}

template<class T>
std::optional<T> first(std::vector<T> list) {
    return list.empty() ? std::nullopt : std::optional(std::move(list.front()));
}

} // namespace

void store_export(db::Tx& tx, const Export& row) {
    tx.run(insert_export, row.tenant_id, row.id, row.requested_by, row.partner_id, row.format,
           to_wire_time(row.filter.from.value()), to_wire_time(row.filter.to.value()),
           to_json(row.filter).dump(), to_json(row.destination).dump(), row.estimated_records);
}

std::optional<Export> find_export(db::Pool& pool, const std::string& tenant_id, const std::string& id) {
    auto reader = pool.read(db::Scope::tenant(tenant_id));
    return first(exports(reader, select_export, tenant_id, id));
}

std::vector<Export> list_exports(db::Pool& pool, const std::string& tenant_id,
                                 const std::optional<std::pair<std::int64_t, std::string>>& before,
                                 std::int64_t limit) {
    auto reader = pool.read(db::Scope::tenant(tenant_id));
    return exports(reader, select_page, tenant_id,
                   before ? to_wire_time(scai::UtcTime(std::chrono::microseconds(before->first)))
                          : "infinity",
                   before ? before->second : "", limit);
}

std::optional<Export> claim_export(db::Tx& tx, scai::UtcTime run_began) {
    return first(exports(tx, claim_next, to_wire_time(run_began)));
}

void complete_export(db::Tx& tx, const Export& row, std::int64_t records, const std::string& manifest) {
    tx.run(update_completed, row.tenant_id, row.id, records, manifest);
}

void fail_export(db::Tx& tx, const Export& row, const std::string& error, bool for_good) {
    tx.run(update_failed, row.tenant_id, row.id, error, for_good);
}

scai::UtcTime database_now(db::Reader& reader) {
    return scai::UtcTime(std::chrono::microseconds(reader.one<std::int64_t>(select_now)));
}

std::int64_t count_waiting(db::Reader& reader) {
    return reader.one<std::int64_t>(select_waiting);
}

} // namespace scaivault::audit
