// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/admit.hpp"

#include "lib/base/strings.hpp"
#include "lib/log/log.hpp"
#include "lib/scaiflow/app/permissions.hpp"

namespace scaiflow {

namespace {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::web::Access;
using scai::web::Principal;
using scai::web::Request;
using scai::web::Response;

Error refused(std::string message) {
    return Error{.kind = ErrorKind::unauthenticated, .message = std::move(message)};
}

/// The token of "Bearer <token>"; "" when there is none.
std::string_view bearer_token(const Request& request) {
    constexpr std::string_view scheme = "bearer ";
    const auto header = request.header("authorization");
    if (header.size() <= scheme.size() || !scai::iequals(header.substr(0, scheme.size()), scheme))
        return {};
    return scai::trim(header.substr(scheme.size()));
}

/// SCAIFLOW_AUTH_DISABLED: everybody is this one.
Principal development_principal() {
    Principal out;
    out.subject = "usr_development";
    out.tenant_id = "tnt_development";
    out.email = "developer@localhost";
    out.name = "Developer";
    out.permissions = {std::string(permission_view), std::string(permission_manage)};
    out.admin_role = "super_admin";
    out.admin_role_source = "manual";
    return out;
}

Result<std::shared_ptr<const scai::oidc::Claims>> verified_claims(Context& context, const Request& request) {
    if (!context.provider.configured())
        return Error{.kind = ErrorKind::unavailable, .message = "ScaiKey OIDC not configured on the server"};
    const auto token = bearer_token(request);
    if (token.empty())
        return refused("missing bearer token");
    return context.verifier.verify(token);
}

/// The one place where token and mirror become a principal with access to a route. `user` is null for a
/// service and for a user the mirror does not know yet: he is let in without a role, the next sweep will find
/// him.
Result<Principal> admitted(const scai::oidc::Claims& claims, const MirroredUser* user, const Access& access,
                           const std::vector<std::string>& defaults) {
    Principal out;
    out.subject = claims.subject;
    out.tenant_id = claims.tenant_id;
    out.email = claims.email;
    out.name = claims.name;
    out.client_id = claims.client_id;
    out.service = claims.service;
    out.claims = claims.raw;
    if (user != nullptr) {
        if (user->deleted)
            return refused("invalid token: the user is deleted");
        if (user->status.starts_with("TENANT_"))
            return refused("invalid token: the tenant is disabled");
        if (!scai::iequals(user->status, "ACTIVE"))
            return refused("invalid token: the user is disabled");
        out.mirrored = true;
        if (!user->email.empty())
            out.email = user->email;
        if (!user->display_name.empty())
            out.name = user->display_name;
        out.admin_role = user->admin_role;
        out.admin_role_source = user->admin_role_source;
        out.groups = user->groups;
    }
    out.permissions = permissions_of({.permissions = claims.permissions,
                                      .scopes = claims.scopes,
                                      .role = claims.role,
                                      .roles = claims.roles,
                                      .service = claims.service},
                                     out.admin_role, defaults);
    SCAI_TRY([[maybe_unused]] const auto allowed, check_access(out, access));
    return out;
}

constexpr const char* auth_disabled = "SCAIFLOW_AUTH_DISABLED";
constexpr const char* default_permissions = "SCAIFLOW_DEFAULT_PERMISSIONS";

class Gatekeeper {
public:
    explicit Gatekeeper(Context& context)
        : context_(context), defaults_(context.settings.list(default_permissions)) {}

    Result<Principal> operator()(const Request& request, const Access& access) const {
        SCAI_TRY(const auto claims, verified_claims(context_, request));
        if (access.endpoint_admits())
            return Principal{}; // nobody, until admit() says who
        const auto user =
            claims->service ? nullptr : context_.principals.find(claims->tenant_id, claims->subject);
        return admitted(*claims, user.get(), access, defaults_);
    }

private:
    Context& context_;
    std::vector<std::string> defaults_;
};

} // namespace

scai::web::Gate make_gate(Context& context) {
    if (context.settings.flag(auth_disabled)) {
        scai::log::warn(
            "auth_disabled",
            {{"meaning", "SCAIFLOW_AUTH_DISABLED is set: every request is one fixed super_admin"}});
        return [](const Request&, const Access&) -> Result<Principal> { return development_principal(); };
    }
    return Gatekeeper(context);
}

Result<Response> admit(Context& context, const Request& request, const Access& access,
                       const AdmittedWork& work) {
    std::optional<UserVersion> seen;
    if (!request.principal.subject.empty())
        return work(seen); // a gate that needs no mirror has said who it is
    SCAI_TRY(const auto claims, verified_claims(context, request));
    const auto defaults = context.settings.list(default_permissions);
    if (claims->service) {
        SCAI_TRY(request.principal, admitted(*claims, nullptr, access, defaults));
        return work(seen);
    }
    const auto known = context.principals.remembered(claims->tenant_id, claims->subject);
    std::optional<Result<Response>> early;
    if (known) {
        auto principal = admitted(*claims, known.get(), access, defaults);
        if (principal) {
            request.principal = std::move(principal).value();
            early.emplace(work(seen));
            if (seen && *seen == known->version)
                return std::move(*early);
            request.principal = {};
        }
    }
    // Unknown here, changed, refused by what may be old, or the statement found no row to say it with.
    const auto current = context.principals.find(claims->tenant_id, claims->subject);
    SCAI_TRY(request.principal, admitted(*claims, current.get(), access, defaults));
    if (early && current == known)
        return std::move(*early);
    return work(seen);
}

} // namespace scaiflow
