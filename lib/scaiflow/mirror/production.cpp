// The sweep of a real process: settings and the directory over HTTP. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/scaiflow/mirror/sweep.hpp"

namespace scaiflow::mirror {

namespace {

scai::directory::DirectorySettings directory_settings(const scai::config::Settings& settings) {
    scai::directory::DirectorySettings out;
    out.base_url = settings.text("SCAIKEY_BASE_URL");
    while (out.base_url.ends_with('/'))
        out.base_url.pop_back();
    out.application_id = settings.text("SCAIFLOW_SCAIKEY_APPLICATION_ID");
    out.pinned_tenant = settings.text("SCAIKEY_TENANT_ID");
    out.members_path = settings.text("SCAIKEY_GROUP_MEMBERS_PATH");
    out.per_page = static_cast<int>(settings.integer("SCAIKEY_PER_PAGE"));
    out.parallel = static_cast<int>(settings.integer("SCAIKEY_PARALLEL"));
    out.timeout = std::chrono::seconds(settings.integer("SCAIKEY_TIMEOUT_SECONDS"));
    return out;
}

SweepSettings sweep_settings(const scai::config::Settings& settings) {
    SweepSettings out;
    std::vector<std::string> missing;
    for (const char* name :
         {"SCAIKEY_BASE_URL", "SCAIFLOW_SCAIKEY_CLIENT_ID", "SCAIFLOW_SCAIKEY_CLIENT_SECRET"}) {
        if (!settings.has(name))
            missing.emplace_back(name);
    }
    out.missing = scai::join(missing, ", ");
    out.max_deletes = settings.integer("SCAIFLOW_SYNC_MAX_DELETES");
    out.max_percent = settings.integer("SCAIFLOW_SYNC_MAX_DELETE_PERCENT");
    out.interval_minutes = settings.integer("SCAIFLOW_SYNC_INTERVAL_MINUTES");
    out.super_admin_groups = {settings.list("SCAIFLOW_SUPER_ADMIN_GROUPS"),
                              settings.text("SCAIFLOW_HOME_TENANT")};
    return out;
}

} // namespace

SweepResult sweep(Context& context, const SweepOptions& options) {
    Parts parts{context.pool, *context.clock, sweep_settings(context.settings),
                scai::directory::http_sources(directory_settings(context.settings), context.provider,
                                              *context.clock)};
    return sweep(parts, options);
}

} // namespace scaiflow::mirror
