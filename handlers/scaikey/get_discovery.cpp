// OpenID Connect Discovery 1.0, RFC 8414. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"
#include "lib/scaikey/oauth/realm.hpp"

namespace scaikey {

using scai::json::Value;

Answer get_discovery(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto realm, oauth::realm_of(context, request));
    const auto base = oauth::flavour_url(context, realm);
    const auto client_auth = Value::array({"client_secret_basic", "client_secret_post"});
    const auto document = Value::object({
        {"issuer", oauth::issuer_of(context, realm)},
        {"authorization_endpoint", base + "/oauth/authorize"},
        {"token_endpoint", base + "/oauth/token"},
        {"userinfo_endpoint", base + "/oauth/userinfo"},
        {"end_session_endpoint", base + "/oauth/logout"},
        {"introspection_endpoint", base + "/oauth/introspect"},
        {"revocation_endpoint", base + "/oauth/revoke"},
        {"jwks_uri", base + "/.well-known/jwks.json"},
        {"response_types_supported", Value::array({"code"})},
        {"response_modes_supported", Value::array({"query"})},
        {"grant_types_supported",
         Value::array({"authorization_code", "refresh_token", "client_credentials"})},
        {"subject_types_supported", Value::array({"public"})},
        {"id_token_signing_alg_values_supported", Value::array({"RS256", "ES256"})},
        {"token_endpoint_auth_methods_supported",
         Value::array({"client_secret_basic", "client_secret_post", "none"})},
        {"introspection_endpoint_auth_methods_supported", client_auth},
        {"revocation_endpoint_auth_methods_supported",
         Value::array({"client_secret_basic", "client_secret_post", "none"})},
        {"code_challenge_methods_supported", Value::array({"S256"})},
        {"scopes_supported", Value::array({"openid", "profile", "email", "groups", "offline_access",
                                           "admin:read", "admin:write", "users:read", "groups:read"})},
        {"claims_supported", Value::array({"iss", "aud", "sub", "exp", "iat", "auth_time", "nonce", "sid",
                                           "tenant_id", "name", "given_name", "family_name",
                                           "preferred_username", "email", "email_verified", "groups"})},
        {"prompt_values_supported", Value::array({"none", "login", "select_account"})},
        {"claims_parameter_supported", false},
        {"request_parameter_supported", false},
        {"request_uri_parameter_supported", false},
        {"authorization_response_iss_parameter_supported", true},
    });
    auto response = scai::web::Response::json(document);
    response.header("Cache-Control", "public, max-age=300").header("Access-Control-Allow-Origin", "*");
    return response;
}

} // namespace scaikey
