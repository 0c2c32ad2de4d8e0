// Subscriptions: what endpoints do with them (contract scaivault.md 1.7). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/secret.hpp"
#include "lib/scaivault/policies/evaluator.hpp"
#include "lib/scaivault/subscriptions/store.hpp"

#include <chrono>
#include <functional>

namespace scaivault::subscriptions {

inline constexpr std::int64_t largest_buffer = 10'000;

struct Wanted {
    Subscription subscription;
    scai::SecretText secret; ///< of a webhook delivery; empty = keep
};
/// A whole one, or changes on `base`. 422 naming every bad member, 400 invalid_glob for a path.
scai::Result<Wanted> parse(const scai::json::Value& body, const Subscription* base, bool allow_private);
scai::json::Value to_json(const Subscription& subscription);

scai::Error subscription_not_found(std::string_view id);
/// Of the caller: to anybody else it is not there.
scai::Result<Subscription> find_own(scai::db::Pool& pool, const Caller& caller, std::string_view id);

/// Takes what has happened since the last look into the buffer; bounded per call, false = there may be more.
bool pull(scai::db::Pool& pool, policies::Evaluator& evaluator, const Caller& caller, std::string_view id);

struct Poll {
    std::chrono::milliseconds timeout{30000};
    std::string since_event_id;
    std::int64_t max_events = 100;
};
struct Polled {
    std::vector<scaivault::events::Row> events;
    bool has_more = false;
};
/// Waits until there is something or the time is over; holds no database session while it waits.
scai::Result<Polled> poll(scai::db::Pool& pool, policies::Evaluator& evaluator, const Caller& caller,
                          std::string_view id, const Poll& how, const std::function<bool()>& must_stop);

} // namespace scaivault::subscriptions
