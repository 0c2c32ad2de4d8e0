// What a trust may say, and whether a token meets it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/trust/model.hpp"

#include <optional>
#include <string_view>

namespace scaivault::trust {

/// Every wrong field at once (validation_error). `http_allowed`: issuer and jwks_url may be plain http.
scai::Result<Trust> parse_trust(const scai::json::Value& body, bool http_allowed);
scai::json::Value to_json(const Trust& trust);

/// Why a token does not meet the trust: "aud", "exp", "nbf", "iat", "sub" or the claim's name; nullopt when
/// it does. Its signature is somebody else's matter. A claim that is a list is met when one of its items is.
std::optional<std::string> unmet(const Trust& trust, const scai::json::Value& claims, scai::UtcTime now);

} // namespace scaivault::trust
