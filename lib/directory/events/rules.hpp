// Rules of the webhook receiver, as pure functions: is it signed, what does it say, does it move the mirror.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/directory/events/model.hpp"
#include "lib/json/value.hpp"

#include <chrono>
#include <string_view>

namespace scai::directory::events {

struct SignedRequest {
    std::string_view signature; ///< X-ScaiKey-Signature: t=<unix>,v1=<hex>[,v1=<hex>...]
    std::string_view timestamp; ///< X-ScaiKey-Timestamp, must agree with t
    std::string_view body;      ///< raw bytes
};

/// contract scaikey.md 14.2. `secrets` is a comma list (old and new during a change); "" is the caller's 503.
/// bad_request says which part is missing or wrong. Every secret and every v1 is tried, in constant time.
scai::Status check_signature(std::string_view secrets, const SignedRequest& request, scai::UtcTime now,
                             std::chrono::seconds window);

/// Both envelopes (contract scaikey.md 14.3). The headers serve only where the body is silent. bad_request
/// when the body is no object; a known type without ids is a valid event that is not `identified`.
scai::Result<Event> parse_event(const scai::json::Value& body, std::string_view raw_body,
                                std::string_view id_header, std::string_view type_header);

/// Start of the last complete sweep of the tenant: what is older is in the mirror already.
struct Watermark {
    std::optional<scai::UtcTime> swept_at = {};
    /// Clocks differ, and a sweep reads for a while: an event this close before swept_at that says something
    /// else than the mirror is not applied, but asks for a sweep.
    std::chrono::seconds doubt{120};
};

/// Applies `patch` of time `at` to the row `before` (nullopt: not in the mirror). Never moves it backwards:
/// older than the row's upstream_at or the watermark changes nothing. Equal times are settled the same way in
/// any order (gone beats there, inactive beats active, then the greater text) and ask for a sweep when they
/// disagree.
Decision decide(const std::optional<Row>& before, const Patch& patch, scai::UtcTime at,
                const Watermark& watermark);

/// The event's time, held back to at most `window` after now: a wrong clock upstream must not freeze a row.
scai::UtcTime clamp(scai::UtcTime at, scai::UtcTime now, std::chrono::seconds window);

} // namespace scai::directory::events
