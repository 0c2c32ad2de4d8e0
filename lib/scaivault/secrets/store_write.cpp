// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/store_write.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/db/sql.hpp"
#include "lib/scaivault/secrets/store_rows.hpp"

namespace scaivault::secrets::store {

using scai::db::joined;
using scai::db::Tx;

namespace {

// The deleted rows' times and the notices travel together in one column: most rows have none of them.
constexpr char lock_rest[] = R"(,
       CASE WHEN s.deleted_at IS NULL AND s.noticed_seconds IS NULL THEN NULL
            ELSE concat_ws(',', coalesce((extract(epoch FROM s.deleted_at) * 1000000)::bigint, -1),
                           coalesce((extract(epoch FROM s.recoverable_until) * 1000000)::bigint, -1),
                           coalesce(s.noticed_seconds, -1)) END
  FROM scaivault.secrets AS s
 WHERE s.tenant_id = :p1::text AND s.path = :p2::text
   FOR NO KEY UPDATE
)";
constexpr auto lock_sql = joined<sql::select_head, sql::info_columns, lock_rest>;

constexpr auto create_sql = R"sql(
WITH made AS (
    INSERT INTO scaivault.secrets (tenant_id, path, secret_id, secret_type, version, last_version, metadata, tags,
                                   max_versions, expires_at, notice_at, noticed_seconds, notify_before,
                                   rotation_policy_id, secret_policy_id, created_at, created_by, updated_at, updated_by)
    VALUES (:p1::text, :p2::text, :p3::text, :p4::text, 1, 1, :p5::jsonb, :p6::text[], :p7::bigint,
            :p8::timestamptz, :p9::timestamptz, :p10::bigint, :p11::text[], :p12::text, :p13::text, :p14::timestamptz,
            :p15::text, :p14::timestamptz, :p15::text)
    ON CONFLICT (tenant_id, path) DO NOTHING
    RETURNING tenant_id, path, secret_id
), tagged AS (
    INSERT INTO scaivault.secret_tags (tenant_id, tag, path)
    SELECT made.tenant_id, x.tag, made.path FROM made CROSS JOIN unnest(:p6::text[]) AS x(tag)
)
INSERT INTO scaivault.secret_versions (tenant_id, secret_id, version, key_id, wrapped_key, ciphertext, created_at,
                                       created_by)
SELECT made.tenant_id, made.secret_id, 1, :p16::text, decode(:p17::text, 'base64'), decode(:p18::text, 'base64'),
       :p14::timestamptz, :p15::text
  FROM made
)sql";

// :p1 owner, :p2 path, then what may change.
constexpr char change_row[] = R"(
UPDATE scaivault.secrets
   SET secret_type = :p3::text, version = :p4::bigint, last_version = :p5::bigint, oldest_version = :p6::bigint,
       revision = :p7::bigint, metadata = :p8::jsonb, tags = :p9::text[], max_versions = :p10::bigint,
       expires_at = :p11::timestamptz, notice_at = :p12::timestamptz, noticed_seconds = :p13::bigint,
       notify_before = :p14::text[], rotation_policy_id = :p15::text, secret_policy_id = :p16::text,
       updated_at = :p17::timestamptz, updated_by = :p18::text
 WHERE tenant_id = :p1::text AND path = :p2::text
)";
constexpr auto change_sql = joined<change_row>;

constexpr char with_changed[] = R"(
WITH changed AS ()";
constexpr char append_rest[] = R"(
    RETURNING tenant_id, secret_id
), trimmed AS (
    DELETE FROM scaivault.secret_versions AS v
     USING changed
     WHERE v.tenant_id = :p1::text AND v.secret_id = changed.secret_id AND v.version < :p19::bigint
), closed AS (
    UPDATE scaivault.secret_versions AS v
       SET readable_until = least(v.readable_until, :p20::timestamptz)
      FROM changed
     WHERE :p20::timestamptz IS NOT NULL AND v.tenant_id = :p1::text AND v.secret_id = changed.secret_id
       AND v.version >= :p19::bigint
)
INSERT INTO scaivault.secret_versions (tenant_id, secret_id, version, key_id, wrapped_key, ciphertext, created_at,
                                       created_by)
