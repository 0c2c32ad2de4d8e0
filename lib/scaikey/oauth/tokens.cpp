// Issuing. Judging and revoking: verdicts.cpp. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/tokens.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/log/log.hpp"
#include "lib/scaikey/oauth/realm.hpp"
#include "lib/scaikey/oauth/rules.hpp"
#include "lib/scaikey/oauth/store.hpp"

namespace scaikey::oauth {

using scai::Error;
using scai::Result;
using scai::json::Value;

namespace {

/// The parameter, or invalid_request naming it.
Result<std::string> required(const Params& form, std::string_view name) {
    auto value = value_of(form, name);
    if (value.empty())
        return oauth_error("invalid_request", std::string(name) + " is missing");
    return value;
}

Error dead_grant(std::string description) {
    return oauth_error("invalid_grant", std::move(description));
}

scai::jose::Algorithm algorithm_for(const Context& context, const Client& client) {
    if (client.signing_algorithm == "ES256")
        return scai::jose::Algorithm::es256;
    if (client.signing_algorithm == "RS256")
        return scai::jose::Algorithm::rs256;
    return context.keys.default_algorithm();
}

std::int64_t refresh_lifetime(const Context& context) {
    return context.settings.integer("SCAIKEY_REFRESH_TOKEN_DAYS") * 86400;
}

/// What a successful exchange or refresh decided inside its transaction.
struct Decision {
    Grant grant;
    User user;
    std::optional<std::vector<std::string>> groups;
    std::string refresh_token;
};

Value user_answer(Context& context, const Realm& realm, const Client& client, const Decision& decision,
                  std::int64_t now) {
    const auto& grant = decision.grant;
    const TokenTimes times{now, now + client.token_lifetime};
    const auto algorithm = algorithm_for(context, client);
    // The grant's id leads the jti: revoking the grant revokes every token made from it.
    const auto jti = grant.id + "." + scai::crypto::random_id(16);
    const auto access = context.keys.sign(
        access_claims(context.base_url, client, decision.user, grant, decision.groups, jti, times), algorithm,
        times.expires_at);
    auto answer = Value::object({{"access_token", access},
                                 {"token_type", "Bearer"},
                                 {"expires_in", client.token_lifetime},
                                 {"scope", scope_text(grant.scopes)}});
    if (!decision.refresh_token.empty())
        answer.set("refresh_token", decision.refresh_token);
    if (contains(grant.scopes, "openid"))
        answer.set("id_token",
                   context.keys.sign(id_claims(issuer_of(context, realm), client, decision.user, grant,
                                               decision.groups, access, grant.nonce, times),
                                     algorithm, times.expires_at));
    return answer;
}

std::optional<std::vector<std::string>> groups_for(scai::db::Reader& db, const User& user,
                                                   const Scopes& scopes) {
    if (!contains(scopes, "groups"))
        return std::nullopt;
    return groups_of(db, user);
}

std::string add_refresh_token(scai::db::Tx& tx, const Context& context, const std::string& grant_id,
                              std::int64_t now) {
    auto token = scai::crypto::random_id(48);
    insert_refresh_token(tx, hash_of(token), grant_id, now, now + refresh_lifetime(context));
    return token;
}

struct CodeParts {
    std::string code, redirect_uri, verifier;
};

/// An Error here still commits: a replay must leave its revocation behind.
Result<Decision> redeem_code(Context& context, scai::db::Tx& tx, const Client& client, const CodeParts& parts,
                             std::int64_t now) {
    const auto hash = hash_of(parts.code);
    auto code = lock_code(tx, hash);
    if (!code)
        return dead_grant("code is unknown");
    if (code->grant.client_id != client.client_id)
        return dead_grant("code was issued to another client");
    if (code->used) {
        // RFC 6749 4.1.2: one of the two who showed it is a thief.
        revoke_grant(tx, code->grant.id, now, tokens_until(now));
        return dead_grant("code already used");
    }
    if (code->expires_at <= now)
        return dead_grant("code expired");
    if (code->redirect_uri != parts.redirect_uri)
        return dead_grant("redirect_uri differs from the one of the authorization request");
    if (!pkce_matches(code->code_challenge, parts.verifier))
        return dead_grant("code_verifier does not match the code_challenge");
    auto user = find_user(tx, code->grant.user_id);
    if (!user || !user->active)
        return dead_grant("the account is suspended or gone");
    mark_code_used(tx, hash, now);
    const bool refreshable = refresh_token_due(client, code->grant.scopes);
    insert_grant(tx, code->grant, now,
                 refreshable ? now + refresh_lifetime(context) : now + client.token_lifetime);
    Decision out{std::move(code->grant), std::move(*user), std::nullopt, ""};
    out.groups = groups_for(tx, out.user, out.grant.scopes);
    if (refreshable)
        out.refresh_token = add_refresh_token(tx, context, out.grant.id, now);
    return out;
}

Result<Value> by_code(Context& context, const Realm& realm, const Client& client, const Params& form) {
    CodeParts parts;
    SCAI_TRY(parts.code, required(form, "code"));
    SCAI_TRY(parts.redirect_uri, required(form, "redirect_uri"));
    parts.verifier = value_of(form, "code_verifier");
    const auto now = now_of(context);
    auto decision = scai::db::in_tx(context.pool, scope_of(realm), [&](scai::db::Tx& tx) {
        return redeem_code(context, tx, client, parts, now);
    });
    if (!decision) {
        scai::log::warn("code_refused", {{"client_id", client.client_id}, {"why", decision.error().message}});
        return std::move(decision).error();
    }
    return user_answer(context, realm, client, *decision, now);
}

/// The scopes of a refreshed token: what was granted, narrowed by the request and by what is allowed by now.
Result<Scopes> refreshed_scopes(const Client& client, const User& user, const Scopes& granted,
                                const std::string& asked) {
    const auto requested = parse_scope(asked);
    if (!requested)
        return oauth_error("invalid_scope", "scope contains a character that is not allowed");
    for (const auto& scope : *requested)
        if (!contains(granted, scope))
            return oauth_error("invalid_scope", "scope is wider than what was granted");
    auto scopes = scopes_for_user(intersect(requested->empty() ? granted : *requested, client.allowed_scopes),
                                  user.role);
    if (scopes.empty())
        return oauth_error("invalid_scope", "none of the granted scopes is still allowed");
    return scopes;
}

Result<Decision> rotate_refresh_token(Context& context, scai::db::Tx& tx, const Client& client,
                                      const std::string& token, const std::string& scope, std::int64_t now) {
    const auto hash = hash_of(token);
    auto stored = lock_refresh_token(tx, hash);
    if (!stored)
        return dead_grant("refresh token is unknown");
    if (stored->grant.client_id != client.client_id)
        return dead_grant("refresh token was issued to another client");
    if (stored->used) {
        // RFC 9700 4.14.2: the family dies with both holders' tokens.
        revoke_grant(tx, stored->grant.id, now, tokens_until(now));
        return dead_grant("refresh token already used");
    }
    if (stored->revoked)
        return dead_grant("refresh token was revoked");
    if (stored->expires_at <= now)
        return dead_grant("refresh token expired");
    auto user = find_user(tx, stored->grant.user_id);
    if (!user || !user->active)
        return dead_grant("the account is suspended or gone");
    SCAI_TRY(auto scopes, refreshed_scopes(client, *user, stored->grant.scopes, scope));
    mark_refresh_token_used(tx, hash, now);
    prolong_grant(tx, stored->grant.id, now + refresh_lifetime(context));
    Decision out{std::move(stored->grant), std::move(*user), std::nullopt, ""};
    out.refresh_token = add_refresh_token(tx, context, out.grant.id, now);
    out.grant.scopes = std::move(scopes); // of this access token; the stored grant keeps what the user gave
    out.groups = groups_for(tx, out.user, out.grant.scopes);
    return out;
}

Result<Value> by_refresh_token(Context& context, const Realm& realm, const Client& client,
                               const Params& form) {
    SCAI_TRY(const auto token, required(form, "refresh_token"));
    const auto now = now_of(context);
    auto decision = scai::db::in_tx(context.pool, scope_of(realm), [&](scai::db::Tx& tx) {
        return rotate_refresh_token(context, tx, client, token, value_of(form, "scope"), now);
    });
    if (!decision) {
        scai::log::warn("refresh_refused",
                        {{"client_id", client.client_id}, {"why", decision.error().message}});
        return std::move(decision).error();
    }
    return user_answer(context, realm, client, *decision, now);
}

Result<Value> by_client(Context& context, const Realm& realm, const Client& client, const Params& form) {
    if (!client.confidential())
        return oauth_error("unauthorized_client", "client_credentials is for WEB and SERVICE applications");
    const auto requested = parse_scope(value_of(form, "scope"));
    if (!requested)
        return oauth_error("invalid_scope", "scope contains a character that is not allowed");
    const auto scopes =
        requested->empty() ? client.allowed_scopes : intersect(*requested, client.allowed_scopes);
    if (scopes.empty())
        return oauth_error("invalid_scope", "none of the requested scopes is allowed for this application");
    const auto now = now_of(context);
    const TokenTimes times{now, now + client.token_lifetime};
    const auto claims =
        service_claims(context.base_url, client, realm, scopes, scai::crypto::random_id(24), times);
    return Value::object(
        {{"access_token", context.keys.sign(claims, algorithm_for(context, client), times.expires_at)},
         {"token_type", "Bearer"},
         {"expires_in", client.token_lifetime},
         {"scope", scope_text(scopes)}});
}

} // namespace

Result<Client> authenticate_client(Context& context, const Realm& realm, std::string_view authorization,
                                   const Params& form) {
    SCAI_TRY(const auto credentials, client_credentials(authorization, form));
    if (credentials.client_id.empty())
        return oauth_error("invalid_client", "client authentication is missing");
    if (realm.tenant && !realm.tenant->active)
        return oauth_error("invalid_client", "the tenant is suspended");
    auto client = [&] {
        auto lease = context.pool.read(scai::db::Scope::none());
        return find_client(lease, credentials.client_id);
    }();
    if (!client)
        return oauth_error("invalid_client", "unknown client");
    if (client->confidential()) {
        if (credentials.secret.empty())
            return oauth_error("invalid_client", "client_secret is missing");
        if (!scai::crypto::constant_time_equal(hash_of(credentials.secret), client->secret_hash))
            return oauth_error("invalid_client", "client_secret is wrong");
    } else if (!credentials.secret.empty()) {
        return oauth_error("invalid_client", "a public client has no client_secret");
    }
    if (!client_in_realm(*client, realm))
        return oauth_error("invalid_client", realm.tenant
                                                 ? "the application does not belong to this tenant"
                                                 : "the platform endpoints serve GLOBAL applications only");
    return std::move(*client);
}

Result<Value> token_response(Context& context, const Realm& realm, const Client& client, const Params& form) {
    const auto type = value_of(form, "grant_type");
    if (type == "authorization_code")
        return by_code(context, realm, client, form);
    if (type == "refresh_token")
        return by_refresh_token(context, realm, client, form);
    if (type == "client_credentials")
        return by_client(context, realm, client, form);
    if (type.empty())
        return oauth_error("invalid_request", "grant_type is missing");
    return oauth_error("unsupported_grant_type",
                       "grant_type must be authorization_code, refresh_token or client_credentials");
}

} // namespace scaikey::oauth
