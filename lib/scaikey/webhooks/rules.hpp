// Webhooks as they go over the wire: signature, envelope, event names. Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <cstdint>
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

std::span<const std::string_view> event_types(); ///< what GET /v1/admin/webhooks/events lists
/// "*", "<family>.*" of a known family, or a known name.
bool valid_pattern(std::string_view pattern);

} // namespace scaikey::webhooks
