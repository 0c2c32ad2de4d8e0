// Messages of ScaiQueue (contract scaigrid.md 6.4). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace scaigrid::queues {

/// What a publisher gives. `scope` and `queue` are ids or slugs.
struct Publication {
    std::string scope, queue;
    std::string message_type;
    scai::json::Value body;
    std::map<std::string, std::string> labels;
    std::string priority_tier = "normal"; ///< critical, high, normal, low, background
    std::optional<std::string> correlation_id, causation_id, idempotency_key;
    std::optional<std::int64_t> ttl_seconds, delay_seconds;
    scai::json::Value hitl_spec;
    std::string source_type = "api", source_id;
};

/// In the caller's transaction (scope of the tenant); the message's id. Same idempotency key and body: the id
/// of the first. not_found "NOT_FOUND"; conflict SCAIQUEUE_SCOPE_PAUSED, SCAIQUEUE_QUEUE_PAUSED,
/// SCAIQUEUE_IDEMPOTENCY_CONFLICT; rate_limited SCAIQUEUE_QUEUE_FULL.
scai::Result<std::string> publish(scai::db::Tx& tx, std::string_view tenant_id, const Publication& message);

} // namespace scaigrid::queues
