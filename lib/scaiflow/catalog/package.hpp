// .scaipkg: a deterministic zip of flow.json, manifest.yaml, package.json and perhaps README.md (contract
// scaiflow-model.md 8). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/graph/diagnostic.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaiflow::catalog {

struct PackageInfo {
    std::string package_id, name, version, description, author_id;
    std::optional<std::string> readme; ///< Markdown
};

struct Built {
    std::optional<std::string> bytes; ///< absent when the flow does not compile
    graph::Diagnostics diagnostics;
};
/// Compiles the flow to YAML first. Same flow and info, same bytes.
Built build_package(const scai::json::Value& content, const PackageInfo& info);

struct Package {
    PackageInfo info;
    scai::json::Value content, package_json;
    std::string manifest;
};
/// bad_request naming the entry that is missing, malformed or does not match its sha256.
scai::Result<Package> read_package(std::string_view bytes);

/// Lower case letters, digits and single dashes, 1..64, starting with a letter.
bool valid_package_id(std::string_view id);

} // namespace scaiflow::catalog
