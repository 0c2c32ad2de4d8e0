// What a webhook may look like, and what is sent to it (contract scaivault.md 1.6, 4.4). Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/secret.hpp"
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/webhooks/model.hpp"

#include <chrono>

namespace scaivault::webhooks {

inline constexpr int failures_until_failing = 10;
inline constexpr int failures_until_disabled = 50; ///< in a row
inline constexpr std::chrono::seconds delivery_timeout{10};

struct New {
    std::string name, url;
    scai::SecretText secret;
    std::vector<std::string> events;
    scaivault::events::Filter filter;
    bool enabled = true;
};
/// `allow_private`: http:// and addresses that are not public may be named.
scai::Result<New> parse_new(const scai::json::Value& body, bool allow_private);

struct Changes {
    std::optional<std::string> name, url;
    scai::SecretText secret; ///< empty = keep
    std::chrono::seconds previous_ttl{24 * 3600};
    std::optional<std::vector<std::string>> events;
    std::optional<scaivault::events::Filter> filter;
    std::optional<bool> enabled;
};
/// 400 invalid_duration for previous_secret_ttl.
scai::Result<Changes> parse_changes(const scai::json::Value& body, bool allow_private);

/// "" or why a receiver's URL is refused.
std::string url_problem(std::string_view url, bool allow_private);

/// healthy, degraded (the last attempt failed), failing (ten in a row), disabled.
std::string_view status_of(const Webhook& webhook);

/// The headers of contract 4.4 and of Standard Webhooks 1.0. The first secret is the current one; while an
/// older one still counts, the old signature goes along in X-ScaiVault-Signature-Previous and as a second
/// entry of webhook-signature.
scai::http::Headers headers(const scaivault::events::Row& event, std::string_view body,
                            std::int64_t unix_seconds, const std::vector<scai::SecretText>& secrets);

} // namespace scaivault::webhooks
