// Is this ScaiVault able to work (contract scaivault.md 1.14). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"

#include <memory>
#include <string>

namespace scaivault::health {

struct Readiness {
    bool ready = false;
    scai::json::Value report; ///< of GET /v1/health/ready
};
/// Reachability only: database, the KMS, and Redis when REDIS_URL is set.
Readiness check_readiness(Context& context);
/// Of GET /v1/health/detailed.
scai::json::Value detailed(Context& context);

/// Gauges of the database as Prometheus text; nothing while it is out of reach.
std::string gauges(Context& context);

} // namespace scaivault::health
