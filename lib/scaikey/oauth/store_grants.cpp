// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/rules.hpp"
#include "lib/scaikey/oauth/store.hpp"

namespace scaikey::oauth {

namespace {

constexpr auto insert_session_row = R"(
INSERT INTO scaikey.browser_sessions (id, secret_hash, tenant_id, user_id, auth_time, expires_at)
VALUES (:p1, :p2, :p3, :p4, to_timestamp(:p5::bigint), to_timestamp(:p6::bigint)))";

constexpr auto renew_session_row = R"(
UPDATE scaikey.browser_sessions s
   SET secret_hash = :p2, auth_time = to_timestamp(:p3::bigint), expires_at = to_timestamp(:p4::bigint)
 WHERE s.id = :p1)";

constexpr auto select_session = R"(
SELECT s.id, s.user_id, s.tenant_id, extract(epoch FROM s.auth_time)::bigint
  FROM scaikey.browser_sessions s
 WHERE s.secret_hash = :p1 AND s.ended_at IS NULL AND s.expires_at > to_timestamp(:p2::bigint))";

constexpr auto end_session_row = R"(
UPDATE scaikey.browser_sessions s
   SET ended_at = to_timestamp(:p2::bigint)
 WHERE s.id = :p1 AND s.ended_at IS NULL)";

constexpr auto end_user_sessions = R"(
UPDATE scaikey.browser_sessions s
   SET ended_at = now()
 WHERE s.user_id = :p1 AND s.ended_at IS NULL)";

constexpr auto revoke_by_session = R"(
WITH dead AS (
    UPDATE scaikey.grants g
       SET revoked_at = to_timestamp(:p2::bigint)
     WHERE g.session_id = :p1 AND g.revoked_at IS NULL
       AND NOT 'offline_access' = ANY (string_to_array(g.scopes, ' '))
 RETURNING g.id
)
INSERT INTO scaikey.revoked_tokens (id, expires_at)
SELECT d.id, to_timestamp(:p3::bigint) FROM dead d
    ON CONFLICT (id) DO NOTHING)";

constexpr auto revoke_by_user = R"(
WITH dead AS (
    UPDATE scaikey.grants g
       SET revoked_at = now()
     WHERE g.user_id = :p1 AND g.revoked_at IS NULL
 RETURNING g.id
)
INSERT INTO scaikey.revoked_tokens (id, expires_at)
SELECT d.id, to_timestamp(:p2::bigint) FROM dead d
    ON CONFLICT (id) DO NOTHING)";

constexpr auto expire_codes_of_user = R"(
UPDATE scaikey.authorization_codes c
   SET expires_at = to_timestamp(0)
 WHERE c.user_id = :p1 AND c.used_at IS NULL)";

constexpr auto database_time = R"(
SELECT extract(epoch FROM now())::bigint)";

constexpr auto insert_code_row = R"(
INSERT INTO scaikey.authorization_codes (code_hash, grant_id, client_id, tenant_id, user_id, session_id, redirect_uri,
                                         scopes, nonce, code_challenge, auth_time, expires_at)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9, :p10, to_timestamp(:p11::bigint), to_timestamp(:p12::bigint)))";

constexpr auto select_code = R"(
SELECT c.grant_id, c.client_id, c.tenant_id, c.user_id, c.session_id, c.redirect_uri, c.scopes, c.nonce,
       c.code_challenge, extract(epoch FROM c.auth_time)::bigint, extract(epoch FROM c.expires_at)::bigint,
       c.used_at IS NOT NULL
  FROM scaikey.authorization_codes c
 WHERE c.code_hash = :p1
   FOR UPDATE)";

constexpr auto use_code = R"(
UPDATE scaikey.authorization_codes c
   SET used_at = to_timestamp(:p2::bigint)
 WHERE c.code_hash = :p1)";

constexpr auto insert_grant_row = R"(
INSERT INTO scaikey.grants (id, client_id, tenant_id, user_id, session_id, scopes, auth_time, created_at, expires_at)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, to_timestamp(:p7::bigint), to_timestamp(:p8::bigint),
        to_timestamp(:p9::bigint)))";

constexpr auto insert_refresh_row = R"(
INSERT INTO scaikey.refresh_tokens (token_hash, grant_id, created_at, expires_at)
VALUES (:p1, :p2, to_timestamp(:p3::bigint), to_timestamp(:p4::bigint)))";

constexpr auto lock_refresh_row = R"(
SELECT g.id, g.client_id, g.tenant_id, g.user_id, g.session_id, g.scopes, extract(epoch FROM g.auth_time)::bigint,
       extract(epoch FROM r.expires_at)::bigint, r.used_at IS NOT NULL, g.revoked_at IS NOT NULL
  FROM scaikey.refresh_tokens r
  JOIN scaikey.grants g ON g.id = r.grant_id
 WHERE r.token_hash = :p1
   FOR UPDATE OF r, g)";