SELECT changed.tenant_id, changed.secret_id, :p4::bigint, :p21::text, decode(:p22::text, 'base64'),
       decode(:p23::text, 'base64'), :p17::timestamptz, :p18::text
  FROM changed
)";
constexpr auto append_sql = joined<with_changed, change_row, append_rest>;

constexpr auto trim_sql = R"sql(
DELETE FROM scaivault.secret_versions
 WHERE tenant_id = :p1::text AND secret_id = :p2::text AND version < :p3::bigint
)sql";

constexpr auto set_tags_sql = R"sql(
WITH wanted AS (
    SELECT x.tag FROM unnest(:p3::text[]) AS x(tag)
), gone AS (
    DELETE FROM scaivault.secret_tags AS t
     WHERE t.tenant_id = :p1::text AND t.path = :p2::text AND NOT t.tag = ANY (:p3::text[])
)
INSERT INTO scaivault.secret_tags (tenant_id, tag, path)
SELECT :p1::text, wanted.tag, :p2::text FROM wanted
ON CONFLICT DO NOTHING
)sql";

constexpr auto count_versions_sql = R"sql(
SELECT count(*) FROM scaivault.secret_versions WHERE tenant_id = :p1::text AND secret_id = :p2::text
)sql";

constexpr auto mark_deleted_sql = R"sql(
WITH untagged AS (
    DELETE FROM scaivault.secret_tags WHERE tenant_id = :p1::text AND path = :p2::text
)
UPDATE scaivault.secrets
   SET deleted_at = :p3::timestamptz, deleted_by = :p4::text, recoverable_until = :p5::timestamptz,
       notice_at = NULL, revision = revision + 1
 WHERE tenant_id = :p1::text AND path = :p2::text
)sql";

constexpr auto mark_restored_sql = R"sql(
WITH restored AS (
    UPDATE scaivault.secrets
       SET deleted_at = NULL, deleted_by = NULL, recoverable_until = NULL, revision = revision + 1,
           notice_at = :p3::timestamptz, noticed_seconds = :p4::bigint, updated_at = :p5::timestamptz,
           updated_by = :p6::text
     WHERE tenant_id = :p1::text AND path = :p2::text
    RETURNING tenant_id, path, tags
)
INSERT INTO scaivault.secret_tags (tenant_id, tag, path)
SELECT restored.tenant_id, x.tag, restored.path FROM restored CROSS JOIN unnest(restored.tags) AS x(tag)
ON CONFLICT DO NOTHING
)sql";

constexpr auto erase_sql = R"sql(
WITH untagged AS (
    DELETE FROM scaivault.secret_tags WHERE tenant_id = :p1::text AND path = :p2::text
), gone AS (
    DELETE FROM scaivault.secrets WHERE tenant_id = :p1::text AND path = :p2::text
)
DELETE FROM scaivault.secret_versions WHERE tenant_id = :p1::text AND secret_id = :p3::text
)sql";

constexpr auto destroy_version_sql = R"sql(
DELETE FROM scaivault.secret_versions
 WHERE tenant_id = :p1::text AND secret_id = :p2::text AND version = :p3::bigint
)sql";

constexpr auto follow_versions_sql = R"sql(
UPDATE scaivault.secrets AS s
   SET version = x.newest, oldest_version = x.oldest, revision = s.revision + 1, updated_at = :p4::timestamptz,
       updated_by = :p5::text
  FROM (SELECT coalesce(max(v.version) FILTER (WHERE v.readable_until IS NULL OR v.readable_until > :p4::timestamptz),
                        0) AS newest,
               coalesce(min(v.version), 0) AS oldest
          FROM scaivault.secret_versions AS v
         WHERE v.tenant_id = :p1::text AND v.secret_id = :p2::text) AS x
 WHERE s.tenant_id = :p1::text AND s.path = :p3::text
RETURNING s.version
)sql";

std::optional<std::string> text_of(const std::optional<scai::UtcTime>& time) {
    return time ? std::optional(scai::to_iso8601(*time)) : std::nullopt;
}

} // namespace

