// Who can: everybody a permission on a path comes to, by name, people behind groups too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/policies/evaluator.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaivault::policies {

struct Reached {
    std::string identity_type, identity; ///< canonical
    std::string shown, display_name, status;
    std::vector<Grantee> through; ///< identity is the group's where it comes through one
};
struct ReachPage {
    std::vector<Reached> reached; ///< ordered by canonical identity
    bool more = false;
};

/// Of the caller's tenant, by its own and its partner's policies; after the canonical identity `after`. Costs
/// what the bindings of matching policies and one page of people cost.
ReachPage who_can(Evaluator& evaluator, scai::db::Pool& pool, const Caller& caller, const std::string& path,
                  Permission permission, const std::string& after, std::size_t limit);

} // namespace scaivault::policies
