// POST /v1/auth/introspect: what this ScaiVault makes of a token. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "lib/scaivault/app/admission.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/errors.hpp"

namespace scaivault::auth_api {

using scai::json::Value;

namespace {

/// Tokens of his own tenant are an administrator's business; of other tenants only a super_admin's.
bool may_see(const Caller& caller, const Credential& credential) {
    return credential.tenant_id == caller.tenant_id || caller.has_role("super_admin");
}

} // namespace

Answer introspect(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    const auto token = body.get("token").text();
    if (!token || token->empty())
        return validation_error("token", "must be the token to look at");
    const auto credential = context.authenticator->identify(*token);
    if (!credential && credential.error().kind != scai::ErrorKind::unauthenticated)
        return credential.error();
    const auto& caller = caller_of(request);
    if (!credential || !may_see(caller, **credential))
        return scai::web::Response::json(Value::object({{"active", false}}));
    const auto seen = admit(context, **credential, "", true);
    if (!seen) // a disabled user, a suspended tenant: the gate would refuse it
        return scai::web::Response::json(Value::object({{"active", false}}));
    return scai::web::Response::json(Value::object(
        {{"active", true},
         {"identity_id", seen->identity_id},
         {"identity_type", seen->identity_type},
         {"tenant_id", seen->tenant_id.empty() ? Value(nullptr) : Value(seen->tenant_id)},
         {"scopes", Value::array_of(seen->scopes)},
         {"expires_at", scai::to_iso8601((*credential)->expires_at)},
         {"issued_at",
          (*credential)->issued_at ? Value(scai::to_iso8601(*(*credential)->issued_at)) : Value(nullptr)}}));
}

} // namespace scaivault::auth_api
