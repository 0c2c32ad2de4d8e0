// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/context.hpp"

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

class Gatekeeper {
public:
    explicit Gatekeeper(Context& context)
        : context_(context), defaults_(context.settings.list("SCAIFLOW_DEFAULT_PERMISSIONS")) {}

    Result<Principal> operator()(const Request& request, const Access& access) const {
        if (!context_.provider.configured())
            return Error{.kind = ErrorKind::unavailable,
                         .message = "ScaiKey OIDC not configured on the server"};
        const auto token = bearer_token(request);
        if (token.empty())
            return refused("missing bearer token");
        SCAI_TRY(const auto claims, context_.verifier.verify(token));
        SCAI_TRY(auto principal, principal_of(*claims));
        SCAI_TRY([[maybe_unused]] const auto allowed, check_access(principal, access));
        return principal;
    }

private:
    Result<Principal> principal_of(const scai::oidc::Claims& claims) const {
        Principal out;
        out.subject = claims.subject;
        out.tenant_id = claims.tenant_id;
        out.email = claims.email;
        out.name = claims.name;
        out.client_id = claims.client_id;
        out.service = claims.service;
        out.claims = claims.raw;
        if (!claims.service) {
            const auto user = context_.principals.find(claims.tenant_id, claims.subject);
            // A user the mirror does not know yet is let in without a role: the next sweep will find him.
            if (user) {
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
        }
        out.permissions = permissions_of({.permissions = claims.permissions,
                                          .scopes = claims.scopes,
                                          .role = claims.role,
                                          .roles = claims.roles,
                                          .service = claims.service},
                                         out.admin_role, defaults_);
        return out;
    }

    Context& context_;
    std::vector<std::string> defaults_;
};

} // namespace

scai::web::Gate make_gate(Context& context) {
    if (context.settings.flag("SCAIFLOW_AUTH_DISABLED")) {
        scai::log::warn(
            "auth_disabled",
            {{"meaning", "SCAIFLOW_AUTH_DISABLED is set: every request is one fixed super_admin"}});
        return [](const Request&, const Access&) -> Result<Principal> { return development_principal(); };
    }
    return Gatekeeper(context);
}

} // namespace scaiflow
