// One tenant of a sweep: walk it into staging, then apply the difference in one transaction.
// Private to lib/scaiflow/mirror. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/mirror/shared.hpp"
#include "lib/scaiflow/mirror/store.hpp"
#include "lib/scaiflow/mirror/sweep.hpp"

#include <string>
#include <vector>

namespace scaiflow::mirror {

/// The walk stopped because the run must end, or another run has taken over.
struct Stopped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Walks and stages. A tenant that could not be walked comes back with report.failed set.
/// Throws scai::db::Error when the database is lost.
store::Walk stage_tenant(scai::db::Pool& pool, Source& source, const scai::directory::Tenant& tenant);

/// What a tenant's transaction did. Returned by value, so that a replayed transaction starts from nothing.
struct Applied {
    TenantResult result;
    store::Listed listed;
};

/// The result of a tenant that was not touched.
TenantResult untouched(const store::Walk& walk, std::string why);

/// Inside one transaction with all-tenants scope: compare, judge, apply, list the changes.
Applied apply_walk(scai::db::Tx& tx, const store::Walk& walk, const store::RunRow& run,
                   const SweepOptions& options, const Limits& limits, const store::Listed& listed);

} // namespace scaiflow::mirror
