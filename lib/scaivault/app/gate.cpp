// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/admission.hpp"
#include "lib/scaivault/app/bootstrap.hpp"
#include "lib/scaivault/app/confirm.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/app/gatekeeping.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>

namespace scaivault {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::web::Access;
using scai::web::Principal;
using scai::web::Request;

namespace {

/// Routes that must work before the first synchronisation: who am I, and the synchronisation itself.
bool works_without_directory(const Access& access) {
    return access.kind() == Access::Kind::authenticated || access.name().starts_with("identity:");
}

/// Whether the token has the scope, which then does not count.
bool names_scope(const Exchange& exchange, std::string_view scope) {
    const auto& scopes = exchange.credential->scopes;
    return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

Error scope_of_admins(std::string_view scope) {
    auto out = insufficient_scope(scope);
    out.message =
        "the token has the scope " + std::string(scope) +
        ", which counts for a person only with an admin role in this tenant (tenant_admin or higher)";
    return out;
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

class Gatekeeper {
public:
    explicit Gatekeeper(Context& context) : context_(context) {}

    Result<Principal> operator()(const Request& request, const Access& access) const {
        auto& exchange = exchange_of(request);
        const auto credential = authenticate(request, exchange);
        if (!credential)
            return credential.error();
        exchange.credential = *credential;
        SCAI_TRY([[maybe_unused]] const auto let_in, let_in_caller(request, exchange, access));
        find_endpoint(exchange, request);
        SCAI_TRY([[maybe_unused]] const auto taken,
                 take_from_bucket(context_, exchange, request,
                                  exchange.caller->home_tenant_id + "/" + exchange.caller->identity));
        return principal_of(**credential, *exchange.caller);
    }

    /// As the database says it now.
    scai::Status anew(const Request& request, Exchange& exchange, const Access& access) const {
        exchange.unconfirmed.reset();
        const bool without_directory = works_without_directory(access);
        SCAI_TRY(auto caller, admit_here(request, exchange, without_directory));
        if (bootstrap::apply(context_.pool, context_.settings, caller)) {
            // Anew: with the role the scopes of admins count.
            SCAI_TRY(caller, admit_here(request, exchange, without_directory));
            exchange.audit.entry.extra.set("bootstrap", "super_admin granted");
        }
        exchange.caller = std::move(caller);
        auto let_in = check_access(*exchange.caller, access);
        if (!let_in && let_in.error().code == "insufficient_scope" && names_scope(exchange, access.name()))
            return scope_of_admins(access.name());
        return let_in;
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

    scai::Status let_in_caller(const Request& request, Exchange& exchange, const Access& access) const {
        if (access.endpoint_admits() && remember(request, exchange, access))
            return scai::Done{};
        find_endpoint(exchange, request);
        try {
            return anew(request, exchange, access);
        } catch (const scai::db::Error&) {
            if (exchange.endpoint == nullptr || !exchange.endpoint->without_database ||
                !by_token(request, exchange, access))
                throw;
            return scai::Done{};
        }
    }

    /// Whether what is remembered, or the token alone, lets him in. What is not known then gives nothing.
    bool by_token(const Request& request, Exchange& exchange, const Access& access) const {
        const auto named = named_tenant(request);
        if (!named)
            return false;
        const auto who = sought(*exchange.credential, *named);
        const auto known = context_.callers.remembered(who);
        auto caller = admit_known(*exchange.credential, known ? *known : Known{who, {}, {}}, true);
        if (!caller || !check_access(*caller, access))
            return false;
        exchange.caller = introduced(request, exchange, std::move(caller).value());
        return true;
    }

    /// Whether what is remembered lets him in; what would refuse him may be old.
    bool remember(const Request& request, Exchange& exchange, const Access& access) const {
        const auto named = named_tenant(request);
        const auto known =
            named ? context_.callers.remembered(sought(*exchange.credential, *named)) : nullptr;
        if (!known)
            return false;
        auto caller = admit_known(*exchange.credential, *known, works_without_directory(access));
        if (!caller || !check_access(*caller, access) || bootstrap::wanted(context_.settings, *caller))
            return false;
        exchange.caller = introduced(request, exchange, std::move(caller).value());
        exchange.unconfirmed = known;
        return true;
    }

    Result<Caller> admit_here(const Request& request, Exchange& exchange, bool without_directory) const {
        const auto& credential = *exchange.credential;
        auto& entry = exchange.audit.entry;
        entry.tenant_id = credential.tenant_id;
        entry.identity_type = credential.service ? "service_account" : "user";
        entry.identity_id = (credential.service ? "sa:" : "user:") + credential.subject;
        SCAI_TRY(const auto named, named_tenant(request));
        SCAI_TRY(auto caller, admit(context_, credential, named, without_directory));
        return introduced(request, exchange, std::move(caller));
    }

    /// What the request says of him, and what the trail says.
    static Caller introduced(const Request& request, Exchange& exchange, Caller caller) {
        caller.source_ip = request.remote_address;
        caller.user_agent = request.header("user-agent");
        caller.request_id = request.request_id;
        auto& entry = exchange.audit.entry;
        entry.identity_type = caller.identity_type;
        entry.identity_id = caller.identity_id;
        entry.tenant_id = caller.tenant_id;
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

scai::Status admit_anew(Context& context, const Request& request, const Access& access) {
    return Gatekeeper(context).anew(request, exchange_of(request), access);
}

scai::Status take_as(Context& context, Exchange& exchange, std::string_view category,
                     std::string_view identity) {
    exchange.limit = context.limiter.take(category, identity);
    if (exchange.limit->allowed)
        return scai::Done{};
    const auto wait = std::max<std::int64_t>(1, exchange.limit->retry_after);
    Error out{.kind = ErrorKind::rate_limited,
              .code = "rate_limited",
              .message = "more than " + std::to_string(exchange.limit->limit) +
                         " requests a minute of the category " + std::string(category) + ": try again in " +
                         std::to_string(wait) + " s",
              .retry_after_seconds = static_cast<int>(wait)};
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
