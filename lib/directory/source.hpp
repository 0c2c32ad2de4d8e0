// Source: where a sweep reads from. The real one is the directory over HTTP; a test scripts its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/directory.hpp"

#include <functional>
#include <memory>

namespace scai::directory {

class Source {
public:
    virtual ~Source() = default;
    virtual scai::Result<Directory::Tenants> tenants() = 0;
    /// For their names only.
    virtual std::vector<Partner> partners() { return {}; }
    virtual Report walk(const Tenant& tenant, Sink& sink) = 0;
};

/// Made once per run: `only_tenant` is --tenant or "", `should_stop` is asked during the walk.
using SourceFactory =
    std::function<std::unique_ptr<Source>(const std::string& only_tenant, std::function<bool()> should_stop,
                                          std::function<void(const Progress&)> progress)>;

/// Of the directory over HTTP. `provider` and `clock` outlive the sources.
SourceFactory http_sources(DirectorySettings settings, scai::oidc::Provider& provider,
                           const scai::Clock& clock);

} // namespace scai::directory
