// Context: everything a process of the embedded ScaiGrid keeps between requests; made in main, may be lost at
// any moment. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/http/client.hpp"
#include "lib/oidc/provider.hpp"
#include "lib/oidc/verifier.hpp"
#include "lib/scaigrid/app/limits.hpp"
#include "lib/scaigrid/app/permissions.hpp"
#include "lib/web/metrics.hpp"
#include "lib/web/router.hpp"

#include <memory>
#include <string>
#include <vector>

namespace scaigrid {

namespace cores {
class Modules;
class Sealer;
} // namespace cores
namespace runs {
struct World;
} // namespace runs

/// What a test replaces: everything that touches the world.
struct Edges {
    std::unique_ptr<scai::http::Client> http;
    std::unique_ptr<scai::Clock> clock;
};
Edges real_edges();

struct Context {
    /// `part` is the process type, "handler" or "jobs": database role scaigrid_<part>. Throws
    /// std::runtime_error when a setting is missing.
    Context(scai::config::Settings settings, std::string part, Edges edges);
    ~Context();

    scai::config::Settings settings;
    std::string part;
    std::string base_url; ///< SCAIGRID_PUBLIC_URL without a trailing slash
    std::unique_ptr<scai::http::Client> http;
    std::unique_ptr<scai::Clock> clock;
    scai::db::Pool pool;
    scai::web::Metrics metrics;
    scai::oidc::Provider provider;
    std::unique_ptr<scai::oidc::KeyStore> key_store; ///< scaigrid.jwks_cache
    scai::oidc::KeyCache keys;
    scai::oidc::Verifier verifier;
    Permissions default_permissions; ///< SCAIGRID_DEFAULT_PERMISSIONS
    Limits limits;
    std::unique_ptr<cores::Modules> modules;     ///< parsed modules of Cores
    std::unique_ptr<const cores::Sealer> sealer; ///< of secrets in a Core's environment
    std::unique_ptr<runs::World> runs;           ///< who answers for models, and how long runs may take
};

/// libpq settings of the handler ("handler") or of a job ("jobs"): role scaigrid_<part>; "" stays the login.
scai::db::PoolSettings pool_settings(const scai::config::Settings& settings, const std::string& part);

/// Newest migration this binary was built with; a database that is ahead makes every program refuse to start.
int expected_schema_version();

/// The embedded ScaiGrid is for development, demos, air-gapped sites and tests: the error says so when the
/// host of SCAIGRID_PUBLIC_URL is not loopback and SCAIGRID_ALLOW_PUBLIC is not set.
scai::Status check_public(const scai::config::Settings& settings);

/// `sgk_` key or access token of ScaiKey -> principal, permission, rate limit.
scai::web::Gate make_gate(Context& context);
/// The gate's twin around the whole: rate-limit headers on every answer, faults of tests.
scai::web::Around make_around(Context& context);
/// Gate, hook and envelope around the table, for serve_handler() and for tests.
scai::web::Router make_router(Context& context, std::vector<scai::web::ErasedRoute> routes);

/// What hook and gate keep about a request.
struct Exchange {
    LimitState limit;
    std::string content_type; ///< the body's type as it was sent, lower case, without parameters
};
Exchange& exchange_of(const scai::web::Request& request);

/// main() of the handler: --env-file, --socket, --help, --version; refuses to start on bad settings (78), a
/// public address or a newer database.
int serve_handler(std::vector<scai::web::ErasedRoute> (*routes)(Context&), int argc, char** argv);

} // namespace scaigrid
