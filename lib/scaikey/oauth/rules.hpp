// Pure decisions of the OIDC provider: request parameters, PKCE, scopes, claims, redirects. No I/O.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaikey/oauth/model.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace scaikey::oauth {

/// "invalid_grant" ... with the status RFC 6749 5.2 gives it; the mapper writes
/// {"error","error_description"}.
scai::Error oauth_error(std::string_view code, std::string description);

// --- PKCE, RFC 7636
bool valid_verifier(std::string_view verifier);   ///< 4.1: 43..128 unreserved characters
bool valid_challenge(std::string_view challenge); ///< S256 only: 43 base64url characters
std::string challenge_of(std::string_view verifier);
/// Without a challenge no verifier may come (a stripped challenge is an attack, RFC 9700 4.8.2).
bool pkce_matches(std::string_view challenge, std::string_view verifier);

// --- scopes
/// RFC 6749 3.3: tokens in order, duplicates dropped; nullopt on a character that cannot be in a scope.
std::optional<Scopes> parse_scope(std::string_view text);
std::string scope_text(const Scopes& scopes);
bool contains(const Scopes& scopes, std::string_view scope);
/// requested ∩ allowed, in the order asked.
Scopes intersect(const Scopes& requested, const Scopes& allowed);
/// A person without an admin role never carries admin:* (the application's ceiling is about its own token).
Scopes scopes_for_user(const Scopes& scopes, std::string_view role);
/// contract scaikey.md 3: WEB and NATIVE always, the others when offline_access was granted.
bool refresh_token_due(const Client& client, const Scopes& granted);

/// Which clients an endpoint serves: platform only GLOBAL; a tenant its own, its partner's and GLOBAL ones.
bool client_in_realm(const Client& client, const Realm& realm);

// --- authorization request, after client and redirect_uri were found good
struct AuthorizeRequest {
    std::string redirect_uri, state, nonce, code_challenge, login_hint, id_token_hint;
    Scopes scopes;
    bool prompt_none = false, prompt_login = false;
    std::optional<std::int64_t> max_age;
};
struct AuthorizeError {
    std::string code, description;
};
std::variant<AuthorizeRequest, AuthorizeError> check_authorize(const Client& client, const Params& query);

/// `uri` with parameters appended to its query; empty values are left out.
std::string with_query(std::string_view uri,
                       const std::vector<std::pair<std::string_view, std::string>>& parameters);
/// scheme://host[:port], or "scheme:" for private-use schemes: the source expression of a form-action.
std::string form_target(std::string_view redirect_uri);

// --- client authentication
struct ClientCredentials {
    std::string client_id, secret;
    bool basic = false;
};
/// RFC 6749 2.3.1: Basic (form-encoded parts) or form fields, never both. Without any, client_id is empty.
scai::Result<ClientCredentials> client_credentials(std::string_view authorization, const Params& form);

// --- claims, contract scaikey.md 6
struct TokenTimes {
    std::int64_t issued_at, expires_at; ///< unix seconds
};
std::string user_issuer(std::string_view base, std::string_view tenant_id);
scai::json::Value access_claims(std::string_view base, const Client& client, const User& user,
                                const Grant& grant, const std::optional<std::vector<std::string>>& groups,
                                std::string_view jti, TokenTimes times);
scai::json::Value service_claims(std::string_view base, const Client& client, const Realm& realm,
                                 const Scopes& scopes, std::string_view jti, TokenTimes times);
/// `issuer` is the one of the discovery document the client uses (OIDC Core 3.1.3.7 rule 2).
scai::json::Value id_claims(std::string_view issuer, const Client& client, const User& user,
                            const Grant& grant, const std::optional<std::vector<std::string>>& groups,
                            std::string_view access_token, std::string_view nonce, TokenTimes times);
scai::json::Value userinfo_claims(const User& user, const Scopes& scopes,
                                  const std::optional<std::vector<std::string>>& groups);
/// More groups than this do not fit into a header: the claim is left out and groups_overage says so.
inline constexpr std::size_t max_groups_in_token = 200;

/// When nothing issued until now can still be valid (the longest token_lifetime an application may have).
std::int64_t tokens_until(std::int64_t now);

// --- password attempts
struct Attempts {
    int failures = 0; ///< within the window, the one being made included
    std::int64_t last_at = 0;
};
inline constexpr int free_attempts = 5;
inline constexpr std::int64_t attempt_window = 900; ///< seconds without a try that forget everything
/// Seconds the account stays shut after this many failures: 0 for the first five, then 30, 60 ... 900.
std::int64_t lockout_seconds(int failures);

} // namespace scaikey::oauth
