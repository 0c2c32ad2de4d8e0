// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/credentials.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/app/context.hpp"

#include <algorithm>

namespace scaiflow::grid {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::SecretText;
using scai::web::Request;

namespace {

constexpr std::string_view fix =
    "a tenant admin sets the tenant's key: POST /v1/tenants/me/scaigrid_credentials";

Error missing_error(std::string_view code, std::string message, std::string_view hint = fix) {
    return Error{.kind = ErrorKind::precondition_failed,
                 .code = std::string(code),
                 .message = std::move(message),
                 .fix = std::string(hint)};
}

std::string_view bearer_of(const Request& request) {
    constexpr std::string_view scheme = "bearer ";
    const auto header = request.header("authorization");
    if (header.size() <= scheme.size() || !scai::iequals(header.substr(0, scheme.size()), scheme))
        return {};
    return scai::trim(header.substr(scheme.size()));
}

/// Where the calls go: the tenant's choice is confined to public addresses unless it is the server's own.
void aim(const Context& context, const vault::TenantCredentials::Found& tenant, Credential& out) {
    auto server = context.settings.text("SCAIGRID_BASE_URL");
    while (server.ends_with('/'))
        server.pop_back();
    out.base_url = tenant && !tenant->base_url.empty() ? tenant->base_url : server;
    out.public_only = out.base_url != server && !context.settings.flag("SCAIGRID_ALLOW_PRIVATE");
}

/// A user's token opens ScaiFlow too, with all that the user may do, and a tenant's admin chooses the
/// tenant's URL: he must not be handed the tokens of others by naming a host of his own.
bool takes_user_tokens(const Context& context, const Credential& aimed) {
    auto trusted = context.settings.list("SCAIGRID_TOKEN_URLS");
    trusted.push_back(context.settings.text("SCAIGRID_BASE_URL"));
    return std::any_of(trusted.begin(), trusted.end(), [&](std::string url) {
        while (url.ends_with('/'))
            url.pop_back();
        return url == aimed.base_url;
    });
}

/// Of a tenant that may have none; nothing stored is no error, a ScaiVault that does not answer is.
Result<vault::TenantCredentials::Found> stored(Context& context, const std::string& tenant_id) {
    if (tenant_id.empty() || !context.tenant_credentials.configured())
        return vault::TenantCredentials::Found{};
    return context.tenant_credentials.find(tenant_id);
}

Result<Credential> with_key(Context& context, const std::string& tenant_id,
                            const vault::TenantCredentials::Found& tenant, std::string_view missing) {
    Credential out;
    aim(context, tenant, out);
    if (tenant) {
        out.kind = Credential::Kind::tenant_key;
        out.bearer = tenant->key.duplicate();
        return out;
    }
    out.kind = Credential::Kind::server_key;
    out.bearer = context.settings.secret("SCAIGRID_API_KEY");
    if (out.bearer.empty())
        return missing_error(missing, tenant_id.empty() ? "no ScaiGrid key is set on this server"
                                                        : "tenant '" + tenant_id + "' has no ScaiGrid key");
    return out;
}

} // namespace

std::string circuit_of(const Request& request, const Credential& credential) {
    return request.principal.tenant_id + "\n" + credential.base_url;
}

std::string_view name_of(Credential::Kind kind) {
    switch (kind) {
    case Credential::Kind::user_token:
        return "user_token";
    case Credential::Kind::tenant_key:
        return "tenant_key";
    case Credential::Kind::server_key:
        return "server_key";
    }
    return "";
}

Result<Credential> choose(Context& context, const Request& request, std::string_view missing) {
    const auto pinned = context.settings.text("SCAIFLOW_DEPLOY_AUTH");
    const auto& principal = request.principal;
    // A development principal's bearer was looked at by nobody; a service is no user unless it is pinned.
    const bool verified = !context.settings.flag("SCAIFLOW_AUTH_DISABLED");
    const auto token = verified && pinned != "api_key" && (!principal.service || pinned == "user_jwt")
                           ? bearer_of(request)
                           : std::string_view{};
    if (token.empty() && pinned == "user_jwt")
        return missing_error(missing,
                             "SCAIFLOW_DEPLOY_AUTH is user_jwt and the request carries no user's token",
                             "sign in, or unset SCAIFLOW_DEPLOY_AUTH");
    SCAI_TRY(const auto tenant, stored(context, principal.tenant_id));
    if (token.empty())
        return with_key(context, principal.tenant_id, tenant, missing);
    Credential out;
    aim(context, tenant, out);
    if (!takes_user_tokens(context, out)) {
        if (pinned != "user_jwt")
            return with_key(context, principal.tenant_id, tenant, missing);
        return missing_error(
            missing, "SCAIFLOW_DEPLOY_AUTH is user_jwt and users' tokens do not go to " + out.base_url,
            "add it to SCAIGRID_TOKEN_URLS, or unset SCAIFLOW_DEPLOY_AUTH");
    }
    out.bearer = SecretText(token);
    return out;
}

Result<Credential> choose_for_tenant(Context& context, const std::string& tenant_id,
                                     std::string_view missing) {
    if (context.settings.text("SCAIFLOW_DEPLOY_AUTH") == "user_jwt")
        return missing_error(missing,
                             "SCAIFLOW_DEPLOY_AUTH is user_jwt and this is no call of a user of the tenant",
                             "unset SCAIFLOW_DEPLOY_AUTH");
    SCAI_TRY(const auto tenant, stored(context, tenant_id));
    return with_key(context, tenant_id, tenant, missing);
}

} // namespace scaiflow::grid
