// Packages of the catalog as they are listed, and what a caller asks for. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/graph/diagnostic.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scaiflow::catalog {

/// contract scaiflow-api.md 2.6, CatalogPackage.
struct Listing {
    std::string tenant_id, package_id, name, description;
    std::string version; ///< the one published last
    std::string author_id, author_email;
    std::string visibility; ///< tenant, groups
    std::vector<std::string> group_ids;
    scai::UtcTime created_at, updated_at;
    bool manageable = false; ///< the caller is the author, tenant_admin of its tenant or super_admin
};

/// Microseconds, later than anything stored: where a list starts.
inline constexpr std::int64_t end_of_time = 253'402'300'799'000'000;

/// Where a page starts: after this row.
struct Key {
    std::int64_t updated_at; ///< microseconds
    std::string tenant_id, package_id;
};
struct Page {
    std::vector<Listing> listings;
    std::optional<Key> next;
};
struct Filter {
    std::optional<std::string> tenant_id; ///< absent: all tenants the caller reaches
    std::optional<std::string> search;    ///< part of id, name or description, any case
};

/// Which package a path means.
struct Ref {
    std::string package_id;
    std::optional<std::string> tenant_id; ///< ?tenant_id=
};

struct Version {
    std::int64_t number = 0;
    std::string version, name, description;
    scai::UtcTime created_at;
    std::string created_by, sha256;
    std::int64_t size = 0; ///< bytes of the package
};
struct VersionPage {
    std::vector<Version> versions; ///< newest first
    std::int64_t total = 0;
    std::optional<std::int64_t> next; ///< number of the last one shown
};

struct Detail {
    Listing listing;
    std::optional<std::string> readme;
    std::int64_t versions = 0;
    std::string sha256; ///< of the newest package
    std::int64_t size = 0;
};

struct Stored {
    std::string version, sha256;
    std::string bytes; ///< the .scaipkg
};

struct Visibility {
    std::string name; ///< tenant, groups
    std::vector<std::string> group_ids;
};

/// What POST /v1/catalog/publish asks for.
struct Draft {
    std::string package_id, name, description, version;
    std::optional<std::string> readme;
    std::optional<Visibility> visibility; ///< absent: as it is; tenant for a new package
    std::optional<std::string> flow_id;   ///< exactly one of these two
    scai::json::Value content;
};

struct Published {
    std::optional<Listing> listing; ///< absent when the flow does not compile; nothing is stored then
    graph::Diagnostics diagnostics;
};

} // namespace scaiflow::catalog
