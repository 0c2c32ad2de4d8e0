// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/context.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/app/settings.hpp"

#include <stdexcept>
#include <utility>

namespace scaikey {

using scai::Done;
using scai::config::Settings;

namespace {

/// Host of an http(s) URL, lower case, brackets of IPv6 dropped.
std::string host_of(std::string_view url) {
    const auto start = url.find("://");
    if (start == std::string_view::npos)
        return "";
    url.remove_prefix(start + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (const auto at = url.rfind('@'); at != std::string_view::npos)
        url.remove_prefix(at + 1);
    if (url.starts_with('['))
        return scai::to_lower(url.substr(1, url.find(']') - 1));
    return scai::to_lower(url.substr(0, url.find(':')));
}

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "::1" || host.ends_with(".localhost"))
        return true;
    // 127.0.0.0/8 in dotted form; "127.evil.example" is a name, not an address.
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

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
    if (settings.flag("SCAIKEY_ALLOW_PUBLIC") || is_loopback(host_of(settings.text("SCAIKEY_ISSUER"))))
        return Done{};
    return forbidden(
        "SCAIKEY_ISSUER is not a loopback address. The embedded ScaiKey is meant for development, demos, "
        "air-gapped sites and tests; set SCAIKEY_ALLOW_PUBLIC=1 to serve it there anyway");
}

} // namespace scaikey
