// The trail is asked by time, path, identity or request: each has its index, and the statement that starts
// from it. SPDX-License-Identifier: Apache-2.0
#include "lib/db/sql.hpp"
#include "lib/scaivault/audit/query.hpp"

#include <algorithm>
#include <array>

namespace scaivault::audit {

namespace {

namespace db = scai::db;

constexpr char trail_columns[] =
    R"(SELECT (extract(epoch FROM at) * 1000000)::bigint, seq, id, action, identity_type, identity_id, secret_path, source_ip,
       user_agent, success, duration_ms, request_id, extra_data::text)";

// What every question says. Times are always given, so that other months are not opened.
constexpr char where[] = R"(
  FROM scaivault.audit_log
 WHERE tenant_id = :p1 AND at >= :p2::timestamptz AND at < :p3::timestamptz
   AND (:p4::text[] IS NULL OR action = ANY (:p4::text[])) AND (:p5::text IS NULL OR identity_type = :p5::text)
   AND (:p6::boolean IS NULL OR success = :p6::boolean) AND (:p7::text IS NULL OR source_ip = :p7::text))";
constexpr char maybe_identity[] = " AND (:p8::text[] IS NULL OR identity_id = ANY (:p8::text[]))";
constexpr char maybe_path[] = " AND (:p9::text IS NULL OR secret_path = :p9::text)";
constexpr char maybe_prefix[] =
    " AND (:p10::text IS NULL OR (secret_path >= :p10::text AND secret_path < :p11::text))";
constexpr char maybe_request[] = " AND (:p12::text IS NULL OR request_id = :p12::text)";
// What a question may start from.
constexpr char by_request[] = " AND request_id = :p12::text";
constexpr char by_path[] = " AND secret_path = :p9::text";
constexpr char by_prefix[] = " AND secret_path >= :p10::text AND secret_path < :p11::text";
constexpr char by_identity[] = " AND identity_id = (:p8::text[])[1]"; // of one spelling: rows come in order
constexpr char by_identities[] = " AND identity_id = ANY (:p8::text[])";

constexpr char newest_first[] =
    " AND (at, seq) < (:p13::timestamptz, :p14::bigint) ORDER BY at DESC, seq DESC LIMIT :p15::bigint";
constexpr char oldest_first[] =
    " AND (at, seq) > (:p13::timestamptz, :p14::bigint) ORDER BY at, seq LIMIT :p15::bigint";

constexpr char counted[] =
    R"(SELECT count(*), count(*) FILTER (WHERE success), count(DISTINCT identity_id), count(DISTINCT secret_path),
       (extract(epoch FROM min(at)) * 1000000)::bigint, (extract(epoch FROM max(at)) * 1000000)::bigint)";
constexpr char by_action_and_type[] = "SELECT action, identity_type, count(*)";
constexpr char grouped[] = " GROUP BY action, identity_type";
constexpr char some[] = "SELECT count(*) FROM (SELECT 1 AS row";
constexpr char some_end[] = " LIMIT 200000) counted";

enum class Start { request, path, identity, identities, prefix, time };

Start start_of(const Filter& filter) {
    if (!filter.request_id.empty())
        return Start::request;
    if (!filter.path.empty())
        return Start::path;
    if (!filter.identities.empty())
        return filter.identities.size() == 1 ? Start::identity : Start::identities;
    if (!filter.path_prefix.empty())
        return Start::prefix;
    return Start::time;
}

/// The statements of a kind, by what they start from.
template<const auto& head, const auto& tail>
constexpr std::array<const char*, 6> statements{
    db::joined<head, where, by_request, maybe_identity, maybe_path, maybe_prefix, tail>,
    db::joined<head, where, by_path, maybe_identity, tail>,
    db::joined<head, where, by_identity, maybe_prefix, tail>,
    db::joined<head, where, by_identities, maybe_prefix, tail>,
    db::joined<head, where, by_prefix, tail>,
    db::joined<head, where, tail>,
};
constexpr char nothing[] = "";

std::string sql_time(std::int64_t micros) {
    return to_wire_time(scai::UtcTime(std::chrono::microseconds(micros)));
}
std::string sql_time(const std::optional<scai::UtcTime>& time, const char* otherwise) {
    return time ? to_wire_time(*time) : otherwise;
}
std::optional<std::string> given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}
template<class T>
std::optional<std::vector<T>> given(const std::vector<T>& list) {
    return list.empty() ? std::nullopt : std::optional(list);
}
/// The first text after all that begin so; collation "C". U+10FFFF comes after every character a path may
/// have.
std::optional<std::string> prefix_end(const std::string& prefix) {
    return prefix.empty() ? std::nullopt : std::optional(prefix + "\xF4\x8F\xBF\xBF");
}

