// SPDX-License-Identifier: Apache-2.0
#include "lib/db/sql.hpp"
#include "lib/scaivault/secrets/store.hpp"
#include "lib/scaivault/secrets/store_rows.hpp"

namespace scaivault::secrets::store {

using scai::db::Executor;
using scai::db::joined;

namespace {

// Every walk takes: :p1 owner, :p2 the path before, :p3 and :p4 the ranges, :p5 how many, :p6 what it is a
// walk of, :p7 tags a row must have, :p8 its type or null. Each range is walked through an index in path
// order; what a row must have besides is said of it, not searched for, so that a page costs what it holds.
constexpr char listed_columns[] = R"(
SELECT w.path, w.secret_type, w.version, (extract(epoch FROM w.created_at) * 1000000)::bigint,
       (extract(epoch FROM w.updated_at) * 1000000)::bigint, (extract(epoch FROM w.expires_at) * 1000000)::bigint,
       array_to_string(w.tags, chr(31)),
       w.tags @> :p7::text[] AND (:p8::text IS NULL OR w.secret_type = :p8::text) AND :p6::text IS NOT NULL
  FROM unnest(:p3::text[], :p4::text[]) AS r(low, high)
 CROSS JOIN LATERAL ()";
constexpr char walk_all[] = R"(
       SELECT s.path, s.secret_type, s.version, s.created_at, s.updated_at, s.expires_at, s.tags
         FROM scaivault.secrets AS s
        WHERE s.tenant_id = :p1::text AND s.deleted_at IS NULL
          AND s.path > :p2::text AND s.path >= r.low AND s.path < r.high
        ORDER BY s.path LIMIT :p5::bigint)";
constexpr char walk_type[] = R"(
       SELECT s.path, s.secret_type, s.version, s.created_at, s.updated_at, s.expires_at, s.tags
         FROM scaivault.secrets AS s
        WHERE s.tenant_id = :p1::text AND s.deleted_at IS NULL AND s.secret_type = :p6::text
          AND s.path > :p2::text AND s.path >= r.low AND s.path < r.high
        ORDER BY s.path LIMIT :p5::bigint)";
constexpr char walk_tag[] = R"(
       SELECT s.path, s.secret_type, s.version, s.created_at, s.updated_at, s.expires_at, s.tags
         FROM (SELECT t.tenant_id, t.path
                 FROM scaivault.secret_tags AS t
                WHERE t.tenant_id = :p1::text AND t.tag = :p6::text
                  AND t.path > :p2::text AND t.path >= r.low AND t.path < r.high
                ORDER BY t.path LIMIT :p5::bigint) AS t
         JOIN scaivault.secrets AS s
           ON s.tenant_id = t.tenant_id AND s.path = t.path AND s.deleted_at IS NULL)";
constexpr char in_order[] = R"() AS w
 ORDER BY w.path LIMIT :p5::bigint
)";
constexpr auto walk_all_sql = joined<listed_columns, walk_all, in_order>;
constexpr auto walk_type_sql = joined<listed_columns, walk_type, in_order>;
constexpr auto walk_tag_sql = joined<listed_columns, walk_tag, in_order>;

// Of :p1 owner, :p2 the path before, :p3 and :p4 the ranges, :p5 how many, :p6 when, :p7 tags, :p8 type.
constexpr auto deleted_sql = R"sql(
SELECT w.path, w.secret_type, w.version, (extract(epoch FROM w.created_at) * 1000000)::bigint,
       (extract(epoch FROM w.updated_at) * 1000000)::bigint, (extract(epoch FROM w.expires_at) * 1000000)::bigint,
       array_to_string(w.tags, chr(31)), w.tags @> :p7::text[] AND (:p8::text IS NULL OR w.secret_type = :p8::text)
           AND w.recoverable_until > :p6::timestamptz,
       (extract(epoch FROM w.deleted_at) * 1000000)::bigint, (extract(epoch FROM w.recoverable_until) * 1000000)::bigint
  FROM unnest(:p3::text[], :p4::text[]) AS r(low, high)
 CROSS JOIN LATERAL (
       SELECT s.path, s.secret_type, s.version, s.created_at, s.updated_at, s.expires_at, s.tags, s.deleted_at,
              s.recoverable_until
         FROM scaivault.secrets AS s
        WHERE s.tenant_id = :p1::text AND s.deleted_at IS NOT NULL
          AND s.path > :p2::text AND s.path >= r.low AND s.path < r.high
        ORDER BY s.path LIMIT :p5::bigint) AS w
 ORDER BY w.path LIMIT :p5::bigint
)sql";

