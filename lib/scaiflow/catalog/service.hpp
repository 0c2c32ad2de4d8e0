// Use cases of the catalog (contract scaiflow-api.md 2.6, 10-9). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/scaiflow/catalog/model.hpp"
#include "lib/scaiflow/flows/access.hpp"

namespace scaiflow::catalog {

/// The package a path means. not_found when there is none or the caller does not see it. A super_admin
/// reaches all tenants: the own tenant's package wins, else the only one there is, else conflict
/// "ambiguous_package" naming the tenants.
scai::Result<Listing> open_package(scai::db::Executor& reader, const flows::Caller& caller, const Ref& ref);

/// The bytes of a version; absent: of the one the package shows. not_found for one that was never published.
scai::Result<Stored> open_version(scai::db::Executor& reader, const flows::Caller& caller, const Ref& ref,
                                  const std::optional<std::string>& version);

/// The flow of a version as a new one; nothing is stored.
scai::Result<scai::json::Value> install(scai::db::Executor& reader, const flows::Caller& caller,
                                        const Ref& ref, const std::optional<std::string>& version);

/// Compiles, packs, stores a version, points the package at it. A version that is taken gets the next free
/// patch. The package goes to the flow's tenant (own content: the caller's). Further versions, also of a
/// deleted package, come from the author or an admin: anybody else is forbidden, with the same answer whether
/// he sees the package or not. Concurrent publishes of a package wait for each other.
scai::Result<Published> publish(scai::db::Tx& tx, const flows::Caller& caller, const Draft& draft);

/// Author, tenant_admin, super_admin; forbidden for others who see it. A super_admin names another tenant's
/// package by Ref::tenant_id always: a retried call must not hit somebody else's package of the same name.
scai::Result<Listing> change_visibility(scai::db::Tx& tx, const flows::Caller& caller, const Ref& ref,
                                        const Visibility& visibility);
/// The same people. The versions stay; publishing the id again brings the package back.
scai::Status delete_package(scai::db::Tx& tx, const flows::Caller& caller, const Ref& ref);

} // namespace scaiflow::catalog
