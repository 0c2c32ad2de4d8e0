// The sweep of a real process: settings and the directory over HTTP. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/scaiflow/mirror/sweep.hpp"

namespace scaiflow::mirror {

namespace {

class DirectorySource final : public Source {
public:
    DirectorySource(directory::DirectorySettings settings, scai::oidc::Provider& provider,
                    const scai::Clock& clock, std::function<void(const directory::Progress&)> progress,
                    std::function<bool()> should_stop)
        : token_(provider, clock, ""), // no scope asked: the application's whole allowance
          directory_(std::move(settings), token_, std::move(progress), std::move(should_stop)) {}

    scai::Result<directory::Directory::Tenants> tenants() override { return directory_.tenants(); }
    directory::Report walk(const directory::Tenant& tenant, directory::Sink& sink) override {
        return directory_.walk(tenant, sink);
    }

private:
    scai::oidc::ServiceToken token_;
    directory::Directory directory_;
};

directory::DirectorySettings directory_settings(const scai::config::Settings& settings) {
    directory::DirectorySettings out;
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
                [&](const std::string& only_tenant, std::function<bool()> should_stop,
                    std::function<void(const directory::Progress&)> progress) -> std::unique_ptr<Source> {
                    auto settings = directory_settings(context.settings);
                    if (!only_tenant.empty())
                        settings.pinned_tenant = only_tenant;
                    return std::make_unique<DirectorySource>(std::move(settings), context.provider,
                                                             *context.clock, std::move(progress),
                                                             std::move(should_stop));
                }};
    return sweep(parts, options);
}

} // namespace scaiflow::mirror
