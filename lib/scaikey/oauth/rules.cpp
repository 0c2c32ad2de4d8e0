// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/rules.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"

#include <algorithm>

namespace scaikey::oauth {

using scai::Error;
using scai::ErrorKind;
using scai::json::Value;

std::string User::name() const {
    if (!display_name.empty())
        return display_name;
    if (!first_name.empty() && !last_name.empty())
        return first_name + " " + last_name;
    if (!first_name.empty() || !last_name.empty())
        return first_name + last_name;
    return email;
}

std::string value_of(const Params& params, std::string_view name) {
    const auto found = params.find(name);
    return found == params.end() ? std::string() : found->second;
}

Error oauth_error(std::string_view code, std::string description) {
    Error error;
    error.kind = code == "invalid_client" ? ErrorKind::unauthenticated : ErrorKind::bad_request;
    error.code = "oauth:" + std::string(code);
    error.message = std::move(description);
    return error;
}

namespace {

bool unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

} // namespace

bool valid_verifier(std::string_view verifier) {
    return verifier.size() >= 43 && verifier.size() <= 128 &&
           std::ranges::all_of(verifier, [](char c) { return unreserved(c) || c == '.' || c == '~'; });
}

bool valid_challenge(std::string_view challenge) {
    return challenge.size() == 43 && std::ranges::all_of(challenge, unreserved);
}

std::string challenge_of(std::string_view verifier) {
    return scai::crypto::base64url(scai::crypto::sha256(verifier));
}

bool pkce_matches(std::string_view challenge, std::string_view verifier) {
    if (challenge.empty())
        return verifier.empty();
    return valid_verifier(verifier) && scai::crypto::constant_time_equal(challenge_of(verifier), challenge);
}

std::optional<Scopes> parse_scope(std::string_view text) {
    Scopes out;
    std::size_t start = 0;
    while (start <= text.size()) {
        auto end = text.find(' ', start);
        if (end == std::string_view::npos)
            end = text.size();
        const auto token = text.substr(start, end - start);
        for (const char c : token)
            if (c < 0x21 || c > 0x7e || c == '"' || c == '\\')
                return std::nullopt;
        if (!token.empty() && !contains(out, token))
            out.emplace_back(token);
        start = end + 1;
    }
    return out;
}

std::string scope_text(const Scopes& scopes) {
    return scai::join(scopes, " ");
}

bool contains(const Scopes& scopes, std::string_view scope) {
    return std::ranges::find(scopes, scope) != scopes.end();
}

Scopes intersect(const Scopes& requested, const Scopes& allowed) {
    Scopes out;
    std::ranges::copy_if(requested, std::back_inserter(out),
                         [&](const auto& scope) { return contains(allowed, scope); });
    return out;
}

Scopes scopes_for_user(const Scopes& scopes, std::string_view role) {
    Scopes out;
    std::ranges::copy_if(scopes, std::back_inserter(out),
                         [&](const auto& scope) { return !role.empty() || !scope.starts_with("admin:"); });
    return out;
}

bool refresh_token_due(const Client& client, const Scopes& granted) {
    return client.type == "WEB" || client.type == "NATIVE" || contains(granted, "offline_access");
}

bool client_in_realm(const Client& client, const Realm& realm) {
    if (client.reach == "GLOBAL")
        return true;
    if (!realm.tenant)
        return false;
    if (client.reach == "TENANT")
        return client.tenant_id == realm.tenant->id;
    return client.reach == "PARTNER" && !client.partner_id.empty() &&
           client.partner_id == realm.tenant->partner_id;
}

namespace {

std::optional<AuthorizeError> check_prompt(const Params& query, AuthorizeRequest& out) {
    const auto prompts = parse_scope(value_of(query, "prompt"));
    if (!prompts)
        return AuthorizeError{"invalid_request", "prompt is malformed"};
    out.prompt_none = contains(*prompts, "none");
    // select_account asks for the page as well: it is where another account is typed in.
    out.prompt_login = contains(*prompts, "login") || contains(*prompts, "select_account");
    if (out.prompt_none && prompts->size() > 1)
        return AuthorizeError{"invalid_request", "prompt=none cannot be combined with other prompts"};
    const auto max_age = value_of(query, "max_age");
    if (max_age.empty())
        return std::nullopt;
    out.max_age = scai::parse_int(max_age);
    if (!out.max_age || *out.max_age < 0)
        return AuthorizeError{"invalid_request", "max_age must be a number of seconds"};
    return std::nullopt;
}

std::optional<AuthorizeError> check_pkce(const Client& client, const Params& query, AuthorizeRequest& out) {
    out.code_challenge = value_of(query, "code_challenge");
    const auto method = value_of(query, "code_challenge_method");
    if (out.code_challenge.empty()) {
        if (!client.confidential())
            return AuthorizeError{"invalid_request",
                                  "code_challenge is required for this application (PKCE)"};
        if (!method.empty())
            return AuthorizeError{"invalid_request", "code_challenge_method without code_challenge"};
        return std::nullopt;
    }
    // RFC 7636 4.3: an absent method means plain, and plain is not offered.
    if (method != "S256")
        return AuthorizeError{"invalid_request", "code_challenge_method must be S256"};
    if (!valid_challenge(out.code_challenge))
        return AuthorizeError{"invalid_request", "code_challenge must be 43 base64url characters"};
    return std::nullopt;
}

} // namespace

std::variant<AuthorizeRequest, AuthorizeError> check_authorize(const Client& client, const Params& query) {
    AuthorizeRequest out;
    out.redirect_uri = value_of(query, "redirect_uri");
    out.state = value_of(query, "state");
    out.nonce = value_of(query, "nonce");
    out.login_hint = value_of(query, "login_hint");
    out.id_token_hint = value_of(query, "id_token_hint");
    if (query.contains("request"))
        return AuthorizeError{"request_not_supported", "request objects are not supported"};
    if (query.contains("request_uri"))
        return AuthorizeError{"request_uri_not_supported", "request_uri is not supported"};
    const auto type = value_of(query, "response_type");
    if (type.empty())
        return AuthorizeError{"invalid_request", "response_type is missing"};
    if (type != "code")
        return AuthorizeError{"unsupported_response_type", "only response_type=code is offered"};
    const auto mode = value_of(query, "response_mode");
    if (!mode.empty() && mode != "query")
        return AuthorizeError{"invalid_request", "only response_mode=query is offered"};
    if (auto error = check_pkce(client, query, out))
        return *error;
    if (auto error = check_prompt(query, out))
        return *error;
    const auto requested = parse_scope(value_of(query, "scope"));
    if (!requested)
        return AuthorizeError{"invalid_scope", "scope contains a character that is not allowed"};
    if (requested->empty())
        return AuthorizeError{"invalid_scope", "scope is missing"};
    out.scopes = intersect(*requested, client.allowed_scopes);
    if (out.scopes.empty())
        return AuthorizeError{"invalid_scope",
                              "none of the requested scopes is allowed for this application"};
    if (out.nonce.size() > 1024 || out.state.size() > 4096)
        return AuthorizeError{"invalid_request", "state or nonce is too long"};
    return out;
}

std::string with_query(std::string_view uri,
                       const std::vector<std::pair<std::string_view, std::string>>& parameters) {
    std::string out(uri);
    char separator = uri.find('?') == std::string_view::npos ? '?' : '&';
    for (const auto& [name, value] : parameters) {
        if (value.empty())
            continue;
        out += separator;
        out += name;
        out += '=';
        out += scai::percent_encode(value);
        separator = '&';
    }
    return out;
}

std::string form_target(std::string_view redirect_uri) {
    const auto colon = redirect_uri.find(':');
    if (colon == std::string_view::npos)
        return {};
    const auto scheme = scai::to_lower(redirect_uri.substr(0, colon));
    std::string target;
    if (scheme == "http" || scheme == "https") {
        const auto end = redirect_uri.find_first_of("/?#", colon + 3);
        target = redirect_uri.substr(0, end);
    } else {
        target = scheme + ":";
    }
    // It goes into a header: anything that could end the directive makes it nothing.
    const bool clean = std::ranges::all_of(target, [](char c) {
        return unreserved(c) || c == '.' || c == ':' || c == '/' || c == '[' || c == ']' || c == '+';
    });
    return clean ? target : std::string();
}

scai::Result<ClientCredentials> client_credentials(std::string_view authorization, const Params& form) {
    ClientCredentials out;
    if (!authorization.empty()) {
        const auto space = authorization.find(' ');
        if (space == std::string_view::npos || !scai::iequals(authorization.substr(0, space), "basic"))
            return oauth_error("invalid_client", "the client authenticates by Basic or by form fields");
        const auto plain = scai::crypto::from_base64(scai::trim(authorization.substr(space + 1)));
        const auto colon = plain ? plain->find(':') : std::string::npos;
        if (colon == std::string::npos)
            return oauth_error("invalid_client", "malformed Basic credentials");
        const auto id = scai::percent_decode(plain->substr(0, colon), true);
        const auto secret = scai::percent_decode(plain->substr(colon + 1), true);
        if (!id || !secret)
            return oauth_error("invalid_client", "malformed Basic credentials");
        if (form.contains("client_secret"))
            return oauth_error("invalid_request", "the client authenticated twice");
        if (const auto named = value_of(form, "client_id"); !named.empty() && named != *id)
            return oauth_error("invalid_request", "client_id differs from the Basic user name");
        out = {.client_id = *id, .secret = *secret, .basic = true};
    } else {
        out = {.client_id = value_of(form, "client_id"), .secret = value_of(form, "client_secret")};
    }
    // Text that cannot be an identifier never reaches the database.
    if (out.client_id.find('\0') != std::string::npos || !scai::valid_utf8(out.client_id))
        return oauth_error("invalid_client", "unknown client");
    return out;
}

std::string user_issuer(std::string_view base, std::string_view tenant_id) {
    return std::string(base) + "/tenants/" + std::string(tenant_id);
}

namespace {

void set_groups(Value& claims, const Scopes& scopes, const std::optional<std::vector<std::string>>& groups) {
    if (!contains(scopes, "groups") || !groups)
        return;
    if (groups->size() > max_groups_in_token)
        claims.set("groups_overage", true);
    else
        claims.set("groups", Value::array_of(*groups));
}

void set_profile(Value& claims, const User& user, const Scopes& scopes) {
    if (contains(scopes, "profile")) {
        claims.set("name", user.name());
        if (!user.first_name.empty())
            claims.set("given_name", user.first_name);
        if (!user.last_name.empty())
            claims.set("family_name", user.last_name);
        claims.set("preferred_username", user.email);
    }
    if (contains(scopes, "email")) {
        claims.set("email", user.email);
        claims.set("email_verified", true); // only an administrator or the loader writes addresses
    }
}

} // namespace

Value access_claims(std::string_view base, const Client& client, const User& user, const Grant& grant,
                    const std::optional<std::vector<std::string>>& groups, std::string_view jti,
                    TokenTimes times) {
    auto claims = Value::object({{"iss", user_issuer(base, user.tenant_id)},
                                 {"aud", client.client_id},
                                 {"sub", user.id},
                                 {"client_id", client.client_id},
                                 {"tenant_id", user.tenant_id}});
    if (!user.partner_id.empty())
        claims.set("partner_id", user.partner_id);
    claims.set("scope", scope_text(grant.scopes));
    if (!user.role.empty())
        claims.set("role", user.role);
    set_groups(claims, grant.scopes, groups);
    if (!user.permissions.empty())
        claims.set("permissions", Value::array_of(user.permissions));
    claims.set("auth_time", grant.auth_time);
    claims.set("iat", times.issued_at).set("exp", times.expires_at).set("jti", jti);
    return claims;
}

Value service_claims(std::string_view base, const Client& client, const Realm& realm, const Scopes& scopes,
                     std::string_view jti, TokenTimes times) {
    auto claims = Value::object({{"iss", base},
                                 {"aud", client.client_id},
                                 {"sub", client.client_id},
                                 {"client_id", client.client_id},
                                 {"scope", scope_text(scopes)},
                                 {"app_scope", client.reach},
                                 {"token_type", "client_credentials"}});
    if (client.reach == "GLOBAL")
        claims.set("platform_token", true);
    if (realm.tenant) {
        claims.set("tenant_id", realm.tenant->id);
        if (!realm.tenant->partner_id.empty())
            claims.set("partner_id", realm.tenant->partner_id);
    }
    claims.set("iat", times.issued_at).set("exp", times.expires_at).set("jti", jti);
    return claims;
}

Value id_claims(std::string_view issuer, const Client& client, const User& user, const Grant& grant,
                const std::optional<std::vector<std::string>>& groups, std::string_view access_token,
                std::string_view nonce, TokenTimes times) {
    auto claims = Value::object({{"iss", issuer},
                                 {"aud", client.client_id},
                                 {"azp", client.client_id},
                                 {"sub", user.id},
                                 {"tenant_id", user.tenant_id}});
    if (!nonce.empty())
        claims.set("nonce", nonce);
    set_profile(claims, user, grant.scopes);
    set_groups(claims, grant.scopes, groups);
    claims.set("auth_time", grant.auth_time);
    if (!grant.session_id.empty())
        claims.set("sid", grant.session_id);
    // OIDC Core 3.1.3.6: left half of the hash that belongs to the signature, SHA-256 for RS256 and ES256.
    claims.set("at_hash", scai::crypto::base64url(scai::crypto::sha256(access_token).substr(0, 16)));
    claims.set("iat", times.issued_at).set("exp", times.expires_at);
    return claims;
}

Value userinfo_claims(const User& user, const Scopes& scopes,
                      const std::optional<std::vector<std::string>>& groups) {
    auto claims = Value::object({{"sub", user.id}, {"tenant_id", user.tenant_id}});
    set_profile(claims, user, scopes);
    if (contains(scopes, "groups") && groups)
        claims.set("groups", Value::array_of(*groups)); // no header to fit into: all of them
    return claims;
}

std::int64_t tokens_until(std::int64_t now) {
    constexpr std::int64_t longest_lifetime = 86400; // applications_lifetime_check
    return now + longest_lifetime + 300;
}

std::int64_t lockout_seconds(int failures) {
    if (failures < free_attempts)
        return 0;
    const int doubling = std::min(failures - free_attempts, 5);
    return std::min<std::int64_t>(std::int64_t{30} << doubling, 900);
}

} // namespace scaikey::oauth
