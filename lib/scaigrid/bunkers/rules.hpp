// What a bunker may be; values only. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/scaigrid/bunkers/model.hpp"

#include <functional>
#include <string_view>

namespace scaigrid::bunkers {

using May = std::function<bool(std::string_view permission)>;

/// unprocessable with every field that is wrong, INTERFACES_NOT_ALLOWED, TRANSIT_MISSING_INTERFACES.
scai::Result<Wanted> decode(const scai::json::Value& body);
/// forbidden LIFECYCLE_MODE_DENIED, NETWORK_PROFILE_DENIED: what the caller's permissions do not cover.
scai::Status check_permissions(const Wanted& wanted, const May& may);
/// rate_limited BUNKER_QUOTA_EXCEEDED naming the resource.
scai::Status check_quota(const Usage& usage, const Wanted& wanted);
/// A plain host name, or one leading "*." before one; labels of 1-63 characters.
bool is_allowlist_entry(std::string_view text);

} // namespace scaigrid::bunkers
