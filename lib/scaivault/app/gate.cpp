// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/authenticator.hpp"
#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/app/gatekeeping.hpp"
#include "lib/scaivault/app/store_caller.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <array>

namespace scaivault {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::web::Access;
using scai::web::Principal;
using scai::web::Request;

namespace {

/// Scopes a person's token gives by itself; the others count with an admin role only: they reach beyond what
/// policies guard.
constexpr std::array<std::string_view, 10> scopes_of_everybody{
    "dynamic:read",  "dynamic:generate", "subscriptions:read", "subscriptions:write", "policies:read",
    "identity:read", "secrets:read",     "secrets:write",      "secrets:delete",      "secrets:list"};

bool counts_for_everybody(std::string_view scope) {
    return scope.starts_with("secrets:") || std::find(scopes_of_everybody.begin(), scopes_of_everybody.end(),
                                                      scope) != scopes_of_everybody.end();
}

bool active(std::string_view status) {
    return status.empty() || scai::iequals(status, "ACTIVE");
}

/// Routes that must work before the first synchronisation: who am I, and the synchronisation itself.
bool works_without_directory(const Access& access) {
    return access.kind() == Access::Kind::authenticated || access.name().starts_with("identity:");
}

/// The tenant that is asked for in so many words: the path's goes before the header's.
Result<std::string> named_tenant(const Request& request) {
    std::string named = request.selector;
    if (named.empty())
        named = scai::trim(request.header("x-tenant-id"));
    if (!named.empty() && !sane_id(named))
        return not_found("tenant_not_found", "there is no such tenant");
    return named;
}

Caller caller_from(const Credential& credential, const Lookup& lookup, const Request& request) {
    Caller out;
    out.home_tenant_id = credential.tenant_id;
    out.scopes = credential.scopes;
    out.mfa_verified_at = credential.mfa_verified_at;
    out.token_expires_at = credential.expires_at;
    out.allowed_paths = credential.allowed_paths;
    out.source_ip = request.remote_address;
    out.user_agent = request.header("user-agent");
    out.request_id = request.request_id;
    out.tenant_policies = lookup.tenant_policies;
    out.partner_policies = lookup.partner_policies;
    if (credential.service) {
        out.identity_type = "service_account";
        out.identity = "sa:" + credential.subject;
        out.identity_id = out.identity;
        out.display_name = credential.name.empty() ? credential.subject : credential.name;
        return out;
    }
    out.identity_type = "user";
    out.identity = "user:" + credential.subject;
    const bool known = lookup.user && !lookup.user->email.empty();
    const auto& email = known ? lookup.user->email : credential.email;
    out.identity_id = email.empty() ? out.identity : "user:" + email;
    out.display_name =
        lookup.user && !lookup.user->display_name.empty() ? lookup.user->display_name : credential.name;
    if (lookup.user) {
        out.roles = lookup.user->roles;
        for (const auto& group : lookup.user->groups)
            out.groups.push_back("group:" + group);
    }
    return out;
}

Result<scai::Done> check_standing(const Credential& credential, const Lookup& lookup) {
    if (lookup.user && lookup.user->deleted)
        return unauthenticated("token_revoked", "the user is deleted");
    if (lookup.user && !active(lookup.user->status))
        return unauthenticated("token_revoked", "the user is disabled");
    if (lookup.home && (lookup.home->deleted || !active(lookup.home->status)))
        return tenant_access_denied(credential.tenant_id);
    return scai::Done{};
}

/// Whether the caller may act in another tenant than his own (contract scaivault.md 0). Says the same of a
/// tenant that is not there and of one he has no business with, unless every tenant is his business.
Result<scai::Done> check_choice(const Credential& credential, const Caller& caller, const Lookup& lookup,
                                const std::string& chosen) {
    if (chosen == credential.tenant_id)
        return scai::Done{};
    const bool everywhere =
        caller.has_role("super_admin") || credential.reach == Credential::Reach::everything;
    std::string partner; // whose tenants are his business
    if (credential.service)
        partner = credential.reach == Credential::Reach::partner ? credential.partner_id : "";
    else if (caller.has_role("partner_admin") && lookup.home)
        partner = lookup.home->partner_id;
    if (!everywhere && partner.empty())
        return tenant_access_denied(chosen);
    if (!lookup.selected)
        return not_found("tenant_not_found", "there is no such tenant");
    if (!everywhere && lookup.selected->partner_id != partner)
        return tenant_access_denied(chosen);
    return scai::Done{};
}

class Gatekeeper {
public:
    explicit Gatekeeper(Context& context) : context_(context) {}

