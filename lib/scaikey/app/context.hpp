// Context: everything the embedded ScaiKey keeps between requests; made in main, may be lost at any moment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/scaikey/app/verdicts.hpp"
#include "lib/scaikey/directory/anchors.hpp"
#include "lib/scaikey/oauth/keys.hpp"
#include "lib/web/metrics.hpp"
#include "lib/web/router.hpp"

#include <memory>
#include <string>
#include <vector>

namespace scaikey {

struct Context {
    /// Role scaikey_handler. Throws std::runtime_error when no database URL is set.
    Context(scai::config::Settings settings, std::unique_ptr<scai::Clock> clock);
    ~Context();

    scai::config::Settings settings;
    std::string base_url; ///< SCAIKEY_ISSUER without a trailing slash
    std::unique_ptr<scai::Clock> clock;
    scai::db::Pool pool;
    oauth::KeyRing keys;
    scai::web::Metrics metrics;
    PageAnchors page_anchors;
    Verdicts verdicts;
};

/// libpq settings of the handler ("handler") or of a job ("jobs"): role scaikey_<part>; "" stays the login.
scai::db::PoolSettings pool_settings(const scai::config::Settings& settings, const std::string& part);

/// Newest migration this binary was built with; a database that is ahead makes every program refuse to start.
int expected_schema_version();

/// The embedded ScaiKey is for development, demos, air-gapped sites and tests: the error says so when the
/// host of SCAIKEY_ISSUER is not loopback and SCAIKEY_ALLOW_PUBLIC is not set.
scai::Status check_public(const scai::config::Settings& settings);

/// Adds to every collection pattern ("/v1/admin/users/") its slashless twin, which answers 307 to the slash
/// form with the query kept (contract scaikey.md 10.2).
std::vector<scai::web::ErasedRoute> with_slash_redirects(std::vector<scai::web::ErasedRoute> routes);

/// main() of the handler: --env-file, --socket, --help, --version; refuses to start on bad settings (78), a
/// public address or a newer database.
int serve_handler(std::vector<scai::web::ErasedRoute> (*routes)(Context&), int argc, char** argv);

} // namespace scaikey
