// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/context.hpp"

#include "lib/oidc/store_keys.hpp"
#include "lib/scaiflow/grid/answer_cache.hpp"
#include "lib/scaiflow/grid/circuit_breaker.hpp"
#include "lib/scaiflow/grid/feed.hpp"

#include <stdexcept>

namespace scaiflow {

namespace {

std::string without_trailing_slash(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

/// Audiences of contract scaikey.md 7-5: the setting, else the client id, which is what ScaiKey issues.
scai::oidc::Expectations expectations(const scai::config::Settings& settings) {
    auto audiences = settings.list("SCAIKEY_AUDIENCE");
    if (audiences.empty() && settings.has("SCAIFLOW_SCAIKEY_CLIENT_ID"))
        audiences.push_back(settings.text("SCAIFLOW_SCAIKEY_CLIENT_ID"));
    scai::oidc::Expectations out;
    out.audiences = std::move(audiences);
    return out;
}

grid::FeedSettings feed_settings(const scai::config::Settings& settings) {
    grid::FeedSettings out;
    out.poll = std::chrono::milliseconds(settings.integer("SCAIFLOW_EVENTS_POLL_MS"));
    out.per_tenant = static_cast<int>(settings.integer("SCAIFLOW_STREAMS_PER_TENANT"));
    out.per_process = static_cast<int>(settings.integer("SCAIFLOW_STREAMS_PER_PROCESS"));
    return out;
}

} // namespace

Edges real_edges() {
    return {.http = std::make_unique<scai::http::CurlClient>(),
            .clock = std::make_unique<scai::SystemClock>()};
}

scai::db::PoolSettings pool_settings(const scai::config::Settings& settings, const std::string& group) {
    scai::db::PoolSettings out;
    out.url = settings.has("DATABASE_URL") ? settings.text("DATABASE_URL") : settings.text("SCAIFLOW_DB_URL");
    if (out.url.empty())
        throw std::runtime_error("DATABASE_URL is not set");
    out.size = static_cast<int>(settings.integer("DB_POOL_SIZE"));
    out.role = "scaiflow_" + group;
    out.application = "scaiflow-" + group;
    return out;
}

scai::oidc::ProviderSettings provider_settings(const scai::config::Settings& settings) {
    scai::oidc::ProviderSettings out;
    out.base_url = without_trailing_slash(settings.text("SCAIKEY_BASE_URL"));
    out.tenant_slug = settings.text("SCAIKEY_TENANT_SLUG");
    out.discovery_url = settings.text("SCAIKEY_DISCOVERY_URL");
    out.jwks_url = settings.text("SCAIKEY_JWKS_URL");
    out.token_url = settings.text("SCAIKEY_TOKEN_URL");
    out.authorize_url = settings.text("SCAIKEY_AUTHORIZE_URL");
    out.client_id = settings.text("SCAIFLOW_SCAIKEY_CLIENT_ID");
    out.client_secret = settings.secret("SCAIFLOW_SCAIKEY_CLIENT_SECRET").reveal();
    out.timeout = std::chrono::seconds(settings.integer("SCAIKEY_TIMEOUT_SECONDS"));
    return out;
}

Context::Context(scai::config::Settings given, std::string group_name, Edges edges)
    : settings(std::move(given)), group(std::move(group_name)), http(std::move(edges.http)),
      clock(std::move(edges.clock)), pool(pool_settings(settings, group)),
      metrics(settings.text("SCAI_METRICS_DIR"), "scaiflow-" + group),
      provider(provider_settings(settings), *http, *clock),
      key_store(scai::oidc::make_database_key_store(pool, "scaiflow")),
      keys(provider, *http, *key_store, *clock), verifier(provider, keys, *clock, expectations(settings)),
      principals(pool), tenant_credentials(settings, *http, *clock),
      lookups(std::make_unique<grid::AnswerCache>()),
      grid_calls(std::make_unique<grid::CircuitBreaker>(
          static_cast<int>(settings.integer("SCAIFLOW_GRID_THREADS") / 2))),
      feeds(std::make_unique<grid::EventFeeds>(feed_settings(settings))) {
    const auto pinned = settings.text("SCAIFLOW_DEPLOY_AUTH");
    if (!pinned.empty() && pinned != "user_jwt" && pinned != "api_key")
        throw std::runtime_error("SCAIFLOW_DEPLOY_AUTH must be user_jwt, api_key or unset");
}

Context::~Context() = default;

} // namespace scaiflow
