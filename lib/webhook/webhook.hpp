// What every sender of webhooks shares: signatures, the ladder of retries, what a receiver's URL may be, and
// sending many at once. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/http/client.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scai::webhook {

/// Pause after failed attempt number `attempt` (from 1): 30 s, 2 min, 10 min, 30 min, 2 h; nothing = given
/// up.
std::optional<std::chrono::seconds> retry_after(int attempt);

/// Absolute http(s) URL with a host, without credentials or fragment.
bool valid_url(std::string_view url);

/// Lower-case hex of HMAC-SHA256 over "<unix>." + body.
std::string timestamped_hmac(std::string_view secret, std::int64_t unix_seconds, std::string_view body);

/// Standard Webhooks 1.0: "v1,<base64>" of HMAC-SHA256 over "<id>.<unix>." + body. The key is what follows
/// "whsec_" in base64, else the secret's bytes as they are.
std::string standard_signature(std::string_view secret, std::string_view id, std::int64_t unix_seconds,
                               std::string_view body);

/// What came of one attempt.
struct Outcome {
    std::optional<int> status;
    std::string error; ///< "" = 2xx; "HTTP 500", or why no answer came, in words
    std::chrono::milliseconds took{0};
    bool ok() const { return error.empty(); }
};
Outcome outcome_of(const Result<http::Response>& answer, std::chrono::milliseconds took);

/// A POST of `body` with the limits of a webhook: the answer's body is not used.
http::Request post(std::string url, std::string body, std::chrono::milliseconds timeout);

/// Adds the request to `fleet`; `done` runs inside fleet.run().
void send(http::Fleet& fleet, http::Request request, std::function<void(const Outcome&)> done);

} // namespace scai::webhook
