// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/context.hpp"

#include "lib/oidc/store_keys.hpp"
#include "lib/scaigrid/app/schema_version.hpp"
#include "lib/scaigrid/app/settings.hpp"
#include "lib/scaigrid/cores/environment.hpp"
#include "lib/scaigrid/cores/modules.hpp"
#include "lib/scaigrid/runs/world.hpp"
#include "lib/web/program.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace scaigrid {

using scai::config::Settings;

namespace {

std::string without_trailing_slash(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

scai::oidc::ProviderSettings provider_settings(const Settings& settings) {
    scai::oidc::ProviderSettings out;
    out.base_url = without_trailing_slash(settings.text("SCAIKEY_BASE_URL"));
    out.tenant_slug = settings.text("SCAIKEY_TENANT_SLUG");
    out.discovery_url = settings.text("SCAIKEY_DISCOVERY_URL");
    out.jwks_url = settings.text("SCAIKEY_JWKS_URL");
    out.timeout = std::chrono::seconds(settings.integer("SCAIKEY_TIMEOUT_SECONDS"));
    return out;
}

scai::oidc::Expectations expectations(const Settings& settings) {
    scai::oidc::Expectations out;
    out.audiences = settings.list("SCAIGRID_AUDIENCE");
    return out;
}

/// A permission nobody asks for is a typing error, and one that would be looked for at night.
Permissions default_permissions(const Settings& settings) {
    Permissions out;
    const auto known = known_permissions();
    for (auto& name : settings.list("SCAIGRID_DEFAULT_PERMISSIONS")) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw std::runtime_error("SCAIGRID_DEFAULT_PERMISSIONS: there is no permission " + name);
        out.insert(std::move(name));
    }
    return out;
}

} // namespace

Edges real_edges() {
    return {.http = std::make_unique<scai::http::CurlClient>(),
            .clock = std::make_unique<scai::SystemClock>()};
}

scai::db::PoolSettings pool_settings(const Settings& settings, const std::string& part) {
    if (!settings.has("DATABASE_URL"))
        throw std::runtime_error("DATABASE_URL is not set");
    scai::db::PoolSettings pool;
    pool.url = settings.text("DATABASE_URL");
    pool.size = static_cast<int>(settings.integer("DB_POOL_SIZE"));
    pool.role = part.empty() ? "" : "scaigrid_" + part;
    pool.application = part == "handler" || part.empty() ? "scaigrid" : "scaigrid-" + part;
    return pool;
}

Context::Context(Settings given, std::string part_name, Edges edges)
    : settings(std::move(given)), part(std::move(part_name)),
      base_url(without_trailing_slash(settings.text("SCAIGRID_PUBLIC_URL"))), http(std::move(edges.http)),
      clock(std::move(edges.clock)), pool(pool_settings(settings, part)),
      metrics(settings.text("SCAI_METRICS_DIR"), part == "handler" ? "scaigrid" : "scaigrid-" + part),
      provider(provider_settings(settings), *http, *clock),
      key_store(scai::oidc::make_database_key_store(pool, "scaigrid")),
      keys(provider, *http, *key_store, *clock), verifier(provider, keys, *clock, expectations(settings)),
      default_permissions(scaigrid::default_permissions(settings)),
      modules(std::make_unique<cores::Modules>()),
      sealer(std::make_unique<const cores::Sealer>(settings.secret("SCAIGRID_SECRET_KEY"))),
      runs(runs::make_world(settings, *http)) {
    if (part == "handler" && provider.settings().base_url.empty())
        throw std::runtime_error("SCAIKEY_BASE_URL is not set");
}

Context::~Context() = default;

int expected_schema_version() {
    return newest_migration;
}

scai::Status check_public(const Settings& settings) {
    if (settings.flag("SCAIGRID_ALLOW_PUBLIC") ||
        scai::web::is_loopback_url(settings.text("SCAIGRID_PUBLIC_URL")))
        return scai::Done{};
    return scai::Error{
        .kind = scai::ErrorKind::forbidden,
        .message = "SCAIGRID_PUBLIC_URL is not a loopback address. The embedded ScaiGrid is meant for "
                   "development, demos, air-gapped sites and tests; set SCAIGRID_ALLOW_PUBLIC=1 to serve it "
                   "there anyway"};
}

} // namespace scaigrid
