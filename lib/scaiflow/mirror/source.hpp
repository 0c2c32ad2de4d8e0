// Source: where a sweep reads from. The real one is the directory over HTTP; a test scripts its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/directory/directory.hpp"

#include <functional>
#include <memory>

namespace scaiflow::mirror {

class Source {
public:
    virtual ~Source() = default;
    virtual scai::Result<directory::Directory::Tenants> tenants() = 0;
    virtual directory::Report walk(const directory::Tenant& tenant, directory::Sink& sink) = 0;
};

/// Made once per run: `only_tenant` is --tenant or "", `should_stop` is asked during the walk.
using SourceFactory =
    std::function<std::unique_ptr<Source>(const std::string& only_tenant, std::function<bool()> should_stop,
                                          std::function<void(const directory::Progress&)> progress)>;

} // namespace scaiflow::mirror