    Result<Principal> operator()(const Request& request, const Access& access) const {
        auto& exchange = exchange_of(request);
        const auto credential = authenticate(request, exchange);
        if (!credential)
            return credential.error();
        SCAI_TRY(auto caller, admit(**credential, request, exchange, works_without_directory(access)));
        exchange.caller = std::move(caller);
        SCAI_TRY([[maybe_unused]] const auto allowed, check_access(*exchange.caller, access));
        SCAI_TRY([[maybe_unused]] const auto taken,
                 take_from_bucket(context_, exchange, request,
                                  exchange.caller->home_tenant_id + "/" + exchange.caller->identity));
        return principal_of(**credential, *exchange.caller);
    }

private:
    Result<std::shared_ptr<const Credential>> authenticate(const Request& request, Exchange& exchange) const {
        const auto token = bearer_token(request.header("authorization"));
        auto credential = token.empty() ? Result<std::shared_ptr<const Credential>>(unauthenticated(
                                              "authentication_required", "a bearer token is needed"))
                                        : context_.authenticator->identify(token);
        if (credential)
            return credential;
        // Guessing is what an anonymous caller can do: it draws from the bucket of its address.
        if (credential.error().kind == ErrorKind::unauthenticated) {
            const auto taken = take_as(context_, exchange, "auth", "ip:" + request.remote_address);
            if (!taken)
                return taken.error();
        }
        return credential;
    }

    Result<Caller> admit(const Credential& credential, const Request& request, Exchange& exchange,
                         bool without_directory) const {
        auto& entry = exchange.audit.entry;
        entry.tenant_id = credential.tenant_id;
        entry.identity_type = credential.service ? "service_account" : "user";
        entry.identity_id = (credential.service ? "sa:" : "user:") + credential.subject;
        SCAI_TRY(const auto named, named_tenant(request));
        const auto& chosen = named.empty() ? credential.tenant_id : named;
        const auto lookup =
            look_up(context_.pool, credential.tenant_id, credential.service ? "" : credential.subject, chosen,
                    credential.partner_id);
        auto caller = caller_from(credential, lookup, request);
        entry.identity_id = caller.identity_id;
        SCAI_TRY([[maybe_unused]] const auto standing, check_standing(credential, lookup));
        if (chosen.empty()) {
            if (!without_directory)
                return invalid_request(
                    "the token names no tenant: name one in the path (/v1/t/<id>/...) or in "
                    "X-Tenant-ID");
            return caller;
        }
        SCAI_TRY([[maybe_unused]] const auto mine, check_choice(credential, caller, lookup, chosen));
        if (!lookup.selected && !without_directory)
            return not_found("tenant_not_found",
                             "the tenant is not in the identity cache yet; synchronise identities first");
        if (lookup.selected && (lookup.selected->deleted || !active(lookup.selected->status)))
            return tenant_access_denied(chosen);
        caller.tenant_id = chosen;
        caller.partner_id = lookup.selected ? lookup.selected->partner_id : credential.partner_id;
        if (!credential.service && !caller.has_role("tenant_admin"))
            std::erase_if(caller.scopes, [](const auto& scope) { return !counts_for_everybody(scope); });
        entry.tenant_id = chosen;
        return caller;
    }

    static scai::Status check_access(const Caller& caller, const Access& access) {
        switch (access.kind()) {
        case Access::Kind::open:
        case Access::Kind::signature:
        case Access::Kind::authenticated:
            return scai::Done{};
        case Access::Kind::permission:
            if (!caller.has_scope(access.name()))
                return insufficient_scope(access.name());
            return scai::Done{};
        case Access::Kind::role:
            if (!caller.has_role(access.name()))
                return forbidden("this needs the role " + std::string(access.name()));
            return scai::Done{};
        }
        return forbidden("unknown access"); // fail closed
    }

    static Principal principal_of(const Credential& credential, const Caller& caller) {
        Principal out;
        out.subject = caller.identity;
        out.tenant_id = caller.tenant_id;
        out.email = credential.email;
        out.name = caller.display_name;
        out.client_id = credential.client_id;
        out.service = credential.service;
        return out;
    }

    Context& context_;
};

} // namespace

scai::web::Gate make_gate(Context& context) {
    return Gatekeeper(context);
}

scai::Status take_as(Context& context, Exchange& exchange, std::string_view category,
                     std::string_view identity) {
    exchange.limit = context.limiter.take(category, identity);
    if (exchange.limit->allowed)
        return scai::Done{};
    context.metrics.add("scaivault_rate_limit_hits_total", {{"category", category}});
    Error out{.kind = ErrorKind::rate_limited,
              .code = "rate_limited",
              .message = "too many requests of this kind",
              .retry_after_seconds =
                  static_cast<int>(std::max<std::int64_t>(1, exchange.limit->retry_after))};
    out.details = scai::json::Value::object({{"category", category}}).dump();
    return out;
}

scai::Status take_from_bucket(Context& context, Exchange& exchange, const Request& request,
                              std::string_view identity) {
    find_endpoint(exchange, request);
    if (exchange.endpoint == nullptr || exchange.endpoint->category.empty())
        return scai::Done{};
    return take_as(context, exchange, exchange.endpoint->category, identity);
}

} // namespace scaivault
