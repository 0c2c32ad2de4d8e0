// What the jobs do for runs. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <atomic>
#include <functional>

namespace scaigrid {
struct Context;
} // namespace scaigrid

namespace scaigrid::runs {

/// Schedules that are due, then runs nobody works at, several at a time.
class Background {
public:
    Background(Context& context, int parallel) : context_(context), parallel_(parallel) {}
    /// Once over all there is; ends early when `over` says so.
    void look(const std::function<bool()>& over);
    scai::json::Value counters() const; ///< {schedules, fired, passed, taken_up}

private:
    Context& context_;
    int parallel_;
    std::int64_t schedules_ = 0, fired_ = 0, passed_ = 0;
    std::atomic<std::int64_t> taken_ = 0;
};

/// {expired, escalated, events_pruned, runs_pruned, firings_pruned}
scai::json::Value expire_due(Context& context, const std::function<bool()>& over);

/// {runs, checkpoints}: what waits for the jobs at the moment.
scai::json::Value waiting_counters(scai::db::Pool& pool);

} // namespace scaigrid::runs
