// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/store_keys.hpp"

namespace scaikey::oauth {

namespace {

constexpr auto select_published = R"(
SELECT k.kid, k.algorithm, k.private_key, extract(epoch FROM k.created_at)::bigint,
       extract(epoch FROM k.active_from)::bigint, ceil(extract(epoch FROM k.retire_at))::bigint
  FROM scaikey.signing_keys k
 WHERE k.retire_at IS NULL OR k.retire_at > to_timestamp(:p1::bigint)
 ORDER BY k.active_from DESC, k.retire_at DESC NULLS FIRST, k.kid)";

constexpr auto take_lock = R"(
SELECT pg_advisory_xact_lock(:p1::bigint)::text)";

constexpr auto insert_row = R"(
INSERT INTO scaikey.signing_keys (kid, algorithm, private_key, created_at, active_from)
VALUES (:p1, :p2, :p3, to_timestamp(:p4::bigint), to_timestamp(:p5::bigint)))";

constexpr auto retire_rows = R"(
UPDATE scaikey.signing_keys k
   SET retire_at = to_timestamp(:p3::bigint)
 WHERE k.algorithm = :p1 AND k.kid <> :p2 AND k.retire_at IS NULL)";

constexpr auto extend_row = R"(
UPDATE scaikey.signing_keys k
   SET retire_at = to_timestamp(:p2::bigint)
 WHERE k.kid = :p1 AND k.retire_at < to_timestamp(:p2::bigint))";

constexpr auto delete_rows = R"(
DELETE FROM scaikey.signing_keys k
 WHERE k.retire_at <= to_timestamp(:p1::bigint)
RETURNING k.kid)";

constexpr auto select_longest = R"(
SELECT coalesce(max(a.token_lifetime), 3600)::bigint FROM scaikey.applications a)";

} // namespace

std::vector<KeyRow> published_keys(scai::db::Reader& db, std::int64_t now) {
    std::vector<KeyRow> out;
    for (auto& [kid, algorithm, key, created, active, retire] :
         db.all<std::string, std::string, std::string, std::int64_t, std::int64_t,
                std::optional<std::int64_t>>(select_published, now))
        out.push_back({kid, algorithm, key, created, active, retire});
    return out;
}

void lock_keys(scai::db::Tx& tx) {
    tx.one<std::string>(take_lock, scai::db::lock_key("scaikey:signing-keys"));
}

void insert_key(scai::db::Tx& tx, const KeyRow& key) {
    tx.run(insert_row, key.kid, key.algorithm, key.private_key, key.created_at, key.active_from);
}

void retire_older(scai::db::Tx& tx, const KeyRow& successor, std::int64_t retire_at) {
    tx.run(retire_rows, successor.algorithm, successor.kid, retire_at);
}

void extend_retirement(scai::db::Tx& tx, std::string_view kid, std::int64_t retire_at) {
    tx.run(extend_row, kid, retire_at);
}

std::vector<std::string> delete_retired(scai::db::Tx& tx, std::int64_t now) {
    return tx.all<std::string>(delete_rows, now);
}

std::int64_t longest_token_lifetime(scai::db::Reader& db) {
    return db.one<std::int64_t>(select_longest);
}

} // namespace scaikey::oauth