constexpr auto select_refresh_row = R"(
SELECT g.id, g.client_id, g.tenant_id, g.user_id, g.session_id, g.scopes, extract(epoch FROM g.auth_time)::bigint,
       extract(epoch FROM r.expires_at)::bigint, r.used_at IS NOT NULL, g.revoked_at IS NOT NULL
  FROM scaikey.refresh_tokens r
  JOIN scaikey.grants g ON g.id = r.grant_id
 WHERE r.token_hash = :p1)";

constexpr auto use_refresh_row = R"(
UPDATE scaikey.refresh_tokens r
   SET used_at = to_timestamp(:p2::bigint)
 WHERE r.token_hash = :p1)";

constexpr auto prolong_row = R"(
UPDATE scaikey.grants g
   SET expires_at = greatest(g.expires_at, to_timestamp(:p2::bigint))
 WHERE g.id = :p1)";

constexpr auto revoke_grant_row = R"(
UPDATE scaikey.grants g
   SET revoked_at = to_timestamp(:p2::bigint)
 WHERE g.id = :p1 AND g.revoked_at IS NULL)";

constexpr auto insert_revocation = R"(
INSERT INTO scaikey.revoked_tokens (id, expires_at)
VALUES (:p1, to_timestamp(:p2::bigint))
    ON CONFLICT (id) DO UPDATE SET expires_at = greatest(revoked_tokens.expires_at, excluded.expires_at))";

constexpr auto select_standing = R"(
SELECT EXISTS (SELECT FROM scaikey.revoked_tokens r WHERE r.id = :p1 OR r.id = split_part(:p1, '.', 1)),
       EXISTS (SELECT FROM scaikey.applications a WHERE a.client_id = :p2 AND a.deleted_at IS NULL),
       coalesce(u.status = 'ACTIVE' AND t.status = 'ACTIVE'
                AND (p.id IS NULL OR (p.status = 'ACTIVE' AND p.deleted_at IS NULL)), false),
       coalesce(u.admin_role, '')
  FROM (VALUES (1)) AS always (one)
  LEFT JOIN (scaikey.users u
             JOIN scaikey.tenants t ON t.id = u.tenant_id AND t.deleted_at IS NULL
             LEFT JOIN scaikey.partners p ON p.id = t.partner_id)
         ON u.id = :p3 AND u.deleted_at IS NULL)";

constexpr auto purge_sessions = R"(
DELETE FROM scaikey.browser_sessions s WHERE s.expires_at < to_timestamp(:p1::bigint))";
constexpr auto purge_codes = R"(
DELETE FROM scaikey.authorization_codes c WHERE c.expires_at < to_timestamp(:p1::bigint))";
constexpr auto purge_grants = R"(
DELETE FROM scaikey.grants g WHERE g.expires_at < to_timestamp(:p1::bigint))";
constexpr auto purge_revocations = R"(
DELETE FROM scaikey.revoked_tokens r WHERE r.expires_at < to_timestamp(:p1::bigint))";
constexpr auto purge_attempts = R"(
DELETE FROM scaikey.sign_in_attempts a WHERE a.last_at < to_timestamp(:p1::bigint))";
constexpr auto purge_choices = R"(
DELETE FROM scaikey.sign_in_choices c WHERE c.expires_at < to_timestamp(:p1::bigint))";

constexpr auto count_rows = R"(
SELECT (SELECT count(*) FROM scaikey.browser_sessions s WHERE s.expires_at < to_timestamp(:p1::bigint)),
       (SELECT count(*) FROM scaikey.authorization_codes c WHERE c.expires_at < to_timestamp(:p1::bigint)),
       (SELECT count(*) FROM scaikey.grants g WHERE g.expires_at < to_timestamp(:p1::bigint)),
       (SELECT count(*) FROM scaikey.revoked_tokens r WHERE r.expires_at < to_timestamp(:p1::bigint)),
       (SELECT count(*) FROM scaikey.sign_in_attempts a WHERE a.last_at < to_timestamp(:p1::bigint)),
       (SELECT count(*) FROM scaikey.sign_in_choices c WHERE c.expires_at < to_timestamp(:p1::bigint)))";

std::optional<StoredGrant> stored_grant(scai::db::Reader& db, const char* sql, std::string_view token_hash) {
    auto row = db.maybe<std::string, std::string, std::string, std::string, std::string, std::string,
                        std::int64_t, std::int64_t, bool, bool>(sql, token_hash);
    if (!row)
        return std::nullopt;
    StoredGrant out;
    std::string scopes;
    std::tie(out.grant.id, out.grant.client_id, out.grant.tenant_id, out.grant.user_id, out.grant.session_id,
             scopes, out.grant.auth_time, out.expires_at, out.used, out.revoked) = std::move(*row);
    out.grant.scopes = parse_scope(scopes).value_or(Scopes());
    return out;
}

} // namespace

void insert_session(scai::db::Tx& tx, const Session& session, std::string_view secret_hash,
                    std::int64_t expires_at) {
    tx.run(insert_session_row, session.id, secret_hash, session.tenant_id, session.user_id, session.auth_time,
           expires_at);
}

void renew_session(scai::db::Tx& tx, const Session& session, std::string_view secret_hash,
                   std::int64_t expires_at) {
    tx.run(renew_session_row, session.id, secret_hash, session.auth_time, expires_at);
}

