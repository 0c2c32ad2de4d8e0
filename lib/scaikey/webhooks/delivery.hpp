// Delivering: claim what is due, send it signed, write down what came of it. At least once: a claim is a
// lease, so what a killed process had in hand is due again when it runs out; several deliverers share the
// work by SKIP LOCKED. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace scaikey::webhooks {

struct DeliverSettings {
    int parallel = 8; ///< requests in flight
    int batch = 64;   ///< deliveries claimed at a time
    std::chrono::seconds timeout{10};
};

struct DeliverCounters {
    std::int64_t attempts = 0, delivered = 0, failed = 0, given_up = 0;
    scai::json::Value json() const;
};

/// Until nothing is due or `should_stop`.
DeliverCounters deliver_due(scai::db::Pool& pool, const scai::Clock& clock, const DeliverSettings& settings,
                            const std::function<bool()>& should_stop);

struct Backlog {
    std::int64_t due = 0, pending = 0;
};
Backlog backlog(scai::db::Pool& pool);

/// Removes events older than `days` that have nothing pending, with their deliveries; at most 10,000 a call.
std::int64_t purge_events(scai::db::Pool& pool, std::int64_t days);

} // namespace scaikey::webhooks
