// SQL of the catalog. Who sees a package is decided here, in the statement that reads it (contract
// scaiflow-api.md 2.6): tenant - everybody in it; groups - members of one of them; the author; tenant_admin,
// who may change and delete every package of the tenant and must find it for that; super_admin, everywhere.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaiflow/catalog/model.hpp"
#include "lib/scaiflow/flows/access.hpp"

namespace scaiflow::catalog::store {

using flows::Caller;

/// What the caller sees, last published first. Every page costs the same.
Page list(scai::db::Executor& reader, const Caller& caller, const Filter& filter,
          const std::optional<Key>& after, std::int64_t limit);

/// The packages with this id that the caller sees, the own tenant's first, ten at most.
std::vector<Listing> find(scai::db::Executor& reader, const Caller& caller, const Ref& ref);
/// The same, locked.
std::vector<Listing> find_for_update(scai::db::Tx& tx, const Caller& caller, const Ref& ref);

/// readme, number of versions, size and hash of the newest.
Detail detail(scai::db::Executor& reader, Listing listing);
VersionPage versions(scai::db::Executor& reader, const Listing& listing,
                     const std::optional<std::int64_t>& before, std::int64_t limit);
std::optional<Stored> package(scai::db::Executor& reader, const Listing& listing, const std::string& version);

/// Makes the package's row if there is none and locks it; says who the author is.
std::string claim(scai::db::Tx& tx, const Caller& caller, const std::string& tenant_id, const Draft& draft);
/// Version texts of the package that start with `prefix` ("1.2.").
std::vector<std::string> taken(scai::db::Executor& reader, const std::string& tenant_id,
                               const std::string& package_id, const std::string& prefix);
void insert_version(scai::db::Tx& tx, const Caller& caller, const std::string& tenant_id, const Draft& draft,
                    const std::string& version, const std::string& bytes, const std::string& sha256);
/// The package shows this version now; a deleted one is there again.
void point_at(scai::db::Tx& tx, const std::string& tenant_id, const Draft& draft, const std::string& version);
void set_visibility(scai::db::Tx& tx, const Listing& listing, const Visibility& visibility);
void mark_deleted(scai::db::Tx& tx, const Listing& listing);

/// Indexes of those that the mirror does not know (or no longer) in this tenant.
std::vector<std::size_t> unknown_groups(scai::db::Executor& reader, const std::string& tenant_id,
                                        const std::vector<std::string>& group_ids);

void audit(scai::db::Tx& tx, const Caller& caller, const std::string& tenant_id, const char* action,
           const std::string& package_id, const scai::json::Value& before, const scai::json::Value& after);

} // namespace scaiflow::catalog::store