std::optional<Session> find_session(scai::db::Reader& db, std::string_view secret_hash, std::int64_t now) {
    auto row =
        db.maybe<std::string, std::string, std::string, std::int64_t>(select_session, secret_hash, now);
    if (!row)
        return std::nullopt;
    Session session;
    std::tie(session.id, session.user_id, session.tenant_id, session.auth_time) = std::move(*row);
    return session;
}

void end_session(scai::db::Tx& tx, std::string_view session_id, std::int64_t now, std::int64_t tokens_until) {
    tx.run(end_session_row, session_id, now);
    tx.run(revoke_by_session, session_id, now, tokens_until);
}

void end_user(scai::db::Tx& tx, std::string_view user_id) {
    tx.run(end_user_sessions, user_id);
    tx.run(expire_codes_of_user, user_id);
    tx.run(revoke_by_user, user_id, tokens_until(tx.one<std::int64_t>(database_time)));
}

void insert_code(scai::db::Tx& tx, std::string_view code_hash, const Code& code) {
    const auto& grant = code.grant;
    tx.run(insert_code_row, code_hash, grant.id, grant.client_id, grant.tenant_id, grant.user_id,
           grant.session_id, code.redirect_uri, scope_text(grant.scopes), grant.nonce, code.code_challenge,
           grant.auth_time, code.expires_at);
}

std::optional<Code> lock_code(scai::db::Tx& tx, std::string_view code_hash) {
    auto row =
        tx.maybe<std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                 std::string, std::string, std::int64_t, std::int64_t, bool>(select_code, code_hash);
    if (!row)
        return std::nullopt;
    Code code;
    std::string scopes;
    auto& grant = code.grant;
    std::tie(grant.id, grant.client_id, grant.tenant_id, grant.user_id, grant.session_id, code.redirect_uri,
             scopes, grant.nonce, code.code_challenge, grant.auth_time, code.expires_at, code.used) =
        std::move(*row);
    grant.scopes = parse_scope(scopes).value_or(Scopes());
    return code;
}

void mark_code_used(scai::db::Tx& tx, std::string_view code_hash, std::int64_t now) {
    tx.run(use_code, code_hash, now);
}

void insert_grant(scai::db::Tx& tx, const Grant& grant, std::int64_t now, std::int64_t expires_at) {
    tx.run(insert_grant_row, grant.id, grant.client_id, grant.tenant_id, grant.user_id, grant.session_id,
           scope_text(grant.scopes), grant.auth_time, now, expires_at);
}

void insert_refresh_token(scai::db::Tx& tx, std::string_view token_hash, std::string_view grant_id,
                          std::int64_t now, std::int64_t expires_at) {
    tx.run(insert_refresh_row, token_hash, grant_id, now, expires_at);
}

std::optional<StoredGrant> lock_refresh_token(scai::db::Tx& tx, std::string_view token_hash) {
    return stored_grant(tx, lock_refresh_row, token_hash);
}

std::optional<StoredGrant> find_refresh_token(scai::db::Reader& db, std::string_view token_hash) {
    return stored_grant(db, select_refresh_row, token_hash);
}

void mark_refresh_token_used(scai::db::Tx& tx, std::string_view token_hash, std::int64_t now) {
    tx.run(use_refresh_row, token_hash, now);
}

void prolong_grant(scai::db::Tx& tx, std::string_view grant_id, std::int64_t expires_at) {
    tx.run(prolong_row, grant_id, expires_at);
}

void revoke_grant(scai::db::Tx& tx, std::string_view grant_id, std::int64_t now, std::int64_t tokens_until) {
    tx.run(revoke_grant_row, grant_id, now);
    tx.run(insert_revocation, grant_id, tokens_until);
}

void revoke_token(scai::db::Tx& tx, std::string_view jti, std::int64_t expires_at) {
    tx.run(insert_revocation, jti, expires_at);
}

Standing standing_of(scai::db::Reader& db, std::string_view jti, std::string_view client_id,
                     std::string_view subject) {
    Standing out;
    std::tie(out.revoked, out.client_live, out.user_active, out.role) =
        db.one<bool, bool, bool, std::string>(select_standing, jti, client_id, subject);
    return out;
}

Purged purge(scai::db::Tx& tx, std::int64_t now, std::int64_t keep) {
    const auto before = now - keep;
    Purged out;
    out.sessions = tx.run(purge_sessions, before);
    out.codes = tx.run(purge_codes, before);
    out.grants = tx.run(purge_grants, before);
    out.revocations = tx.run(purge_revocations, before);
    out.attempts = tx.run(purge_attempts, before);
    out.choices = tx.run(purge_choices, before);
    return out;
}

Purged count_purgeable(scai::db::Pool& pool, std::int64_t now, std::int64_t keep) {
    auto lease = pool.read(scai::db::Scope::all_tenants());
    Purged out;
    std::tie(out.sessions, out.codes, out.grants, out.revocations, out.attempts, out.choices) =
        lease.one<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
            count_rows, now - keep);
    return out;
}

} // namespace scaikey::oauth
