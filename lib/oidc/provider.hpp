// OIDC provider as a client sees it: where its endpoints are, its token endpoint, its keys.
// Endpoint resolution (contract scaikey.md 4): explicit override, discovery document, the long platform
// paths. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace scai::oidc {

/// Everything about one provider that comes from settings. Empty string = not set.
struct ProviderSettings {
    std::string base_url;                                          ///< no trailing slash
    std::string tenant_slug;                                       ///< non-empty: tenant flavour of the paths
    std::string discovery_url, jwks_url, token_url, authorize_url; ///< overrides
    std::string client_id;
    std::string client_secret; ///< wiped with the Provider
    std::chrono::milliseconds timeout{10000};
};

/// Where the discovery document is looked for; "" without a base URL.
std::string discovery_url(const ProviderSettings& settings);

struct Endpoints {
    std::string issuer; ///< discovery's, else base_url
    std::string authorize, token, jwks, userinfo, end_session, revocation, introspection;
};

struct TokenResponse {
    SecretText access_token, refresh_token, id_token;
    std::string token_type, scope;
    std::int64_t expires_in = 0;
    json::Value raw;
};

/// Thread-safe. One per process.
class Provider {
public:
    Provider(ProviderSettings settings, http::Client& client, const Clock& clock);
    ~Provider();

    bool configured() const; ///< base URL, client id and client secret are all set
    const ProviderSettings& settings() const;
    /// Cached for an hour; a discovery that fails falls back to the long paths and is retried after 30 s.
    Endpoints endpoints();

    // Token endpoint, Basic authentication, never retried (codes and refresh tokens are single-use). Errors:
    // bad_request with code = upstream `error`, message = `error_description` (4xx, also FastAPI's detail
    // forms); upstream "scaikey_unavailable" (5xx, malformed answer, transport).
    Result<TokenResponse> exchange_code(std::string_view code, std::string_view verifier,
                                        std::string_view redirect_uri);
    Result<TokenResponse> refresh(std::string_view refresh_token);
    /// Fresh client-credentials token; see ServiceToken for the cached one.
    Result<TokenResponse> client_credentials(std::string_view scope);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Client-credentials token kept in memory, renewed 60 s before it ends, single-flight (contract scaikey.md
/// 5).
class ServiceToken {
public:
    ServiceToken(Provider& provider, const Clock& clock, std::string scope);
    Result<SecretText> get();
    void drop(); ///< after a 401: the next get() asks again

private:
    Provider& provider_;
    const Clock& clock_;
    std::string scope_;
    std::mutex mutex_;
    SecretText token_;
    UtcTime renew_at_{}, ends_at_{};
};

} // namespace scai::oidc
