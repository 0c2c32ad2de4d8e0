// SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/log/log.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/app/store_callers.hpp"

#include <algorithm>

namespace scaigrid {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::web::Access;
using scai::web::Principal;
using scai::web::Request;

namespace {

constexpr std::string_view key_prefix = "sgk_";

Error invalid_token(std::string message) {
    return refusal(ErrorKind::unauthenticated, "AUTH_TOKEN_INVALID", std::move(message));
}

Result<std::string> bearer_of(const Request& request) {
    const auto header = scai::trim(request.header("authorization"));
    if (header.empty())
        return refusal(ErrorKind::unauthenticated, "AUTH_TOKEN_MISSING",
                       "the Authorization header is missing");
    const auto space = header.find(' ');
    if (space == std::string_view::npos || !scai::iequals(header.substr(0, space), "bearer"))
        return invalid_token("the Authorization header must be: Bearer <key or token>");
    return std::string(scai::trim(header.substr(space + 1)));
}

/// The role that counts where one word is asked for.
std::string highest_role(const std::vector<std::string>& roles) {
    for (const std::string_view role :
         {"super_admin", "partner_admin", "tenant_admin", "tenant_user", "tenant_viewer", "partner_viewer"})
        if (std::find(roles.begin(), roles.end(), role) != roles.end())
            return std::string(role);
    return "tenant_user";
}

struct Rights {
    std::vector<std::string> roles;
    Permissions permissions;
};

/// Roles given here win over what the token says; a user nobody gave a role is a tenant_user.
Rights rights_of(const KnownUser& user, const std::vector<std::string>& token_roles, bool service,
                 const Permissions& defaults) {
    Rights out;
    out.roles = user.roles;
    if (out.roles.empty())
        std::copy_if(token_roles.begin(), token_roles.end(), std::back_inserter(out.roles),
                     [](const std::string& role) { return is_known_role(role); });
    if (out.roles.empty() && !service)
        out.roles.emplace_back("tenant_user");
    Permissions all(user.module_permissions.begin(), user.module_permissions.end());
    for (const auto& role : out.roles)
        all.merge(permissions_of_role(role));
    if (!service)
        all.insert(defaults.begin(), defaults.end());
    out.permissions = with_implied(std::move(all));
    return out;
}

/// Permissions of ScaiGrid that a token names in so many words: those of a service come by its scopes.
void add_named(const std::vector<std::string>& names, std::vector<std::string>& to) {
    const auto known = known_permissions();
    for (const auto& name : names)
        if (std::find(known.begin(), known.end(), name) != known.end())
            to.push_back(name);
}

class Gatekeeper {
public:
    explicit Gatekeeper(Context& context) : context_(context) {}

    Result<Principal> operator()(const Request& request, const Access& access) const {
        SCAI_TRY(const auto bearer, bearer_of(request));
        std::string key_id;
        auto identified = bearer.starts_with(key_prefix) ? by_key(bearer, key_id) : by_token(bearer);
        if (!identified)
            return std::move(identified).error();
        auto principal = std::move(*identified);
        SCAI_TRY([[maybe_unused]] const auto counted, count(request, principal, key_id));
        SCAI_TRY([[maybe_unused]] const auto allowed, check_access(principal, access));
        return principal;
    }

private:
    Result<Principal> by_key(const std::string& key, std::string& key_id) const {
        const auto hash = scai::crypto::to_hex(scai::crypto::sha256(key));
        std::optional<KnownKey> known;
        {
            auto reader = context_.pool.read(scai::db::Scope::all_tenants());
            known = find_key(reader, hash);
        }
        if (!known)
            return invalid_token("the API key is not known");
        if (known->revoked)
            return invalid_token("the API key is revoked");
        if (known->expires_at && *known->expires_at <= scai::unix_seconds(context_.clock->now()))
            return invalid_token("the API key has expired");
        if (known->user.status != "active")
            return invalid_token("the user of the API key is suspended");
        key_id = known->id;
        std::vector<std::string> token_roles;
        if (!known->user.token_role.empty())
            token_roles.push_back(known->user.token_role);
        auto out = principal_of(known->user, known->tenant_id,
                                rights_of(known->user, token_roles, false, context_.default_permissions));
        out.claims = scai::json::Value::object({{"credential", "api_key"}, {"key_id", known->id}});
        return out;
    }

    Result<Principal> by_token(const std::string& token) const {
        const auto claims = context_.verifier.verify(token);
        if (!claims) {
            auto error = claims.error();
            error.code =
                error.kind == ErrorKind::unauthenticated ? "AUTH_TOKEN_INVALID" : "SERVICE_UNAVAILABLE";
            return error;
        }
        const auto& who = **claims;
        if (who.tenant_id.empty())
            return invalid_token("invalid token: it names no tenant");
        std::optional<KnownUser> known;
        if (!who.service) {
            auto reader = context_.pool.read(scai::db::Scope::tenant(who.tenant_id));
            known = find_user(reader, who.tenant_id, who.subject);
        }
        if (known && known->status != "active")
            return invalid_token("invalid token: the user is suspended");
        auto token_roles = who.roles;
        if (!who.role.empty())
            token_roles.push_back(who.role);
        const auto role = highest_role(token_roles);
        if (known && known->token_role != role) // what keys of this user go by
            scai::db::in_tx(context_.pool, scai::db::Scope::tenant(who.tenant_id),
                            [&](scai::db::Tx& tx) { note_token_role(tx, who.tenant_id, who.subject, role); });
        auto user = known.value_or(KnownUser{});
        add_named(who.permissions, user.module_permissions);
        if (who.service)
            add_named(who.scopes, user.module_permissions);
        user.id = who.subject;
        user.email = who.email;
        user.name = who.name;
        auto out = principal_of(user, who.tenant_id,
                                rights_of(user, token_roles, who.service, context_.default_permissions));
        out.client_id = who.client_id;
        out.groups = who.groups;
        out.service = who.service;
        out.claims = who.raw;
        return out;
    }

    static Principal principal_of(const KnownUser& user, const std::string& tenant_id, Rights rights) {
        Principal out;
        out.subject = user.id;
        out.tenant_id = tenant_id;
        out.email = user.email;
        out.name = user.name;
        out.admin_role = rights.roles.empty() ? "" : highest_role(rights.roles);
        out.permissions = std::move(rights.permissions);
        return out;
    }

    scai::Status count(const Request& request, const Principal& principal, const std::string& key_id) const {
        std::vector<LimitedBy> windows;
        if (!key_id.empty())
            windows.push_back({"key:" + key_id, context_.settings.integer("SCAIGRID_RATE_LIMIT_KEY")});
        windows.push_back({"user:" + principal.tenant_id + "/" + principal.subject,
                           context_.settings.integer("SCAIGRID_RATE_LIMIT_USER")});
        windows.push_back(
            {"tenant:" + principal.tenant_id, context_.settings.integer("SCAIGRID_RATE_LIMIT_TENANT")});
        auto& limit = exchange_of(request).limit;
        limit = context_.limits.take(windows, scai::unix_seconds(context_.clock->now()));
        if (limit.allowed)
            return scai::Done{};
        auto error = refusal(ErrorKind::rate_limited, "RATE_LIMITED", "too many requests in the last minute");
        error.retry_after_seconds = static_cast<int>(limit.retry_after);
        return error;
    }

    Context& context_;
};

} // namespace

scai::web::Gate make_gate(Context& context) {
    return Gatekeeper(context);
}

} // namespace scaigrid
