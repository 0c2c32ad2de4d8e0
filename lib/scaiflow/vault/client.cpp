// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/vault/client.hpp"

#include "lib/base/strings.hpp"

namespace scaiflow::vault {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::SecretText;
using scai::http::Response;
using scai::json::Value;

namespace {

// A request of ours waits for this, so it is short: ScaiVault answers in milliseconds or not at all.
constexpr auto connect_timeout = std::chrono::milliseconds(2000);
constexpr auto timeout = std::chrono::milliseconds(5000);
constexpr std::size_t max_answer = 256U << 10U;

std::string without_trailing_slash(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

scai::oidc::ProviderSettings provider_settings(const scai::config::Settings& settings) {
    scai::oidc::ProviderSettings out;
    out.base_url = without_trailing_slash(settings.text("SCAIKEY_BASE_URL"));
    out.tenant_slug = settings.text("SCAIVAULT_TENANT_SLUG");
    out.client_id = settings.text("SCAIVAULT_CLIENT_ID");
    out.client_secret = settings.secret("SCAIVAULT_CLIENT_SECRET").reveal();
    out.timeout = timeout;
    return out;
}

Error unavailable(std::string message, std::string fix) {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "scaivault_unavailable",
                 .message = std::move(message),
                 .fix = std::move(fix)};
}

/// What ScaiVault says to this, as our error.
Error refusal(const Response& response) {
    const auto body = scai::json::parse(response.body);
    const auto code = body ? body->get("error").member("code") : std::string();
    const auto said = std::to_string(response.status) + (code.empty() ? "" : " " + code);
    if (response.status == 401)
        return unavailable("ScaiVault does not accept ScaiFlow's token (" + said + ")",
                           "check SCAIVAULT_CLIENT_ID and SCAIVAULT_CLIENT_SECRET, and that ScaiVault's "
                           "SCAIVAULT_AUDIENCE names the client");
    if (response.status == 403)
        return unavailable("ScaiVault refuses ScaiFlow's service identity (" + said + ")",
                           "give it read, write and delete on tenants/*/scaigrid_api_key and "
                           "tenants/*/scaigrid_base_url: scaivault grant --help");
    auto out = unavailable("ScaiVault answered " + said, "try again; the key is unchanged unless it says so");
    if (response.status == 429)
        if (const auto seconds = scai::parse_int(response.header("Retry-After")))
            out.retry_after_seconds = static_cast<int>(std::min<std::int64_t>(*seconds, 3600));
    return out;
}

} // namespace

Client::Client(const scai::config::Settings& settings, scai::http::Client& http, const scai::Clock& clock)
    : base_url_(without_trailing_slash(settings.text("SCAIVAULT_BASE_URL"))),
      fixed_token_(settings.secret("SCAIVAULT_TOKEN")), http_(http),
      provider_(provider_settings(settings), http, clock),
      service_token_(provider_, clock, "secrets:read secrets:write secrets:delete") {}

bool Client::configured() const {
    return !base_url_.empty() && (!fixed_token_.empty() || provider_.configured());
}

Result<SecretText> Client::token() {
    if (!fixed_token_.empty())
        return fixed_token_.duplicate();
    auto token = service_token_.get();
    if (!token)
        return unavailable("ScaiKey gives ScaiFlow no token for ScaiVault (" + token.error().code + ")",
                           "check SCAIVAULT_CLIENT_ID, SCAIVAULT_CLIENT_SECRET and SCAIVAULT_TENANT_SLUG");
    return token;
}

Result<Response> Client::send(const std::string& method, const std::string& target, const std::string& body) {
    if (!configured())
        return unavailable("ScaiVault is not set up on this server",
                           "set SCAIVAULT_BASE_URL and SCAIVAULT_CLIENT_ID with SCAIVAULT_CLIENT_SECRET, or "
                           "SCAIVAULT_TOKEN");
    for (int attempt = 0;; ++attempt) {
        SCAI_TRY(const auto bearer, token());
        scai::http::Request request;
        request.method = method;
        request.url = base_url_ + "/v1/secrets/" + target;
        request.headers = {{"Authorization", "Bearer " + std::string(bearer.reveal())},
                           {"Accept", "application/json"}};
        if (!body.empty())
            request.headers.emplace_back("Content-Type", "application/json");
        request.body = body;
        request.connect_timeout = connect_timeout;
        request.timeout = timeout;
        request.max_body = max_answer;
        auto response = http_.send(request);
        if (!response)
            return unavailable("ScaiVault cannot be reached (" + response.error().code + ")",
                               "check SCAIVAULT_BASE_URL and that ScaiVault runs");
        // A token that was revoked or signed with a retired key: once with a new one.
        if (response->status == 401 && attempt == 0 && fixed_token_.empty()) {
            service_token_.drop();
            continue;
        }
        return response;
    }
}

Result<std::optional<Client::Secret>> Client::read(const std::string& path,
                                                   std::optional<std::int64_t> version) {
    SCAI_TRY(const auto response,
             send("GET", path + (version ? "?version=" + std::to_string(*version) : ""), {}));
    if (response.status == 404) {
        const auto body = scai::json::parse(response.body);
        const auto code = body ? body->get("error").member("code") : std::string();
        if (code == "secret_not_found" || code == "version_not_found")
            return std::optional<Secret>{};
    }
    if (response.status != 200)
        return refusal(response);
    const auto body = scai::json::parse(response.body);
    const auto number = body ? body->get("version").integer() : std::nullopt;
    if (!number || !body->get("data").is_object())
        return unavailable("ScaiVault's answer cannot be read", "check SCAIVAULT_BASE_URL");
    return std::optional(Secret{.version = *number, .data = body->get("data")});
}

Result<std::int64_t> Client::write(const std::string& path, std::string_view type, const Value& data,
                                   std::int64_t max_versions) {
    const auto body = Value::object({{"data", data},
                                     {"secret_type", type},
                                     {"metadata", Value::object({{"owner", "scaiflow"}})},
                                     {"options", Value::object({{"max_versions", max_versions}})}})
                          .dump();
    SCAI_TRY(auto response, send("PUT", path, body));
    if (response.status == 409) {
        const auto said = scai::json::parse(response.body);
        if (said && said->get("error").member("code") == "secret_exists") { // removed by hand, recoverably
            SCAI_TRY([[maybe_unused]] const auto gone, remove(path));
            SCAI_TRY(response, send("PUT", path, body));
        }
    }
    if (response.status != 200 && response.status != 201)
        return refusal(response);
    const auto written = scai::json::parse(response.body);
    const auto number = written ? written->get("version").integer() : std::nullopt;
    if (!number)
        return unavailable("ScaiVault's answer cannot be read", "check SCAIVAULT_BASE_URL");
    return *number;
}

Result<bool> Client::remove(const std::string& path) {
    SCAI_TRY(const auto response, send("DELETE", path + "?permanent=true", {}));
    if (response.status == 404) {
        const auto body = scai::json::parse(response.body);
        if (body && body->get("error").member("code") == "secret_not_found")
            return false;
    }
    if (response.status != 200 && response.status != 204)
        return refusal(response);
    return true;
}

} // namespace scaiflow::vault
