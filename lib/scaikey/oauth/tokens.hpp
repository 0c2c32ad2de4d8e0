// Tokens: issued by the three grants, refreshed once each, judged, revoked. RFC 6749, 7009, 7662, 9700.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/oauth/model.hpp"

#include <string>
#include <string_view>

namespace scaikey::oauth {

/// Client authentication of token, introspection and revocation. invalid_client says which part was wrong; a
/// secret is compared in constant time.
scai::Result<Client> authenticate_client(Context& context, const Realm& realm, std::string_view authorization,
                                         const Params& form);

/// Answer of the token endpoint for any grant_type. contract scaikey.md 5
scai::Result<scai::json::Value> token_response(Context& context, const Realm& realm, const Client& client,
                                               const Params& form);

/// An access token of ours that is good right now.
struct AccessToken {
    scai::json::Value claims;
    std::string subject, client_id, tenant_id, jti;
    std::string role; ///< from the directory, "" for services
    Scopes scopes;
    std::int64_t expires_at = 0;
    bool service = false;
};
/// Signature, issuer, times, revocation, and whether user, tenant and application still stand: one query.
/// unauthenticated, message "invalid token: <what was wrong>".
scai::Result<AccessToken> verify_access(Context& context, std::string_view token);

/// Subject and client of an ID token we signed, expired or not (OIDC RP-Initiated Logout 2). Empty when it is
/// not.
struct IdHint {
    std::string subject, client_id;
};
IdHint read_id_hint(Context& context, std::string_view token);

/// RFC 7662 2.2. A token the caller has no business with is {"active": false}.
scai::json::Value introspect(Context& context, const Realm& realm, const Client& caller,
                             std::string_view token);
/// RFC 7009 2: unknown tokens are fine; another client's token is refused.
scai::Status revoke(Context& context, const Realm& realm, const Client& caller, std::string_view token);

} // namespace scaikey::oauth
