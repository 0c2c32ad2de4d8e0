// Context: everything a ScaiVault process keeps between requests; made in main, may be lost at any moment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/http/client.hpp"
#include "lib/oidc/provider.hpp"
#include "lib/oidc/verifier.hpp"
#include "lib/scaivault/app/authenticator.hpp"
#include "lib/scaivault/app/endpoint.hpp"
#include "lib/scaivault/app/store_caller.hpp"
#include "lib/scaivault/audit/journal.hpp"
#include "lib/scaivault/limits/limiter.hpp"
#include "lib/scaivault/policies/evaluator.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/secrets/accesses.hpp"
#include "lib/scaivault/secrets/finder.hpp"
#include "lib/web/metrics.hpp"
#include "lib/web/router.hpp"

#include <memory>
#include <span>
#include <string>

namespace scaivault {

namespace trust {
class Issuers;
} // namespace trust

/// What a test replaces: everything that touches the world.
struct Edges {
    std::unique_ptr<scai::http::Client> http;
    std::unique_ptr<scai::Clock> clock;
};
Edges real_edges();

struct Context {
    /// `group` names the process type: database role scaivault_<group>, application name, metrics file.
    /// Throws std::runtime_error when a setting is missing.
    Context(scai::config::Settings settings, std::string group, Edges edges);
    ~Context();

    scai::config::Settings settings;
    std::string group;
    std::unique_ptr<scai::http::Client> http;
    std::unique_ptr<scai::Clock> clock;
    scai::db::Pool pool;
    scai::web::Metrics metrics;
    scai::oidc::Provider provider;
    std::unique_ptr<scai::oidc::KeyStore> key_store; ///< scaivault.jwks_cache
    scai::oidc::KeyCache keys;
    scai::oidc::Verifier verifier;
    std::unique_ptr<Authenticator> authenticator;
    Callers callers{pool};
    std::unique_ptr<trust::Issuers> issuers; ///< of tokens that are exchanged
    std::unique_ptr<seal::Kms> kms;
    seal::Keyring keyring;
    audit::Journal journal;
    limits::Limiter limiter;
    policies::Evaluator evaluator;
    secrets::Accesses accesses{pool};
    secrets::Finder finder{pool};
};

scai::db::PoolSettings pool_settings(const scai::config::Settings& settings, const std::string& group);
scai::oidc::ProviderSettings provider_settings(const scai::config::Settings& settings);
int expected_schema_version();

/// Token -> caller, tenant selection, scope, rate limit: in this order, each with its code of the catalogue.
scai::web::Gate make_gate(Context& context);
/// The gate's twin around the whole: exchange record, audit row before the answer leaves, rate-limit headers,
/// metrics.
scai::web::Around make_around(Context& context, std::span<const Endpoint> endpoints);
/// Router of a group, for serve_group() and for tests.
scai::web::Router make_router(Context& context, std::span<const Endpoint> endpoints);

/// main() of every handler: --env-file, --socket, --help, --version; refuses to start on bad settings (78) or
/// a newer database. With MIGRATE_ON_START an older database is migrated first, once over all processes. No
/// core dumps.
int serve_group(std::string_view group, std::span<const Endpoint> endpoints, int argc, char** argv);

} // namespace scaivault
