// From the outbox to the receivers: events are spread over the webhooks that want them, then each delivery is
// claimed, sent signed and settled. At least once: a claim is a lease, so what a killed process had in hand
// is due again when it runs out; several processes and hosts share the work by SKIP LOCKED.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/policies/evaluator.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/webhooks/wire.hpp"
#include "lib/webhook/webhook.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace scaivault::webhooks {

struct DeliverSettings {
    int parallel = 16; ///< requests in flight
    int batch = 128;   ///< deliveries claimed at a time
    std::chrono::seconds timeout = delivery_timeout;
    bool allow_private = false;
    std::vector<std::string> resolve = {}; ///< as in scai::http::Request
};

struct DeliverCounters {
    std::int64_t events = 0, deliveries = 0; ///< spread
    std::int64_t attempts = 0, succeeded = 0, failed = 0, given_up = 0, put_back = 0, disabled = 0;
    scai::json::Value json() const;
};

/// One process's work; keeps its connections between calls.
class Deliverer {
public:
    Deliverer(scai::db::Pool& pool, seal::Keyring& keyring, policies::Evaluator& evaluator,
              const scai::Clock& clock, DeliverSettings settings);
    /// Until nothing is due or `should_stop`.
    void run(const std::function<bool()>& should_stop);
    const DeliverCounters& counters() const { return counters_; }

private:
    bool spread();
    bool deliver(const std::function<bool()>& should_stop);
    void finish(const Claim& claim, const scai::webhook::Outcome& outcome);
    void flush(bool all);

    scai::db::Pool& pool_;
    seal::Keyring& keyring_;
    policies::Evaluator& evaluator_;
    const scai::Clock& clock_;
    const DeliverSettings settings_;
    std::unique_ptr<scai::http::Fleet> fleet_;
    DeliverCounters counters_;
    struct Finished {
        Settlement settlement;
        const Claim* claim;
    };
    std::vector<Finished> finished_;
    std::chrono::steady_clock::time_point flushed_at_{};
};

/// The request of a claim; encryption_unavailable when its secrets cannot be opened now.
scai::Result<scai::http::Request> request_of(seal::Keyring& keyring, const Claim& claim, scai::UtcTime now,
                                             const DeliverSettings& settings);
/// What an attempt makes of its delivery.
Settlement settlement_of(const Claim& claim, const scai::webhook::Outcome& outcome);

/// Removes events older than `days` with their deliveries and buffers; bounded per call.
std::int64_t purge(scai::db::Pool& pool, std::int64_t days);

} // namespace scaivault::webhooks
