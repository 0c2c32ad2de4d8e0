// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/store.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/db/sql.hpp"
#include "lib/scaivault/secrets/store_rows.hpp"

#include <algorithm>

namespace scaivault::secrets::store {

using scai::db::Executor;
using scai::db::joined;

namespace {

// What a read shows of the secret itself.
constexpr char read_columns[] = R"(
       s.path, s.secret_id, s.secret_type, s.version, s.revision, s.metadata::text,
       (extract(epoch FROM s.created_at) * 1000000)::bigint, (extract(epoch FROM s.updated_at) * 1000000)::bigint,
       (extract(epoch FROM s.expires_at) * 1000000)::bigint,
       (extract(epoch FROM s.last_accessed_at) * 1000000)::bigint,
       s.rotation_policy_id, s.secret_policy_id, v.version, v.key_id, encode(v.wrapped_key, 'hex'))";

constexpr char number[] = "x.n,";
constexpr char comma[] = ",";
constexpr char find_rest[] = R"(, encode(v.ciphertext, 'hex')
  FROM unnest((SELECT :p2::text[]), (SELECT :p3::text[]), (SELECT :p4::text[]), (SELECT :p5::text[]))
       WITH ORDINALITY AS x(callers_user, partner_owner, path, version, n)
  JOIN scaivault.secrets AS s ON s.tenant_id = :p1::text AND s.path = x.path AND s.deleted_at IS NULL
  LEFT JOIN scaivault.secret_versions AS v
    ON v.tenant_id = s.tenant_id AND v.secret_id = s.secret_id
   AND v.version = coalesce(nullif(x.version, '')::bigint, s.version)
   AND (v.readable_until IS NULL OR v.readable_until > :p6::timestamptz)
)";
constexpr auto find_sql = joined<sql::select_head, number, callers_version, comma, read_columns, find_rest>;

constexpr char find_many_rest[] = R"(,
       encode(CASE WHEN sum(octet_length(v.ciphertext)) OVER (ORDER BY x.n) <= :p5::bigint
                   THEN v.ciphertext END, 'hex')
  FROM unnest(:p2::text[]) WITH ORDINALITY AS x(path, n)
  JOIN scaivault.secrets AS s ON s.tenant_id = :p1::text AND s.path = x.path AND s.deleted_at IS NULL
  LEFT JOIN scaivault.secret_versions AS v
    ON v.tenant_id = s.tenant_id AND v.secret_id = s.secret_id AND v.version = coalesce(:p3::bigint, s.version)
   AND (v.readable_until IS NULL OR v.readable_until > :p4::timestamptz)
 ORDER BY x.n
)";
constexpr auto find_many_sql = joined<sql::select_head, read_columns, find_many_rest>;

// How many versions, a blank, and the rotation's state as JSON.
constexpr char count_column[] = R"(,
       (SELECT count(*) FROM scaivault.secret_versions AS v
         WHERE v.tenant_id = s.tenant_id AND v.secret_id = s.secret_id)::text || ' ' || )";
constexpr char rotation_column[] = R"(coalesce((
       SELECT json_build_object(
                'policy_id', r.policy_id, 'policy_name', p.name,
                'status', CASE WHEN NOT p.is_active THEN 'paused' WHEN r.overdue_sent THEN 'overdue'
                               WHEN r.next_rotation_at <= now() THEN 'due' ELSE 'scheduled' END,
                'last_rotated_at', to_char(r.last_rotated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                'next_rotation_at', to_char(r.next_rotation_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                'failures', r.failures)::text
         FROM scaivault.rotation_schedules AS r
         JOIN scaivault.rotation_policies AS p ON p.tenant_id = r.tenant_id AND p.id = r.policy_id
        WHERE r.tenant_id = s.tenant_id AND r.path = s.path AND r.policy_id = s.rotation_policy_id), 'null')
  FROM )";
