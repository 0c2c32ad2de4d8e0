// Context: everything a ScaiFlow process keeps between requests; made in main, may be lost at any moment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/http/client.hpp"
#include "lib/oidc/provider.hpp"
#include "lib/oidc/verifier.hpp"
#include "lib/scaiflow/app/store_principal.hpp"
#include "lib/scaiflow/flows/memory.hpp"
#include "lib/scaiflow/vault/credentials.hpp"
#include "lib/web/metrics.hpp"
#include "lib/web/router.hpp"

#include <memory>
#include <span>
#include <string>

namespace scaiflow::grid {
class AnswerCache;
class CircuitBreaker;
class EventFeeds;
} // namespace scaiflow::grid

namespace scaiflow {

/// What a test replaces: everything that touches the world.
struct Edges {
    std::unique_ptr<scai::http::Client> http; ///< CurlClient
    std::unique_ptr<scai::Clock> clock;       ///< SystemClock
};
Edges real_edges();

struct Context {
    /// `group` names the process type: database role scaiflow_<group>, application name, metrics file.
    Context(scai::config::Settings settings, std::string group, Edges edges);
    ~Context();

    scai::config::Settings settings;
    std::string group;
    std::unique_ptr<scai::http::Client> http;
    std::unique_ptr<scai::Clock> clock;
    scai::db::Pool pool;
    scai::web::Metrics metrics;
    scai::oidc::Provider provider;
    std::unique_ptr<scai::oidc::KeyStore> key_store; ///< scaiflow.jwks_cache
    scai::oidc::KeyCache keys;
    scai::oidc::Verifier verifier;
    Principals principals;
    flows::Memory flow_memory{pool};
    vault::TenantCredentials tenant_credentials;      ///< of ScaiGrid, in ScaiVault
    std::unique_ptr<grid::AnswerCache> lookups;       ///< what ScaiGrid listed a moment ago
    std::unique_ptr<grid::CircuitBreaker> grid_calls; ///< those that callers wait for
    std::unique_ptr<grid::EventFeeds> feeds; ///< its events for who listens; last, so that it goes first
};

/// libpq settings of a process type; throws std::runtime_error when no database URL is set.
scai::db::PoolSettings pool_settings(const scai::config::Settings& settings, const std::string& group);
scai::oidc::ProviderSettings provider_settings(const scai::config::Settings& settings);
/// Newest migration this binary was built with; a database that is ahead makes every program refuse to start.
int expected_schema_version();

/// Token -> principal: Verifier, then the mirrored user in one round trip. Disabled (status not ACTIVE)
/// and deleted users are refused with 401 "invalid token: ..."; permissions are the union of contract
/// scaiflow-api.md 10-1. The mirror is asked on every request, so a disabled user loses access at once on
/// every process.
scai::web::Gate make_gate(Context& context);

/// main() of every handler: --env-file, --socket, --help, --version; refuses to start on bad settings (78) or
/// a newer database. `threads` names the setting that says how many requests a process works at.
int serve_group(std::string_view group, std::span<const scai::web::Route<Context>> routes, int argc,
                char** argv, std::string_view threads = "FCGI_THREADS");

} // namespace scaiflow
