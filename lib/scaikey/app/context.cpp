// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/context.hpp"

#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/app/settings.hpp"
#include "lib/web/program.hpp"

#include <stdexcept>
#include <utility>

namespace scaikey {

using scai::Done;
using scai::config::Settings;

namespace {

std::string without_trailing_slash(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

} // namespace

scai::db::PoolSettings pool_settings(const Settings& settings, const std::string& part) {
    if (!settings.has("DATABASE_URL"))
        throw std::runtime_error("DATABASE_URL is not set");
    scai::db::PoolSettings pool;
    pool.url = settings.text("DATABASE_URL");
    pool.size = static_cast<int>(settings.integer("DB_POOL_SIZE"));
    pool.role = part.empty() ? "" : "scaikey_" + part;
    pool.application = part == "handler" || part.empty() ? "scaikey" : "scaikey-" + part;
    return pool;
}

Context::Context(Settings the_settings, std::unique_ptr<scai::Clock> the_clock)
    : settings(std::move(the_settings)), base_url(without_trailing_slash(settings.text("SCAIKEY_ISSUER"))),
      clock(std::move(the_clock)), pool(pool_settings(settings, "handler")),
      keys(pool, *clock, oauth::key_policy(settings)), metrics(settings.text("SCAI_METRICS_DIR"), "scaikey") {
}

Context::~Context() = default;

int expected_schema_version() {
    return 4;
}

scai::Status check_public(const Settings& settings) {
    if (settings.flag("SCAIKEY_ALLOW_PUBLIC") || scai::web::is_loopback_url(settings.text("SCAIKEY_ISSUER")))
        return Done{};
    return forbidden(
        "SCAIKEY_ISSUER is not a loopback address. The embedded ScaiKey is meant for development, demos, "
        "air-gapped sites and tests; set SCAIKEY_ALLOW_PUBLIC=1 to serve it there anyway");
}

} // namespace scaikey