constexpr auto expiring_sql = R"sql(
SELECT s.path, s.secret_type, s.version, (extract(epoch FROM s.created_at) * 1000000)::bigint,
       (extract(epoch FROM s.updated_at) * 1000000)::bigint, (extract(epoch FROM s.expires_at) * 1000000)::bigint,
       array_to_string(s.tags, chr(31)), s.path >= :p2::text AND s.path < :p2::text || '{'
  FROM scaivault.secrets AS s
 WHERE s.tenant_id = :p1::text AND s.deleted_at IS NULL AND s.expires_at <= :p3::timestamptz
   AND (s.expires_at, s.path) > ('epoch'::timestamptz + :p4::bigint * interval '1 microsecond', :p5::text)
 ORDER BY s.expires_at, s.path LIMIT :p6::bigint
)sql";

template<class... Args>
std::vector<Listed> listed(Executor& reader, const char* sql, const Args&... args) {
    const auto found = reader.all<std::string, std::string, std::int64_t, std::int64_t, std::int64_t,
                                  std::optional<std::int64_t>, std::string, bool>(sql, args...);
    std::vector<Listed> out;
    out.reserve(found.size());
    for (const auto& [path, type, version, created, updated, expires, tags, fits] : found)
        out.push_back({.path = path,
                       .secret_type = type,
                       .version = version,
                       .created_at = rows::time_of(created),
                       .updated_at = rows::time_of(updated),
                       .expires_at = rows::time_of(expires),
                       .deleted_at = std::nullopt,
                       .restore_until = std::nullopt,
                       .tags = scai::split_list(tags, '\x1f'),
                       .fits = fits});
    return out;
}

std::vector<Listed> walk_deleted(Executor& reader, std::string_view owner, const Walk& walk,
                                 const std::vector<std::string>& high) {
    const auto found = reader.all<std::string, std::string, std::int64_t, std::int64_t, std::int64_t,
                                  std::optional<std::int64_t>, std::string, bool, std::int64_t, std::int64_t>(
        deleted_sql, owner, walk.after, walk.ranges, high, walk.limit, scai::to_iso8601(*walk.restorable_at),
        walk.tags, walk.type);
    std::vector<Listed> out;
    out.reserve(found.size());
    for (const auto& [path, type, version, created, updated, expires, tags, fits, deleted, until] : found)
        out.push_back({.path = path,
                       .secret_type = type,
                       .version = version,
                       .created_at = rows::time_of(created),
                       .updated_at = rows::time_of(updated),
                       .expires_at = rows::time_of(expires),
                       .deleted_at = rows::time_of(deleted),
                       .restore_until = rows::time_of(until),
                       .tags = scai::split_list(tags, '\x1f'),
                       .fits = fits});
    return out;
}

} // namespace

std::vector<Listed> walk(Executor& reader, std::string_view owner, const Walk& walk) {
    std::vector<std::string> high;
    for (const auto& low : walk.ranges)
        high.push_back(low + "{"); // comes after every character of a path
    if (walk.restorable_at)
        return walk_deleted(reader, owner, walk, high);
    const char* sql = walk_all_sql;
    std::string of_what;
    if (!walk.tags.empty()) {
        sql = walk_tag_sql;
        of_what = walk.tags.front();
    } else if (walk.type) {
        sql = walk_type_sql;
        of_what = *walk.type;
    }
    return listed(reader, sql, owner, walk.after, walk.ranges, high, walk.limit, of_what, walk.tags,
                  walk.type);
}

std::vector<Listed> expiring(Executor& reader, std::string_view owner, std::string_view prefix,
                             scai::UtcTime until, std::int64_t after_us, std::string_view after_path,
                             std::int64_t limit) {
    return listed(reader, expiring_sql, owner, prefix, scai::to_iso8601(until), after_us, after_path, limit);
}

} // namespace scaivault::secrets::store
