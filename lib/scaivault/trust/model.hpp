// Trust in the workload tokens of somebody else's issuer (contract scaivault.md 1.1, exchange).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace scaivault::trust {

/// Claims that must be there: each name with the globs of which one must match (`*` any run of characters,
/// `?` one). "repository_owner", "kubernetes.io.namespace" (a dot goes one level down).
using ClaimPatterns = std::map<std::string, std::vector<std::string>>;

struct Trust {
    std::string tenant_id, id, name;
    std::string issuer;   ///< exactly the `iss` of the tokens
    std::string jwks_url; ///< "" = by discovery at the issuer
    std::string audience; ///< must be in the token's `aud`
    ClaimPatterns claims;
    std::string identity; ///< "sa:deployer": who the holder becomes
    std::vector<std::string> scopes;
    std::vector<std::string> allowed_paths; ///< globs; empty = all that the policies allow
    std::chrono::seconds max_ttl{3600};
    bool is_active = true;
    scai::UtcTime created_at{};
    std::string created_by;
};

} // namespace scaivault::trust
