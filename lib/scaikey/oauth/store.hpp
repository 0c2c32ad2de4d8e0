// SQL of the OAuth side: clients, people as sign-in sees them, sessions, codes, grants, revocations.
// Times are unix seconds; hashes are hex SHA-256.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaikey/oauth/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaikey::oauth {

// --- directory, read only
std::optional<Client> find_client(scai::db::Reader& db, std::string_view client_id);
std::optional<Tenant> find_tenant(scai::db::Reader& db, std::string_view slug);
std::optional<User> find_user(scai::db::Reader& db, std::string_view id);
/// Accounts with this address that are not deleted, in every tenant the scope shows; at most `limit`.
std::vector<User> users_by_email(scai::db::Reader& db, std::string_view email, int limit);
/// Groups of a user, nested ones included, ordered by id.
std::vector<std::string> groups_of(scai::db::Reader& db, const User& user);

// --- browser sessions
void insert_session(scai::db::Tx& tx, const Session& session, std::string_view secret_hash,
                    std::int64_t expires_at);
/// The same person signed in again: the session goes on under a new secret.
void renew_session(scai::db::Tx& tx, const Session& session, std::string_view secret_hash,
                   std::int64_t expires_at);
std::optional<Session> find_session(scai::db::Reader& db, std::string_view secret_hash, std::int64_t now);
/// Ends the session and revokes its grants, except those that were given offline_access.
void end_session(scai::db::Tx& tx, std::string_view session_id, std::int64_t now, std::int64_t tokens_until);
/// Ends every session, code and grant of a user: password changed, suspended, deleted. Takes the database's
/// time, like the directory that calls it.
void end_user(scai::db::Tx& tx, std::string_view user_id);

// --- authorization codes
struct Code {
    Grant grant;
    std::string redirect_uri, code_challenge;
    std::int64_t expires_at = 0;
    bool used = false;
};
void insert_code(scai::db::Tx& tx, std::string_view code_hash, const Code& code);
std::optional<Code> lock_code(scai::db::Tx& tx, std::string_view code_hash);
void mark_code_used(scai::db::Tx& tx, std::string_view code_hash, std::int64_t now);

// --- grants and refresh tokens
void insert_grant(scai::db::Tx& tx, const Grant& grant, std::int64_t now, std::int64_t expires_at);
struct StoredGrant {
    Grant grant;
    std::int64_t expires_at = 0; ///< of the refresh token asked for
    bool used = false, revoked = false;
};
void insert_refresh_token(scai::db::Tx& tx, std::string_view token_hash, std::string_view grant_id,
                          std::int64_t now, std::int64_t expires_at);
/// Locks token and grant: of two rotations one waits and then sees `used`.
std::optional<StoredGrant> lock_refresh_token(scai::db::Tx& tx, std::string_view token_hash);
std::optional<StoredGrant> find_refresh_token(scai::db::Reader& db, std::string_view token_hash);
void mark_refresh_token_used(scai::db::Tx& tx, std::string_view token_hash, std::int64_t now);
void prolong_grant(scai::db::Tx& tx, std::string_view grant_id, std::int64_t expires_at);
/// The whole family: refresh tokens and every access token that names the grant.
void revoke_grant(scai::db::Tx& tx, std::string_view grant_id, std::int64_t now, std::int64_t tokens_until);

// --- access tokens
void revoke_token(scai::db::Tx& tx, std::string_view jti, std::int64_t expires_at);
/// What may have changed since the token was issued; `subject` is "" for service tokens.
struct Standing {
    bool revoked = false, client_live = false, user_active = false;
    std::string role;
};
Standing standing_of(scai::db::Reader& db, std::string_view jti, std::string_view client_id,
                     std::string_view subject);

// --- password attempts
/// Seconds until the next try is allowed; 0 = this one is, and it counts as failed until forget_attempts().
std::int64_t begin_attempt(scai::db::Tx& tx, std::string_view email, std::int64_t now);
void forget_attempts(scai::db::Tx& tx, std::string_view email);

// --- choice of an organisation
void insert_choice(scai::db::Tx& tx, std::string_view choice_hash, std::string_view browser_hash,
                   const std::vector<std::string>& user_ids, std::int64_t expires_at);
/// The accounts of a choice, which is gone afterwards; empty when unknown, expired or another browser's.
std::vector<std::string> take_choice(scai::db::Tx& tx, std::string_view choice_hash,
                                     std::string_view browser_hash, std::int64_t now);

// --- housekeeping
/// Removes rows that stopped to matter `keep` seconds ago; the number of rows, in table order.
struct Purged {
    std::int64_t sessions = 0, codes = 0, grants = 0, revocations = 0, attempts = 0, choices = 0;
};
Purged purge(scai::db::Tx& tx, std::int64_t now, std::int64_t keep);
/// What purge() would remove.
Purged count_purgeable(scai::db::Pool& pool, std::int64_t now, std::int64_t keep);

} // namespace scaikey::oauth