constexpr char select_rotation[] = "SELECT ";
constexpr char one_secret[] = R"(scaivault.secrets AS s
 WHERE s.tenant_id = :p1::text AND s.path = :p2::text AND s.deleted_at IS NULL
)";
constexpr auto describe_sql =
    joined<sql::select_head, sql::info_columns, count_column, rotation_column, one_secret>;
constexpr auto rotation_sql = joined<select_rotation, rotation_column, one_secret>;
constexpr char many_secrets[] = R"(unnest(:p2::text[]) WITH ORDINALITY AS x(path, n)
  JOIN scaivault.secrets AS s ON s.tenant_id = :p1::text AND s.path = x.path AND s.deleted_at IS NULL
 ORDER BY x.n
)";
constexpr auto describe_many_sql =
    joined<sql::select_head, sql::info_columns, count_column, rotation_column, many_secrets>;

constexpr auto versions_sql = R"sql(
SELECT s.version, (extract(epoch FROM s.expires_at) * 1000000)::bigint, v.version,
       (extract(epoch FROM v.created_at) * 1000000)::bigint, v.created_by,
       (extract(epoch FROM v.readable_until) * 1000000)::bigint
  FROM scaivault.secrets AS s
  LEFT JOIN LATERAL (
       SELECT v.version, v.created_at, v.created_by, v.readable_until
         FROM scaivault.secret_versions AS v
        WHERE v.tenant_id = s.tenant_id AND v.secret_id = s.secret_id AND v.version < :p3::bigint
          AND (v.readable_until IS NULL OR v.readable_until > :p5::timestamptz)
        ORDER BY v.version DESC LIMIT :p4::bigint) AS v ON true
 WHERE s.tenant_id = :p1::text AND s.path = :p2::text AND s.deleted_at IS NULL
 ORDER BY v.version DESC
)sql";

std::optional<scai::UtcTime> time_of(const std::optional<std::int64_t>& micros) {
    return rows::time_of(micros);
}

using ReadRow =
    scai::db::Row<std::string, std::string, std::string, std::int64_t, std::int64_t, std::string,
                  std::int64_t, std::int64_t, std::optional<std::int64_t>, std::optional<std::int64_t>,
                  std::optional<std::string>, std::optional<std::string>, std::optional<std::int64_t>,
                  std::optional<std::string>, std::optional<std::string>, std::optional<std::string>>;

Stored stored_of(ReadRow&& row) {
    auto& [path, secret_id, type, current, revision, metadata, created, updated, expires, accessed, rotation,
           recipe, version, key_id, wrapped, ciphertext] = row;
    Stored out;
    out.info.path = std::move(path);
    out.info.secret_id = std::move(secret_id);
    out.info.secret_type = std::move(type);
    out.info.version = current;
    out.info.revision = revision;
    out.info.metadata = std::move(metadata);
    out.info.created_at = rows::time_of(created);
    out.info.updated_at = rows::time_of(updated);
    out.info.expires_at = time_of(expires);
    out.info.last_accessed_at = time_of(accessed);
    out.info.rotation_policy_id = std::move(rotation);
    out.info.secret_policy_id = std::move(recipe);
    if (!version)
        return out;
    out.version = *version;
    out.too_much = !ciphertext;
    out.sealed.key_id = key_id.value_or("");
    out.sealed.wrapped_key = scai::crypto::from_hex(wrapped.value_or("")).value_or("");
    out.sealed.ciphertext = scai::crypto::from_hex(ciphertext.value_or("")).value_or("");
    return out;
}

} // namespace

