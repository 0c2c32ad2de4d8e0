// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/doctor/doctor.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/doctor/checks.hpp"

#include <algorithm>

namespace scaiflow::doctor {

namespace {

bool check_settings(const scai::config::Settings& settings, std::vector<Check>& out) {
    std::vector<std::string> missing;
    for (const char* name :
         {"SCAIKEY_BASE_URL", "SCAIFLOW_SCAIKEY_CLIENT_ID", "SCAIFLOW_SCAIKEY_CLIENT_SECRET"})
        if (!settings.has(name))
            missing.emplace_back(name);
    const std::string from =
        settings.file().empty() ? "the environment" : settings.file() + " and the environment";
    if (missing.empty())
        out.push_back(ok("settings", "read from " + from));
    else
        out.push_back(fail("settings", scai::join(missing, ", ") + " not set (read from " + from + ")",
                           "run scaiflow scaikey-register, which writes them"));
    if (settings.flag("SCAIFLOW_AUTH_DISABLED"))
        out.push_back(warn("settings", "SCAIFLOW_AUTH_DISABLED is on: every request is a super_admin",
                           "development only; remove it"));
    if (const auto accepted = settings.list("SCAIKEY_AUDIENCE");
        !accepted.empty() &&
        std::ranges::find(accepted, settings.text("SCAIFLOW_SCAIKEY_CLIENT_ID")) == accepted.end())
        out.push_back(warn(
            "audience",
            "SCAIKEY_AUDIENCE does not hold the client id, for which ScaiKey issues its tokens: they end in "
            "401 \"invalid token: Audience doesn't match\"",
            "unset SCAIKEY_AUDIENCE"));
    return settings.has("SCAIKEY_BASE_URL");
}

} // namespace

std::vector<Check> examine(const scai::config::Settings& settings, scai::http::Client& http,
                           const scai::Clock& clock) {
    std::vector<Check> out;
    const bool has_scaikey = check_settings(settings, out);
    std::string tenant;
    const bool database = check_database(settings, out);
    std::vector<Check> mirror;
    if (database)
        tenant = check_mirror(settings, mirror);
    if (has_scaikey)
        check_scaikey(settings, http, clock, tenant, out);
    if (settings.has("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET"))
        out.push_back(ok("webhook_secret", "set"));
    else
        out.push_back(
            warn("webhook_secret",
                 "SCAIFLOW_SCAIKEY_WEBHOOK_SECRET is not set: the receiver answers 503, changes "
                 "arrive only with the sweep",
                 "run scaiflow scaikey-register, or set it to the secret of the webhook in ScaiKey"));
    out.insert(out.end(), mirror.begin(), mirror.end());
    return out;
}

} // namespace scaiflow::doctor
