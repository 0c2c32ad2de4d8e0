// Webhooks as the tables hold them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/events/rules.hpp"
#include "lib/scaivault/seal/keyring.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scaivault::webhooks {

struct Webhook {
    std::string id, name, url;
    std::vector<std::string> events;
    scaivault::events::Filter filter;
    bool enabled = true;
    std::string disabled_reason; ///< "" = not switched off by failing
    std::int64_t consecutive_failures = 0;
    std::string created_at, updated_at;
    std::string previous_until; ///< "" = one secret signs
};

/// A signing secret as it is kept; `number` is what the ciphertext is bound to.
struct SealedSecret {
    std::int64_t number = 0;
    seal::Sealed sealed;
};

struct Statistics {
    std::int64_t deliveries_24h = 0;
    std::optional<double> success_rate_24h; ///< of the attempts; none without any
    std::optional<std::int64_t> avg_latency_ms;
};

struct Delivery {
    std::string id, event_id, event_type, at, status;
    std::int64_t seq = 0, attempts = 0;
    std::optional<int> response_code;
    std::optional<std::int64_t> duration_ms;
    std::string error, next_attempt_at; ///< "" = none
};

struct Details {
    Webhook webhook;
    Statistics statistics;
    std::optional<Delivery> last;
};

/// A delivery that is this process's to attempt.
struct Claim {
    std::string tenant_id, partner_id, delivery_id, webhook_id, url;
    int attempt = 0, rung = 0;
    bool is_test = false;
    std::vector<SealedSecret> secrets; ///< newest first
    scaivault::events::Row event;
};

/// What a delivery became by an attempt.
struct Settlement {
    std::string tenant_id, delivery_id;
    int attempt = 0;
    std::int64_t duration_ms = 0;
    int response_code = 0;  ///< 0 = none
    std::string error;      ///< "" = success
    std::string status;     ///< success, failed, pending
    std::int64_t pause = 0; ///< seconds to the next attempt of a pending one
};

} // namespace scaivault::webhooks
