// POST /v1/auth/exchange (RFC 8693), as JSON or as a form: the subject token is the credential.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/trust/exchange.hpp"

#include <algorithm>

namespace scaivault::auth_api {

using scai::Result;
using scai::json::Value;

namespace {

constexpr std::string_view grant = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view token_types = "urn:ietf:params:oauth:token-type:"; // RFC 8693 3
constexpr std::string_view jwt = "urn:ietf:params:oauth:token-type:jwt";
constexpr std::string_view access_token = "urn:ietf:params:oauth:token-type:access_token";

/// A form says lists as texts with blanks between.
Result<Value> body_of(const scai::web::Request& request) {
    if (!scai::to_lower(request.header("content-type")).starts_with("application/x-www-form-urlencoded"))
        return request.json_object();
    SCAI_TRY(const auto form, request.form());
    auto out = Value::object();
    for (const auto& [name, value] : form)
        if (name == "allowed_paths")
            out.set(name, Value::array_of(scai::split_list(value, ' ')));
        else
            out.set(name, value);
    return out;
}

bool is_jwt_type(std::string_view type) {
    if (!type.starts_with(token_types))
        return false;
    type.remove_prefix(token_types.size());
    return type == "jwt" || type == "id_token" || type == "access_token";
}

Result<trust::Wanted> wanted_of(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, body_of(request));
    if (body.member("grant_type") != grant)
        return validation_error("grant_type", "must be " + std::string(grant));
    trust::Wanted out;
    out.subject_token = body.member("subject_token");
    if (out.subject_token.empty())
        return validation_error("subject_token", "must be the JWT to exchange");
    const auto type = body.get("subject_token_type").text_or(std::string(jwt));
    if (!is_jwt_type(type))
        return validation_error("subject_token_type", "must be " + std::string(jwt));
    const auto audiences = context.settings.list("SCAIVAULT_AUDIENCE");
    const auto audience = body.member("audience");
    if (!audience.empty() && audience != "scaivault" &&
        std::find(audiences.begin(), audiences.end(), audience) == audiences.end())
        return validation_error("audience", "must be scaivault");
    out.role = body.member("role");
    if (!out.role.empty() && !out.role.starts_with("sa:"))
        out.role.insert(0, "sa:");
    if (body.get("scope").present())
        out.scopes = scai::split_list(body.member("scope"), ' ');
    body.get("allowed_paths").each_item([&](const Value& glob) {
        out.allowed_paths.push_back(glob.text_or(""));
    });
    out.tenant_id = !request.selector.empty() ? request.selector
                    : !request.header("x-tenant-id").empty()
                        ? std::string(scai::trim(request.header("x-tenant-id")))
                        : body.member("tenant_id");
    return out;
}

} // namespace

Answer exchange_token(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto wanted, wanted_of(context, request));
    SCAI_TRY(const auto issued, trust::exchange(context, *context.issuers, wanted));
    auto& entry = exchange_of(request).audit.entry;
    entry.tenant_id = issued.trust.tenant_id;
    entry.identity_type = "service_account";
    entry.identity_id = issued.trust.identity;
    entry.extra.set("trust_id", issued.trust.id)
        .set("issuer", issued.trust.issuer)
        .set("subject", issued.subject);
    return scai::web::Response::json(Value::object({{"access_token", issued.token},
                                                    {"issued_token_type", std::string(access_token)},
                                                    {"token_type", "Bearer"},
                                                    {"expires_in", std::int64_t{issued.lifetime.count()}},
                                                    {"scope", scai::join(issued.scopes, " ")},
                                                    {"identity_id", issued.trust.identity},
                                                    {"tenant_id", issued.trust.tenant_id}}));
}

} // namespace scaivault::auth_api