template<class... Wanted, class... More>
auto ask(db::Reader& reader, const char* sql, const std::string& tenant, const Filter& filter,
         const More&... more) {
    return reader.all<Wanted...>(sql, tenant, sql_time(filter.from, "-infinity"),
                                 sql_time(filter.to, "infinity"), given(filter.actions),
                                 given(filter.identity_type), filter.success, given(filter.source_ip),
                                 given(filter.identities), given(filter.path), given(filter.path_prefix),
                                 prefix_end(filter.path_prefix), given(filter.request_id), more...);
}

std::vector<Record> records(db::Pool& pool, const char* sql, const std::string& tenant_id,
                            const Filter& filter, const std::string& at, std::int64_t seq,
                            std::int64_t limit) {
    auto reader = pool.read(db::Scope::tenant(tenant_id));
    std::vector<Record> out;
    for (auto& [time, number, id, action, type, identity, path, ip, agent, success, duration, request,
                extra] : ask<std::int64_t, std::int64_t, std::string, std::string, std::string, std::string,
                             std::optional<std::string>, std::string, std::string, bool, std::int64_t,
                             std::string, std::string>(reader, sql, tenant_id, filter, at, seq, limit))
        out.push_back({std::move(id), std::move(action), std::move(type), std::move(identity), std::move(ip),
                       std::move(agent), std::move(request), std::move(extra), std::move(path),
                       scai::UtcTime(std::chrono::microseconds(time)), number, duration, success});
    return out;
}

std::optional<scai::UtcTime> as_time(const std::optional<std::int64_t>& micros) {
    if (!micros)
        return std::nullopt;
    return scai::UtcTime(std::chrono::microseconds(*micros));
}

} // namespace

std::vector<Record> find_records(db::Pool& pool, const std::string& tenant_id, const Filter& filter,
                                 const std::optional<Position>& before, std::int64_t limit) {
    const auto sql = statements<trail_columns, newest_first>[static_cast<std::size_t>(start_of(filter))];
    return records(pool, sql, tenant_id, filter, before ? sql_time(before->at) : "infinity",
                   before ? before->seq : 0, limit);
}

std::vector<Record> next_records(db::Pool& pool, const std::string& tenant_id, const Filter& filter,
                                 const Position& after, std::int64_t limit) {
    const auto sql = statements<trail_columns, oldest_first>[static_cast<std::size_t>(start_of(filter))];
    return records(pool, sql, tenant_id, filter, sql_time(after.at), after.seq, limit);
}

scai::Result<Summary> summarize(db::Pool& pool, const std::string& tenant_id, const Filter& filter) {
    const auto start = static_cast<std::size_t>(start_of(filter));
    Summary out;
    try {
        auto reader = pool.read(db::Scope::tenant(tenant_id));
        using Micros = std::optional<std::int64_t>;
        const auto totals = ask<std::int64_t, std::int64_t, std::int64_t, std::int64_t, Micros, Micros>(
            reader, statements<counted, nothing>[start], tenant_id, filter);
        const auto& [total, successful, identities, secrets, first, last] = totals.at(0);
        out = {total, successful, identities, secrets, as_time(first), as_time(last), {}, {}};
        for (const auto& [action, type, count] : ask<std::string, std::string, std::int64_t>(
                 reader, statements<by_action_and_type, grouped>[start], tenant_id, filter)) {
            out.by_action[action] += count;
            out.by_identity_type[type] += count;
        }
    } catch (const db::Error& error) {
        if (error.sqlstate() != "57014") // statement_timeout
            throw;
        return scai::Error{.kind = scai::ErrorKind::unavailable,
                           .code = "service_unavailable",
                           .message = "the period holds too many rows to count; ask for a shorter one"};
    }
    return out;
}

std::int64_t estimate(db::Pool& pool, const std::string& tenant_id, const Filter& filter) {
    auto reader = pool.read(db::Scope::tenant(tenant_id));
    return ask<std::int64_t>(reader, statements<some, some_end>[static_cast<std::size_t>(start_of(filter))],
                             tenant_id, filter)
        .at(0);
}

} // namespace scaivault::audit
