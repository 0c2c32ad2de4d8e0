// .scaipkg: a deterministic zip of flow.json, manifest.yaml, package.json and perhaps README.md (contract
// scaiflow-model.md 8). No time of building is in it: the same flow published twice gives the same bytes.
// SPDX-License-Identifier: Apache-2.0
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

/// The part of a package that depends on the flow alone.
struct Contents {
    std::string flow, manifest; ///< flow.json, manifest.yaml
    std::string flow_id, scaicore_target;
    std::optional<std::string> created_at; ///< metadata.created of the flow, the only time in a package
};
struct Prepared {
    std::optional<Contents> contents; ///< absent when the flow does not compile
    graph::Diagnostics diagnostics;
};
Prepared prepare(const scai::json::Value& content);
std::string pack(const Contents& contents, const PackageInfo& info);

struct Built {
    std::optional<std::string> bytes; ///< absent when the flow does not compile
    graph::Diagnostics diagnostics;
};
/// Compiles the flow to YAML first: prepare() and pack(). Same flow and info, same bytes.
Built build_package(const scai::json::Value& content, const PackageInfo& info);

struct Package {
    PackageInfo info;
    scai::json::Value content, package_json;
    std::string manifest;
};
/// bad_request (code bad_package) naming the entry that is missing, malformed, does not belong there or does
/// not match its sha256.
scai::Result<Package> read_package(std::string_view bytes);

/// Lower case letters, digits and single dashes between them, 1..64, starting with a letter.
bool valid_package_id(std::string_view id);

/// The flow of a package as a new one: a fresh flow_ id, version 1.0.0, metadata.source_package and
/// metadata.source_version. Node and edge ids stay.
scai::json::Value fresh_copy(const Package& package);

inline constexpr std::size_t max_name = 200;
inline constexpr std::size_t max_description = 4'000;
inline constexpr std::size_t max_version = 64;
inline constexpr std::size_t max_readme = 256U << 10U; ///< bytes

} // namespace scaiflow::catalog
