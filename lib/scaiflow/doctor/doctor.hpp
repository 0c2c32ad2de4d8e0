// Doctor: is this ScaiFlow healthy, and if not, what to do. Reads only; each check stands alone, so one that
// cannot be carried out says so and the next goes on. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/config/settings.hpp"
#include "lib/http/client.hpp"

#include <string>
#include <vector>

namespace scaiflow::doctor {

enum class Level { ok, warn, fail };

struct Check {
    std::string name; ///< settings, database, migrations, roles, row_level_security, scaikey, keys, clock,
                      ///< token, scope_users, scope_groups, webhook_delivery, webhook_secret, webhooks,
                      ///< sweep_age, sweep_outcome,
                      ///< super_admins, super_admin_groups, pending_grants
    Level level = Level::ok;
    std::string text; ///< what was found; never a secret
    std::string fix;  ///< what to do; "" when ok
};

std::vector<Check> examine(const scai::config::Settings& settings, scai::http::Client& http,
                           const scai::Clock& clock);

/// RFC 9110 5.6.7, the preferred form only: "Wed, 20 May 2026 08:00:00 GMT".
std::optional<scai::UtcTime> parse_http_date(std::string_view text);

} // namespace scaiflow::doctor
