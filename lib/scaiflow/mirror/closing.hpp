// How a sweep ends: tenants that a complete list no longer names are removed, then the roles are reconciled.
// Private to lib/scaiflow/mirror. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/mirror/store.hpp"
#include "lib/scaiflow/mirror/sweep.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaiflow::mirror {

/// What the last transactions of a run say. Returned by value, so that a replayed one starts from nothing.
struct Closing {
    Counters removed;
    std::optional<Breaker> breaker;
    std::vector<scai::directory::Message> messages;
    std::optional<roles::Reconciled> roles;
};

/// Under the mirror locks of the tenants in question, and under the breaker.
void remove_missing(scai::db::Tx& tx, const store::RunRow& run,
                    const scai::directory::Directory::Tenants& listed, const Limits& limits,
                    Closing& closing);

/// Roles have a lock of their own, taken before anything is written.
void reconcile_roles(scai::db::Tx& tx, const store::RunRow& run, const std::string& run_id,
                     const roles::SuperAdminGroups& groups, Closing& closing);

/// Grants follow users that moved to another tenant; a message for each.
std::vector<scai::directory::Message> let_grants_follow(scai::db::Tx& tx, const store::RunRow& run,
                                                        const std::string& run_id);

/// Adds what the end of the run did to its result.
void report(const Closing& closing, SweepResult& result);

void sum(Counters& total, const Counters& part);

} // namespace scaiflow::mirror
