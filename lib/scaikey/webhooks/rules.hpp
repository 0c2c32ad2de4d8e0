// Webhooks as they go over the wire: signature, envelope, ladder of retries, event names. Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scaikey::webhooks {

struct Event {
    std::string id, type, timestamp; ///< timestamp RFC 3339
    std::string tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id; ///< "" = none
    scai::json::Value data;
};

/// Compact, members sorted (contract scaikey.md 14.2, 14.3). tenant_id and partner_id are left out when
/// empty.
std::string body_of(const Event& event);

/// "t=<unix>,v1=<hex>": HMAC-SHA256 over "<unix>." + body; one v1 per secret, so a rotation overlaps.
std::string signature(std::int64_t unix_seconds, std::string_view body,
                      const std::vector<std::string>& secrets);

/// Pause after failed attempt number `attempt` (from 1): 30 s, 2 min, 10 min, 30 min, 2 h; nothing = given
/// up.
std::optional<std::chrono::seconds> retry_after(int attempt);

std::span<const std::string_view> event_types(); ///< what GET /v1/admin/webhooks/events lists
/// "*", "<family>.*" of a known family, or a known name.
bool valid_pattern(std::string_view pattern);
/// Absolute http(s) URL with a host, without credentials or fragment.
bool valid_url(std::string_view url);

} // namespace scaikey::webhooks
