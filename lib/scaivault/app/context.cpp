// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/context.hpp"

#include "lib/oidc/store_keys.hpp"
#include "lib/scaivault/trust/exchange.hpp"

#include <stdexcept>

namespace scaivault {

namespace {

scai::oidc::Expectations expectations(const scai::config::Settings& settings) {
    scai::oidc::Expectations out;
    out.audiences = settings.list("SCAIVAULT_AUDIENCE");
    return out;
}

std::unique_ptr<seal::Kms> required_kms(const scai::config::Settings& settings, scai::http::Client& http,
                                        scai::web::Metrics& metrics) {
    auto kms = seal::make_kms(settings, http, false);
    if (!kms)
        throw std::runtime_error(kms.error().message);
    return seal::with_metrics(std::move(kms).value(), metrics);
}

} // namespace

Edges real_edges() {
    return {.http = std::make_unique<scai::http::CurlClient>(),
            .clock = std::make_unique<scai::SystemClock>()};
}

Context::Context(scai::config::Settings given, std::string group_name, Edges edges)
    : settings(std::move(given)), group(std::move(group_name)), http(std::move(edges.http)),
      clock(std::move(edges.clock)), pool(pool_settings(settings, group)),
      metrics(settings.text("SCAI_METRICS_DIR"), "scaivault-" + group),
      provider(provider_settings(settings), *http, *clock),
      key_store(scai::oidc::make_database_key_store(pool, "scaivault")),
      keys(provider, *http, *key_store, *clock), verifier(provider, keys, *clock, expectations(settings)),
      authenticator(
          std::make_unique<Authenticator>(Authenticator::Parts{.http = *http,
                                                               .clock = *clock,
                                                               .provider = provider,
                                                               .verifier = verifier,
                                                               .audiences = expectations(settings).audiences,
                                                               .pool = pool,
                                                               .issuer = settings.text("BASE_URL")})),
      issuers(std::make_unique<trust::Issuers>(*http, *key_store, *clock,
                                               settings.flag("SCAIVAULT_TRUST_ALLOW_PRIVATE"))),
      kms(required_kms(settings, *http, metrics)), keyring(pool, *kms, *clock), journal(pool),
      limiter(settings, metrics, *clock), evaluator(pool, *clock) {
    if (provider.settings().base_url.empty())
        throw std::runtime_error("SCAIKEY_URL is not set");
}

Context::~Context() = default;

} // namespace scaivault
