// Discovery and the token endpoint. SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/provider.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"

#include <algorithm>

namespace scai::oidc {

namespace {

constexpr auto discovery_age = std::chrono::hours(1);
constexpr auto discovery_retry = std::chrono::seconds(30);
constexpr std::size_t max_answer = 1U << 20U;
constexpr std::int64_t default_lifetime = 300; ///< when the answer has no expires_in
constexpr std::size_t max_description = 300;

using Form = std::vector<std::pair<std::string, std::string>>;

Error unavailable(std::string message) {
    Error error;
    error.kind = ErrorKind::upstream;
    error.code = "scaikey_unavailable";
    error.message = std::move(message);
    return error;
}

Endpoints long_paths(const ProviderSettings& settings) {
    Endpoints endpoints;
    endpoints.issuer = settings.base_url;
    if (settings.base_url.empty())
        return endpoints;
    const std::string& base = settings.base_url;
    if (settings.tenant_slug.empty()) {
        endpoints.authorize = base + "/api/v1/platform/oauth/authorize";
        endpoints.token = base + "/api/v1/platform/oauth/token";
        endpoints.jwks = base + "/api/v1/platform/.well-known/jwks.json";
    } else {
        const std::string tenant = base + "/api/v1/auth/tenants/" + percent_encode(settings.tenant_slug);
        endpoints.authorize = tenant + "/oauth/authorize";
        endpoints.token = tenant + "/oauth/token";
        endpoints.jwks = tenant + "/.well-known/jwks.json";
    }
    return endpoints;
}

void apply_overrides(Endpoints& endpoints, const ProviderSettings& settings) {
    if (!settings.authorize_url.empty())
        endpoints.authorize = settings.authorize_url;
    if (!settings.token_url.empty())
        endpoints.token = settings.token_url;
    if (!settings.jwks_url.empty())
        endpoints.jwks = settings.jwks_url;
}

/// What the document says, laid over the long paths. A URL that is none, or that leaves TLS, is not believed.
Endpoints from_document(const json::Value& document, const ProviderSettings& settings) {
    Endpoints endpoints = long_paths(settings);
    const bool tls = settings.base_url.starts_with("https://");
    const auto read = [&](const char* key, std::string& into) {
        const std::string url = document.member(key);
        const std::string origin = http::origin_of(url);
        if (!origin.empty() && (!tls || origin.starts_with("https://")))
            into = url;
    };
    read("authorization_endpoint", endpoints.authorize);
    read("token_endpoint", endpoints.token);
    read("jwks_uri", endpoints.jwks);
    read("userinfo_endpoint", endpoints.userinfo);
    read("end_session_endpoint", endpoints.end_session);
    read("revocation_endpoint", endpoints.revocation);
    read("introspection_endpoint", endpoints.introspection);
    if (const std::string issuer = document.member("issuer"); !issuer.empty())
        endpoints.issuer = issuer;
    apply_overrides(endpoints, settings);
    return endpoints;
}

std::string encode(const Form& form) {
    std::string body;
    for (const auto& [name, value] : form)
        body += (body.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
    return body;
}

/// A refusal in any of the forms of contract scaikey.md 5: RFC 6749, {"detail": text}, {"detail": {...}}.
Error refusal(const http::Response& response) {
    Error error;
    error.kind = ErrorKind::bad_request;
    error.code = response.status == 401 ? "invalid_client" : "invalid_request";
    error.message = "the provider refused with status " + std::to_string(response.status);
    const auto body = json::parse(response.body);
    if (!body)
        return error;
    const json::Value detail = body->get("detail");
    const json::Value source = detail.is_object() ? detail : *body;
    if (const std::string code = source.member("error"); !code.empty())
        error.code = code.substr(0, 64);
    std::string description = source.member("error_description");
    if (description.empty())
        description = detail.is_string() ? detail.text_or("") : source.member("message");
    if (!description.empty() && description.size() <= max_description)
        error.message = description;
    return error;
}

Result<TokenResponse> read_tokens(const http::Response& response) {
    auto body = json::parse(response.body);
    const std::string access = body ? body->member("access_token") : "";
    const std::string type = body ? body->member("token_type") : "";
    if (access.empty() || (!type.empty() && !iequals(type, "Bearer")))
        return unavailable("the provider's token answer cannot be read");
    TokenResponse tokens;
    tokens.access_token = SecretText(access);
    tokens.refresh_token = SecretText(body->member("refresh_token"));
    tokens.id_token = SecretText(body->member("id_token"));
    tokens.token_type = "Bearer";
    tokens.scope = body->member("scope");
    const json::Value lifetime = body->get("expires_in");
    auto seconds = lifetime.integer();
    if (!seconds) // some servers send it as text
        seconds = parse_int(lifetime.text_or(""));
    tokens.expires_in = std::clamp<std::int64_t>(seconds.value_or(default_lifetime), 0, 31'536'000);
    tokens.raw = std::move(*body);
    return tokens;
}

} // namespace

std::string discovery_url(const ProviderSettings& settings) {
    if (!settings.discovery_url.empty() || settings.base_url.empty())
        return settings.discovery_url;
    if (settings.tenant_slug.empty())
        return settings.base_url + "/api/v1/platform/oauth/.well-known/openid-configuration";
    return settings.base_url + "/api/v1/auth/tenants/" + percent_encode(settings.tenant_slug) +
           "/.well-known/openid-configuration";
}

struct Provider::Impl {
    ProviderSettings settings;
    http::Client& client;
    const Clock& clock;

