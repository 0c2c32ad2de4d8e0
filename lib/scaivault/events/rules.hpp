// What events there are, who wants which, and how one goes over the wire (contract scaivault.md 4.3). Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/decode.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::events {

std::span<const std::string_view> types();
/// "*", "<family>.*" of a known family, or a known name.
bool valid_pattern(std::string_view pattern);
bool wanted(const std::vector<std::string>& patterns, std::string_view type);

/// An event as it is stored.
struct Row {
    std::string owner; ///< tenant id, or "partner/<id>"
    std::string txid;
    std::int64_t seq = 0;
    std::string event_id, type, at; ///< at: RFC 3339 with microseconds
    std::string partner_id, identity_id, path, secret_type;
    std::vector<std::string> tags;
    std::string data; ///< text of a JSON object
    std::string request_id, only_webhook;
};

/// Members an event must have; empty ones are not asked for.
struct Filter {
    std::string path_prefix; ///< plain string prefix
    std::string secret_type;
    std::vector<std::string> tags; ///< all of them
};
bool passes(const Filter& filter, const Row& event);

/// The envelope, for webhooks and subscriptions alike. What belongs to a partner has no tenant.
std::string body_of(const Row& event);

/// `events` of a request body: 1 to 100 patterns.
std::vector<std::string> read_patterns(scai::json::Fields& fields, bool required);
/// `filters` of a request body; null = no filters. Nothing when it is not there.
std::optional<Filter> read_filter(const scai::json::Value& body, scai::json::Fields& fields);
scai::json::Value to_json(const Filter& filter);
/// 422 with paths as in the body: "filters.tags". Nothing without errors.
std::optional<scai::Error> refusal(const scai::json::Fields& fields);

} // namespace scaivault::events