std::optional<Locked> lock(Tx& tx, std::string_view owner, std::string_view path) {
    auto found = rows::infos_with<std::optional<std::string>>(tx, lock_sql, owner, path);
    if (found.empty())
        return std::nullopt;
    Locked out;
    out.info = std::move(found.front().first);
    if (const auto& more = found.front().second) {
        const auto parts = scai::split_list(*more);
        const auto number = [&](std::size_t i) -> std::optional<std::int64_t> {
            const auto value = scai::parse_int(parts.at(i));
            return value && *value >= 0 ? value : std::nullopt;
        };
        out.deleted_at = rows::time_of(number(0));
        out.recoverable_until = rows::time_of(number(1));
        out.noticed_seconds = number(2);
    }
    return out;
}

bool create(Tx& tx, std::string_view owner, const Info& info, const Notice& notice,
            const seal::Sealed& sealed) {
    return tx.run(create_sql, owner, info.path, info.secret_id, info.secret_type, info.metadata, info.tags,
                  info.max_versions, text_of(info.expires_at), text_of(notice.at), notice.noticed_seconds,
                  info.notify_before, info.rotation_policy_id, info.secret_policy_id,
                  scai::to_iso8601(info.created_at), info.created_by, sealed.key_id,
                  scai::crypto::base64(sealed.wrapped_key), scai::crypto::base64(sealed.ciphertext)) == 1;
}

void change(Tx& tx, std::string_view owner, const Info& info, const Notice& notice) {
    tx.run(change_sql, owner, info.path, info.secret_type, info.version, info.last_version,
           info.oldest_version, info.revision, info.metadata, info.tags, info.max_versions,
           text_of(info.expires_at), text_of(notice.at), notice.noticed_seconds, info.notify_before,
           info.rotation_policy_id, info.secret_policy_id, scai::to_iso8601(info.updated_at),
           info.updated_by);
}

void append(Tx& tx, std::string_view owner, const Info& info, const Notice& notice,
            const seal::Sealed& sealed, const Append& how) {
    if (tx.run(append_sql, owner, info.path, info.secret_type, info.version, info.last_version,
               info.oldest_version, info.revision, info.metadata, info.tags, info.max_versions,
               text_of(info.expires_at), text_of(notice.at), notice.noticed_seconds, info.notify_before,
               info.rotation_policy_id, info.secret_policy_id, scai::to_iso8601(info.updated_at),
               info.updated_by, how.oldest_kept, text_of(how.others_readable), sealed.key_id,
               scai::crypto::base64(sealed.wrapped_key), scai::crypto::base64(sealed.ciphertext)) != 1)
        throw std::logic_error("a locked secret has gone");
}

void trim(Tx& tx, std::string_view owner, std::string_view secret_id, std::int64_t oldest_kept) {
    tx.run(trim_sql, owner, secret_id, oldest_kept);
}

void set_tags(Tx& tx, std::string_view owner, std::string_view path, const std::vector<std::string>& tags) {
    tx.run(set_tags_sql, owner, path, tags);
}

std::int64_t count_versions(Tx& tx, std::string_view owner, std::string_view secret_id) {
    return tx.one<std::int64_t>(count_versions_sql, owner, secret_id);
}

void mark_deleted(Tx& tx, std::string_view owner, std::string_view path, std::string_view who,
                  scai::UtcTime now, scai::UtcTime recoverable_until) {
    tx.run(mark_deleted_sql, owner, path, scai::to_iso8601(now), who, scai::to_iso8601(recoverable_until));
}

void mark_restored(Tx& tx, std::string_view owner, std::string_view path, std::string_view who,
                   const Notice& notice, scai::UtcTime now) {
    tx.run(mark_restored_sql, owner, path, text_of(notice.at), notice.noticed_seconds, scai::to_iso8601(now),
           who);
}

std::int64_t erase(Tx& tx, std::string_view owner, std::string_view path, std::string_view secret_id) {
    return tx.run(erase_sql, owner, path, secret_id);
}

bool destroy(Tx& tx, std::string_view owner, std::string_view path, std::string_view secret_id,
             std::int64_t version, std::string_view who, scai::UtcTime now, std::int64_t& current) {
    if (tx.run(destroy_version_sql, owner, secret_id, version) == 0)
        return false;
    current = tx.one<std::int64_t>(follow_versions_sql, owner, secret_id, path, scai::to_iso8601(now), who);
    return true;
}

} // namespace scaivault::secrets::store
