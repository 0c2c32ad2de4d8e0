// What a rotation policy may say, and what is to be done when (contract scaivault.md 1.4, 4.1). Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/rotation/model.hpp"

#include <string_view>

namespace scaivault::rotation {

/// A whole policy, or changes on `base`. 422 naming every bad member; 400 invalid_duration for a duration.
scai::Result<Policy> parse_policy(const scai::json::Value& body, const Policy* base);
scai::json::Value to_json(const Policy& policy);
scai::json::Value to_json(const Assignment& assignment);
scai::json::Value to_json(const HistoryItem& item);
scai::json::Value to_json(const DueItem& item);

enum class Action { nothing, warn, rotate, ask, remind };
struct Step {
    Action action = Action::nothing;
    std::int64_t threshold = 0; ///< of warn, in seconds
    scai::UtcTime look_at;      ///< when there is something to do again, once the action is done
};
/// Thresholds are announced once each; of several that passed unseen only the smallest.
Step next_step(const Schedule& schedule, scai::UtcTime now);

/// A value that comes during a due rotation closes it: from the first warning on.
bool closes(const Schedule& schedule, scai::UtcTime now);

/// Pause after the `failures`-th failure in a row: 5 min, 15 min, 1 h, then 6 h.
std::chrono::seconds retry_after(int failures);

/// "3d" for a threshold as the policy writes it.
std::string threshold_text(const Policy& policy, std::int64_t seconds);

/// The members of `base` with those of `over` in their place; both are texts of JSON objects.
scai::SecretText merged(std::string_view base, std::string_view over);
/// Name of the only member; "value" when there are more, or none.
std::string only_member(std::string_view object);

} // namespace scaivault::rotation
