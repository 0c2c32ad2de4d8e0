// Judging and revoking our own tokens. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/realm.hpp"
#include "lib/scaikey/oauth/rules.hpp"
#include "lib/scaikey/oauth/store.hpp"
#include "lib/scaikey/oauth/tokens.hpp"

namespace scaikey::oauth {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;

namespace {

Error invalid_token(const std::string& why) {
    Error error;
    error.kind = ErrorKind::unauthenticated;
    error.message = "invalid token: " + why;
    return error;
}

/// Parsed and signed by a key of ours that is still published.
Result<scai::jose::Parsed> signed_by_us(Context& context, std::string_view token) {
    auto parsed = scai::jose::parse(token);
    if (!parsed)
        return invalid_token(parsed.error().message);
    auto ring = context.keys.ring();
    // Another process may have made the key a moment ago.
    if (!ring->verification().has_key(parsed->header.kid, parsed->header.algorithm))
        ring = context.keys.fresh();
    if (!ring->verification().verify(*parsed))
        return invalid_token("Signature verification failed");
    return parsed;
}

bool issued_here(const Context& context, const Value& claims) {
    const auto issuer = claims.member("iss");
    const auto tenant = claims.member("tenant_id");
    return issuer == context.base_url || (!tenant.empty() && issuer == user_issuer(context.base_url, tenant));
}

bool may_see(const Client& caller, std::string_view client_id, std::string_view tenant_id) {
    return caller.client_id == client_id || caller.reach == "GLOBAL" ||
           (caller.reach == "TENANT" && caller.tenant_id == tenant_id);
}

/// Cheap enough to decide where to look: ours have two dots, refresh tokens none.
bool looks_like_jwt(std::string_view token) {
    return token.find('.') != std::string_view::npos;
}

} // namespace

Result<AccessToken> verify_access(Context& context, std::string_view token) {
    SCAI_TRY(auto parsed, signed_by_us(context, token));
    AccessToken out;
    out.claims = std::move(parsed.claims);
    if (!issued_here(context, out.claims))
        return invalid_token("Invalid issuer");
    out.jti = out.claims.member("jti");
    // ID tokens are signed by the same keys; they carry no scope and no jti.
    if (out.jti.empty() || !out.claims.get("scope").is_string())
        return invalid_token("not an access token");
    out.expires_at = out.claims.get("exp").integer().value_or(0);
    if (out.expires_at <= now_of(context))
        return invalid_token("Signature has expired");
    out.subject = out.claims.member("sub");
    out.client_id = out.claims.member("client_id");
    out.tenant_id = out.claims.member("tenant_id");
    out.service = out.claims.member("token_type") == "client_credentials";
    out.scopes = parse_scope(out.claims.member("scope")).value_or(Scopes());
    const auto standing = [&] {
        auto lease = context.pool.read(scai::db::Scope::all_tenants());
        return standing_of(lease, out.jti, out.client_id, out.service ? "" : out.subject);
    }();
    if (standing.revoked)
        return invalid_token("token was revoked");
    if (!standing.client_live)
        return invalid_token("application was deleted");
    if (!out.service && !standing.user_active)
        return invalid_token("user is suspended or deleted");
    out.role = standing.role;
    return out;
}

IdHint read_id_hint(Context& context, std::string_view token) {
    const auto parsed = signed_by_us(context, token);
    if (!parsed || !issued_here(context, parsed->claims) || parsed->claims.member("azp").empty() ||
        parsed->claims.get("scope").present())
        return {};
    return {parsed->claims.member("sub"), parsed->claims.member("azp")};
}

Value introspect(Context& context, const Realm& realm, const Client& caller, std::string_view token) {
    const auto inactive = Value::object({{"active", false}});
    if (!looks_like_jwt(token)) {
        auto lease = context.pool.read(scope_of(realm));
        const auto stored = find_refresh_token(lease, hash_of(token));
        if (!stored || stored->used || stored->revoked || stored->expires_at <= now_of(context) ||
            !may_see(caller, stored->grant.client_id, stored->grant.tenant_id))
            return inactive;
        const auto user = find_user(lease, stored->grant.user_id);
        if (!user || !user->active)
            return inactive;
        return Value::object({{"active", true},
                              {"token_type", "refresh_token"},
                              {"client_id", stored->grant.client_id},
                              {"sub", stored->grant.user_id},
                              {"tenant_id", stored->grant.tenant_id},
                              {"scope", scope_text(stored->grant.scopes)},
                              {"exp", stored->expires_at}});
    }
    const auto access = verify_access(context, token);
    if (!access || !may_see(caller, access->client_id, access->tenant_id) ||
        (realm.tenant && access->tenant_id != realm.tenant->id))
        return inactive;
    auto answer = Value::object({{"active", true}});
    access->claims.each_member([&](std::string_view key, const Value& value) {
        // In RFC 7662 token_type is the type of RFC 6749 5.1; the claim of that name is another thing.
        if (key != "token_type")
            answer.set(key, value);
    });
    return answer.set("token_type", "Bearer");
}

scai::Status revoke(Context& context, const Realm& realm, const Client& caller, std::string_view token) {
    const auto foreign = oauth_error("invalid_grant", "the token was issued to another client");
    const auto now = now_of(context);
    if (looks_like_jwt(token)) {
        const auto access = verify_access(context, token);
        if (!access)
            return scai::Done{};
        if (access->client_id != caller.client_id)
            return foreign;
        scai::db::in_tx(context.pool, scope_of(realm),
                        [&](scai::db::Tx& tx) { revoke_token(tx, access->jti, access->expires_at); });
        return scai::Done{};
    }
    return scai::db::in_tx(context.pool, scope_of(realm), [&](scai::db::Tx& tx) -> scai::Status {
        const auto stored = lock_refresh_token(tx, hash_of(token));
        if (!stored)
            return scai::Done{};
        if (stored->grant.client_id != caller.client_id)
            return foreign;
        revoke_grant(tx, stored->grant.id, now, tokens_until(now));
        return scai::Done{};
    });
}

} // namespace scaikey::oauth
