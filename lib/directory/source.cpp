// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/source.hpp"

namespace scai::directory {

namespace {

class HttpSource final : public Source {
public:
    HttpSource(DirectorySettings settings, scai::oidc::Provider& provider, const scai::Clock& clock,
               std::function<void(const Progress&)> progress, std::function<bool()> should_stop)
        : token_(provider, clock, ""), // no scope asked: the application's whole allowance
          directory_(std::move(settings), token_, std::move(progress), std::move(should_stop)) {}

    scai::Result<Directory::Tenants> tenants() override { return directory_.tenants(); }
    std::vector<Partner> partners() override { return directory_.partners(); }
    Report walk(const Tenant& tenant, Sink& sink) override { return directory_.walk(tenant, sink); }

private:
    scai::oidc::ServiceToken token_;
    Directory directory_;
};

} // namespace

SourceFactory http_sources(DirectorySettings settings, scai::oidc::Provider& provider,
                           const scai::Clock& clock) {
    return [settings = std::move(settings), &provider,
            &clock](const std::string& only_tenant, std::function<bool()> should_stop,
                    std::function<void(const Progress&)> progress) -> std::unique_ptr<Source> {
        auto of_this_run = settings;
        if (!only_tenant.empty())
            of_this_run.pinned_tenant = only_tenant;
        return std::make_unique<HttpSource>(std::move(of_this_run), provider, clock, std::move(progress),
                                            std::move(should_stop));
    };
}

} // namespace scai::directory