    std::mutex fetching;  ///< one discovery at a time; never taken while `mutex` is held
    std::mutex mutex;     ///< the rest
    Endpoints endpoints;  ///< last known, overrides applied
    bool known = false;   ///< `endpoints` holds something at all
    UtcTime look_again{}; ///< when to ask the provider next
    UtcTime looked_at{};

    Impl(ProviderSettings s, http::Client& c, const Clock& k) : settings(std::move(s)), client(c), clock(k) {}

    bool due(UtcTime now) const { return !known || now >= look_again || now < looked_at; }

    std::optional<Endpoints> fetch() {
        const std::string url = discovery_url(settings);
        if (url.empty())
            return std::nullopt;
        http::Request request;
        request.url = url;
        request.timeout = settings.timeout;
        request.connect_timeout = std::min(request.connect_timeout, settings.timeout);
        request.max_body = max_answer;
        request.follow_same_origin = true;
        const auto response = client.send(request);
        if (!response || response->status != 200)
            return std::nullopt;
        const auto document = json::parse(response->body);
        if (!document || !document->is_object())
            return std::nullopt;
        return from_document(*document, settings);
    }

    Result<TokenResponse> ask(const Form& form) {
        const std::string url = self_endpoints().token;
        http::Request request;
        request.method = "POST";
        request.url = url;
        request.timeout = settings.timeout;
        request.connect_timeout = std::min(request.connect_timeout, settings.timeout);
        request.max_body = max_answer;
        request.follow_same_origin = true;
        // RFC 6749 2.3.1: both parts are form-encoded before they are joined.
        request.headers = {
            {"Authorization", "Basic " + crypto::base64(percent_encode(settings.client_id) + ":" +
                                                        percent_encode(settings.client_secret))},
            {"Content-Type", "application/x-www-form-urlencoded"},
            {"Accept", "application/json"}};
        request.body = encode(form);
        const auto response = client.send(request);
        if (!response)
            return unavailable("the provider did not answer (" + response.error().code + ")");
        if (response->status == 200)
            return read_tokens(*response);
        if (response->status == 429 || response->status < 400 || response->status >= 500)
            return unavailable("the provider answered with status " + std::to_string(response->status));
        return refusal(*response);
    }

    Endpoints self_endpoints() {
        std::unique_lock flight(fetching, std::defer_lock);
        {
            const std::lock_guard lock(mutex);
            if (!due(clock.now()))
                return endpoints;
            if (known && !flight.try_lock()) // somebody else asks; the old answer serves until then
                return endpoints;
        }
        if (!flight.owns_lock())
            flight.lock();
        {
            const std::lock_guard lock(mutex);
            if (!due(clock.now()))
                return endpoints;
        }
        auto found = fetch();
        const std::lock_guard lock(mutex);
        const UtcTime now = clock.now();
        looked_at = now;
        look_again = now + (found ? std::chrono::microseconds(discovery_age)
                                  : std::chrono::microseconds(discovery_retry));
        if (found) {
            endpoints = std::move(*found);
        } else if (!known) {
            endpoints = long_paths(settings);
            apply_overrides(endpoints, settings);
        }
        known = true;
        return endpoints;
    }
};

Provider::Provider(ProviderSettings settings, http::Client& client, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(settings), client, clock)) {}

Provider::~Provider() {
    std::string& secret = impl_->settings.client_secret;
    explicit_bzero(secret.data(), secret.size());
}

bool Provider::configured() const {
    return !impl_->settings.base_url.empty() && !impl_->settings.client_id.empty() &&
           !impl_->settings.client_secret.empty();
}

const ProviderSettings& Provider::settings() const {
    return impl_->settings;
}

Endpoints Provider::endpoints() {
    return impl_->self_endpoints();
}

Result<TokenResponse> Provider::exchange_code(std::string_view code, std::string_view verifier,
                                              std::string_view redirect_uri) {
    Form form{{"grant_type", "authorization_code"},
              {"code", std::string(code)},
              {"redirect_uri", std::string(redirect_uri)}};
    if (!verifier.empty())
        form.emplace_back("code_verifier", verifier);
    return impl_->ask(form);
}

Result<TokenResponse> Provider::refresh(std::string_view refresh_token) {
    return impl_->ask({{"grant_type", "refresh_token"}, {"refresh_token", std::string(refresh_token)}});
}

Result<TokenResponse> Provider::client_credentials(std::string_view scope) {
    Form form{{"grant_type", "client_credentials"}};
    if (!scope.empty())
        form.emplace_back("scope", scope);
    return impl_->ask(form);
}

ServiceToken::ServiceToken(Provider& provider, const Clock& clock, std::string scope)
    : provider_(provider), clock_(clock), scope_(std::move(scope)) {}

Result<SecretText> ServiceToken::get() {
    const std::lock_guard lock(mutex_); // held over the call: whoever comes meanwhile gets its token too
    const UtcTime now = clock_.now();
    if (!token_.empty() && now < renew_at_)
        return token_.duplicate();
    auto fresh = provider_.client_credentials(scope_);
    if (!fresh) {
        if (!token_.empty() && now < ends_at_ && fresh.error().kind == ErrorKind::upstream)
            return token_.duplicate(); // renewing early failed, but this one still holds
        return fresh.error();
    }
    const std::chrono::seconds lifetime{fresh->expires_in};
    constexpr std::chrono::seconds early{60};
    ends_at_ = now + lifetime;
    renew_at_ = lifetime > 2 * early ? ends_at_ - early : now + lifetime / 2;
    token_ = std::move(fresh->access_token);
    return token_.duplicate();
}

void ServiceToken::drop() {
    const std::lock_guard lock(mutex_);
    token_ = {};
}

} // namespace scai::oidc