std::vector<std::optional<Stored>> find(Executor& reader, std::string_view owner,
                                        const std::vector<Wanted>& wanted) {
    auto now = scai::UtcTime::min();
    std::vector<std::string> users, partners, paths, versions;
    for (const auto& each : wanted) {
        users.push_back(each.confirm != nullptr ? each.confirm->sought.user : "");
        partners.push_back(each.confirm != nullptr ? each.confirm->partner_owner : "");
        paths.push_back(each.path);
        now = std::max(now, each.now);
        versions.push_back(each.version ? std::to_string(*each.version) : "");
    }
    auto found =
        reader.all<std::int64_t, std::string, std::string, std::string, std::string, std::int64_t,
                   std::int64_t, std::string, std::int64_t, std::int64_t, std::optional<std::int64_t>,
                   std::optional<std::int64_t>, std::optional<std::string>, std::optional<std::string>,
                   std::optional<std::int64_t>, std::optional<std::string>, std::optional<std::string>,
                   std::optional<std::string>>(find_sql, owner, users, partners, paths, versions,
                                               scai::to_iso8601(now));
    std::vector<std::optional<Stored>> out(wanted.size());
    for (auto& row : found)
        std::apply(
            [&](std::int64_t n, std::string& seen, auto&... columns) {
                auto& stored = out.at(static_cast<std::size_t>(n - 1));
                stored = stored_of(ReadRow(std::move(columns)...));
                stored->callers_version = std::move(seen);
            },
            row);
    return out;
}

std::vector<Stored> find_many(Executor& reader, std::string_view owner, const std::vector<std::string>& paths,
                              std::optional<std::int64_t> version, std::int64_t most_bytes,
                              scai::UtcTime now) {
    auto found =
        reader.all<std::string, std::string, std::string, std::int64_t, std::int64_t, std::string,
                   std::int64_t, std::int64_t, std::optional<std::int64_t>, std::optional<std::int64_t>,
                   std::optional<std::string>, std::optional<std::string>, std::optional<std::int64_t>,
                   std::optional<std::string>, std::optional<std::string>, std::optional<std::string>>(
            find_many_sql, owner, paths, version, scai::to_iso8601(now), most_bytes);
    std::vector<Stored> out;
    out.reserve(found.size());
    for (auto& row : found)
        out.push_back(stored_of(std::move(row)));
    return out;
}

namespace {

Described described_of(Info&& info, const std::string& more) {
    const auto blank = more.find(' ');
    return {.info = std::move(info),
            .version_count = scai::parse_int(more.substr(0, blank)).value_or(0),
            .rotation = more.substr(blank + 1)};
}

} // namespace

std::optional<Described> describe(Executor& reader, std::string_view owner, std::string_view path) {
    auto found = rows::infos_with<std::string>(reader, describe_sql, owner, path);
    if (found.empty())
        return std::nullopt;
    return described_of(std::move(found.front().first), found.front().second);
}

std::string rotation_of(Executor& reader, std::string_view owner, std::string_view path) {
    return reader.maybe<std::string>(rotation_sql, owner, path).value_or("null");
}

std::vector<Described> describe_many(Executor& reader, std::string_view owner,
                                     const std::vector<std::string>& paths) {
    std::vector<Described> out;
    for (auto& [info, more] : rows::infos_with<std::string>(reader, describe_many_sql, owner, paths))
        out.push_back(described_of(std::move(info), more));
    return out;
}

std::optional<VersionPage> versions(Executor& reader, std::string_view owner, std::string_view path,
                                    std::int64_t before, std::int64_t limit, scai::UtcTime now) {
    const auto found =
        reader.all<std::int64_t, std::optional<std::int64_t>, std::optional<std::int64_t>,
                   std::optional<std::int64_t>, std::optional<std::string>, std::optional<std::int64_t>>(
            versions_sql, owner, path, before, limit, scai::to_iso8601(now));
    if (found.empty())
        return std::nullopt;
    VersionPage out;
    for (const auto& [current, expires, number, created, creator, readable] : found) {
        out.current = current;
        out.expires_at = time_of(expires);
        if (number)
            out.versions.push_back({.number = *number,
                                    .created_at = rows::time_of(created.value_or(0)),
                                    .created_by = creator.value_or(""),
                                    .readable_until = time_of(readable)});
    }
    return out;
}

} // namespace scaivault::secrets::store
