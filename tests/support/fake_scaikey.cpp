// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_scaikey.hpp"

#include "lib/jose/jose.hpp"

#include <algorithm>

namespace test {

using scai::json::Value;

std::size_t ScaiKeyScript::token_calls() {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(std::count_if(requests.begin(), requests.end(), [](const auto& request) {
        return request.url.ends_with("/oauth/token");
    }));
}

scai::http::Response http_answer(int status, const std::string& body) {
    scai::http::Response out;
    out.status = status;
    out.headers = {{"Content-Type", "application/json"}};
    out.body = body;
    return out;
}

scai::Result<scai::http::Response> FakeScaiKey::send(const scai::http::Request& request) {
    {
        const std::lock_guard lock(script_->mutex);
        script_->requests.push_back(request);
    }
    if (request.url.ends_with("/openid-configuration"))
        return http_answer(200, Value::object({{"issuer", scaikey_url},
                                               {"token_endpoint", std::string(scaikey_url) + "/oauth/token"},
                                               {"jwks_uri", std::string(scaikey_url) + "/jwks.json"}})
                                    .dump());
    if (request.url.ends_with("/jwks.json")) {
        if (script_->keys_down)
            return scai::Error{.kind = scai::ErrorKind::upstream, .code = "connect", .message = "id.example"};
        return http_answer(200, public_keys_.dump());
    }
    if (request.url.ends_with("/oauth/token")) {
        if (script_->token)
            return script_->token(request.body);
        return http_answer(400, R"({"error":"invalid_grant","error_description":"code already used"})");
    }
    return http_answer(404, R"({"detail":"Not Found"})");
}

const Value& signing_key() {
    static const Value key = scai::jose::generate_key(scai::jose::Algorithm::rs256);
    return key;
}

Value public_keys() {
    return Value::object({{"keys", Value::array({scai::jose::public_key(signing_key())})}});
}

Value user_claims(scai::UtcTime now, const std::string& subject, const std::string& tenant) {
    const auto seconds = scai::unix_seconds(now);
    return Value::object({{"iss", std::string(scaikey_url) + "/tenants/" + tenant},
                          {"aud", scaikey_client},
                          {"sub", subject},
                          {"tenant_id", tenant},
                          {"email", subject + "@example"},
                          {"iat", seconds},
                          {"exp", seconds + 3600}});
}

Value service_claims(scai::UtcTime now, const std::string& client) {
    const auto seconds = scai::unix_seconds(now);
    return Value::object({{"iss", scaikey_url},
                          {"aud", scaikey_client},
                          {"sub", client},
                          {"client_id", client},
                          {"token_type", "client_credentials"},
                          {"iat", seconds},
                          {"exp", seconds + 3600}});
}

std::string signed_token(const Value& claims) {
    return scai::jose::sign(claims, signing_key());
}

} // namespace test
