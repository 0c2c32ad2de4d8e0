// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/store_upkeep.hpp"

#include "lib/scaivault/secrets/store_rows.hpp"

namespace scaivault::secrets::store {

using scai::db::Executor;
using scai::db::Tx;

namespace {

constexpr auto due_secrets_sql = R"sql(
SELECT s.tenant_id,
       CASE WHEN s.tenant_id LIKE 'partner/%' THEN substr(s.tenant_id, 9)
            ELSE coalesce((SELECT t.partner_id FROM scaivault.tenants AS t WHERE t.id = s.tenant_id), '') END,
       s.path, s.secret_type, array_to_string(s.tags, chr(31)), array_to_string(s.notify_before, chr(31)),
       (extract(epoch FROM s.expires_at) * 1000000)::bigint, s.noticed_seconds
  FROM scaivault.secrets AS s
 WHERE s.notice_at <= :p1::timestamptz AND s.deleted_at IS NULL AND s.expires_at IS NOT NULL
 ORDER BY s.notice_at LIMIT :p2::bigint
   FOR NO KEY UPDATE OF s SKIP LOCKED
)sql";

constexpr auto set_notices_sql = R"sql(
UPDATE scaivault.secrets AS s SET notice_at = x.at, noticed_seconds = x.seconds
  FROM unnest(:p1::text[], :p2::text[], :p3::text[], :p4::bigint[]) AS y(tenant_id, path, at_text, seconds)
 CROSS JOIN LATERAL (SELECT nullif(y.at_text, '')::timestamptz AS at, nullif(y.seconds, -1) AS seconds) AS x
 WHERE s.tenant_id = y.tenant_id AND s.path = y.path
)sql";

constexpr auto count_due_sql = R"sql(
SELECT count(*) FILTER (WHERE s.expires_at > :p1::timestamptz), count(*) FILTER (WHERE s.expires_at <= :p1::timestamptz)
  FROM scaivault.secrets AS s
 WHERE s.notice_at <= :p1::timestamptz AND s.deleted_at IS NULL
)sql";

constexpr auto removable_sql = R"sql(
SELECT s.tenant_id, s.path, s.secret_id
  FROM scaivault.secrets AS s
 WHERE s.deleted_at IS NOT NULL AND s.recoverable_until <= :p1::timestamptz
 ORDER BY s.recoverable_until LIMIT :p2::bigint
   FOR UPDATE OF s SKIP LOCKED
)sql";

constexpr auto erase_all_sql = R"sql(
WITH gone AS (
    SELECT x.tenant_id, x.path, x.secret_id FROM unnest(:p1::text[], :p2::text[], :p3::text[]) AS x(tenant_id, path, secret_id)
), versions AS (
    DELETE FROM scaivault.secret_versions AS v
     USING gone WHERE v.tenant_id = gone.tenant_id AND v.secret_id = gone.secret_id
), tags AS (
    DELETE FROM scaivault.secret_tags AS t
     USING gone WHERE t.tenant_id = gone.tenant_id AND t.path = gone.path
), schedules AS (
    DELETE FROM scaivault.rotation_schedules AS r
     USING gone WHERE r.tenant_id = gone.tenant_id AND r.path = gone.path
)
DELETE FROM scaivault.secrets AS s
 USING gone WHERE s.tenant_id = gone.tenant_id AND s.path = gone.path
)sql";

constexpr auto drop_closed_versions_sql = R"sql(
WITH closed AS (
    SELECT v.tenant_id, v.secret_id, v.version
      FROM scaivault.secret_versions AS v
     WHERE v.readable_until <= :p1::timestamptz
     ORDER BY v.readable_until LIMIT :p2::bigint
       FOR UPDATE OF v SKIP LOCKED
)
DELETE FROM scaivault.secret_versions AS v
 USING closed
 WHERE v.tenant_id = closed.tenant_id AND v.secret_id = closed.secret_id AND v.version = closed.version
)sql";

constexpr auto count_removable_sql = R"sql(
SELECT (SELECT count(*) FROM scaivault.secrets AS s
         WHERE s.deleted_at IS NOT NULL AND s.recoverable_until <= :p1::timestamptz),
       (SELECT count(*) FROM scaivault.secret_versions AS v WHERE v.readable_until <= :p1::timestamptz)
)sql";

} // namespace

std::vector<DueSecret> due_secrets(Tx& tx, scai::UtcTime now, std::int64_t limit) {
    std::vector<DueSecret> out;
    for (auto& [owner, partner, path, type, tags, notify, expires, noticed] :
         tx.all<std::string, std::string, std::string, std::string, std::string, std::string, std::int64_t,
                std::optional<std::int64_t>>(due_secrets_sql, scai::to_iso8601(now), limit))
        out.push_back({.owner = std::move(owner),
                       .partner_id = std::move(partner),
                       .path = std::move(path),
                       .secret_type = std::move(type),
                       .tags = scai::split_list(tags, '\x1f'),
                       .notify_before = scai::split_list(notify, '\x1f'),
                       .expires_at = rows::time_of(expires),
                       .noticed_seconds = noticed});
    return out;
}

void set_notices(Tx& tx, const std::vector<DueSecret>& secrets, const std::vector<Notice>& notices) {
    std::vector<std::string> owners, paths, times;
    std::vector<std::int64_t> seconds;
    for (std::size_t i = 0; i < secrets.size(); ++i) {
        owners.push_back(secrets[i].owner);
        paths.push_back(secrets[i].path);
        times.push_back(notices[i].at ? scai::to_iso8601(*notices[i].at) : "");
        seconds.push_back(notices[i].noticed_seconds.value_or(-1));
    }
    tx.run(set_notices_sql, owners, paths, times, seconds);
}

ExpiryReport count_due(Executor& reader, scai::UtcTime now) {
    const auto [expiring, expired] =
        reader.one<std::int64_t, std::int64_t>(count_due_sql, scai::to_iso8601(now));
    return {.expiring = expiring, .expired = expired};
}

std::vector<Removable> removable(Tx& tx, scai::UtcTime now, std::int64_t limit) {
    std::vector<Removable> out;
    for (auto& [owner, path, secret_id] :
         tx.all<std::string, std::string, std::string>(removable_sql, scai::to_iso8601(now), limit))
        out.push_back({std::move(owner), std::move(path), std::move(secret_id)});
    return out;
}

void erase_all(Tx& tx, const std::vector<Removable>& secrets) {
    std::vector<std::string> owners, paths, ids;
    for (const auto& one : secrets) {
        owners.push_back(one.owner);
        paths.push_back(one.path);
        ids.push_back(one.secret_id);
    }
    tx.run(erase_all_sql, owners, paths, ids);
}

std::int64_t drop_closed_versions(Tx& tx, scai::UtcTime now, std::int64_t limit) {
    return tx.run(drop_closed_versions_sql, scai::to_iso8601(now), limit);
}

PurgeReport count_removable(Executor& reader, scai::UtcTime now) {
    const auto [secrets, versions] =
        reader.one<std::int64_t, std::int64_t>(count_removable_sql, scai::to_iso8601(now));
    return {.secrets = secrets, .versions = versions};
}

} // namespace scaivault::secrets::store
