// What a message of ScaiQueue is made of (contract scaigrid.md 6.4). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace scaigrid::queues {

/// Who does it, for the trail and as the holder of a claim.
struct Actor {
    std::string id;
    std::string type = "user"; ///< user, service, core
};

/// What a publisher gives.
struct Publication {
    std::string scope, queue;
    std::string message_type;
    scai::json::Value body;
    std::map<std::string, std::string> labels;
    std::string priority_tier = "normal"; ///< critical, high, normal, low, background
    std::optional<std::string> correlation_id, causation_id, idempotency_key;
    std::optional<std::int64_t> ttl_seconds, delay_seconds;
    /// {sections [...], timeout_s?, assignee?}, or {pattern, version?, parameters?} of a pattern of the
    /// scope.
    scai::json::Value hitl_spec;
    std::string source_type = "api", source_id; ///< "scaicore" and the Core's id for a message of a run
    std::int64_t priority_score = 500;          ///< 0-1000; higher comes first within its tier
    std::optional<std::string> parent_id;
    std::optional<std::string> deadline, delay_until; ///< RFC 3339
    std::string content_type = "application/json";
    Actor by = {"system", "core"};
};

} // namespace scaigrid::queues
