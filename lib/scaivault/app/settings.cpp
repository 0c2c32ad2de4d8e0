// What programs without a Context need of the settings too. SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/schema_version.hpp"

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

} // namespace

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

int expected_schema_version() {
    return newest_migration;
}

} // namespace scaivault
