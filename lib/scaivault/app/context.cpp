// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/context.hpp"

#include "lib/scaivault/app/key_store.hpp"

#include <stdexcept>

namespace scaivault {

namespace {

std::string without_trailing_slash(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

std::string scaikey_url(const scai::config::Settings& settings) {
    return without_trailing_slash(settings.has("SCAIKEY_URL") ? settings.text("SCAIKEY_URL")
                                                              : settings.text("SCAIKEY_BASE_URL"));
}

scai::oidc::Expectations expectations(const scai::config::Settings& settings) {
    scai::oidc::Expectations out;
    out.audiences = settings.list("SCAIVAULT_AUDIENCE");
    return out;
}

std::unique_ptr<seal::Kms> required_kms(const scai::config::Settings& settings, scai::http::Client& http) {
    auto kms = seal::make_kms(settings, http, false);
    if (!kms)
        throw std::runtime_error(kms.error().message);
    return std::move(kms).value();
}

} // namespace

Edges real_edges() {
    return {.http = std::make_unique<scai::http::CurlClient>(),
            .clock = std::make_unique<scai::SystemClock>()};
}

scai::db::PoolSettings pool_settings(const scai::config::Settings& settings, const std::string& group) {
    scai::db::PoolSettings out;
    out.url = settings.text("DATABASE_URL");
    if (out.url.empty())
        throw std::runtime_error("DATABASE_URL is not set");
    out.size = static_cast<int>(settings.integer("DB_POOL_SIZE"));
    out.role = "scaivault_" + group;
    out.application = "scaivault-" + group;
    return out;
}

scai::oidc::ProviderSettings provider_settings(const scai::config::Settings& settings) {
    scai::oidc::ProviderSettings out;
    out.base_url = scaikey_url(settings);
    out.tenant_slug = settings.text("SCAIKEY_TENANT_SLUG");
    out.discovery_url = settings.text("SCAIKEY_DISCOVERY_URL");
    out.jwks_url = settings.text("SCAIKEY_JWKS_URL");
    out.token_url = settings.text("SCAIKEY_TOKEN_URL");
    out.client_id = settings.text("SCAIKEY_CLIENT_ID");
    out.client_secret = settings.secret("SCAIKEY_CLIENT_SECRET").reveal();
    out.timeout = std::chrono::seconds(settings.integer("SCAIKEY_TIMEOUT_SECONDS"));
    return out;
}

Context::Context(scai::config::Settings given, std::string group_name, Edges edges)
    : settings(std::move(given)), group(std::move(group_name)), http(std::move(edges.http)),
      clock(std::move(edges.clock)), pool(pool_settings(settings, group)),
      metrics(settings.text("SCAI_METRICS_DIR"), "scaivault-" + group),
      provider(provider_settings(settings), *http, *clock), key_store(make_key_store(pool)),
      keys(provider, *http, *key_store, *clock), verifier(provider, keys, *clock, expectations(settings)),
      authenticator(std::make_unique<Authenticator>(
          Authenticator::Parts{.http = *http,
                               .clock = *clock,
                               .provider = provider,
                               .verifier = verifier,
                               .audiences = expectations(settings).audiences})),
      kms(required_kms(settings, *http)), keyring(pool, *kms, *clock), journal(pool),
      limiter(settings, metrics, *clock), evaluator(pool, *clock) {
    if (provider.settings().base_url.empty())
        throw std::runtime_error("SCAIKEY_URL is not set");
}

Context::~Context() = default;

} // namespace scaivault
