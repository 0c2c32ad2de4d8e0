// Looking again and again within one run: cron starts a job every minute, --watch keeps it at work until the
// next one starts. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/job/job.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace scai::job {

struct Watch {
    std::int64_t every_seconds = 0; ///< 0: look once
    std::int64_t for_seconds = 0;   ///< 0: until told to stop

    /// "watch"; without --watch "manual" or "cron".
    std::string_view trigger() const;
};

using Over = std::function<bool()>;

/// Calls `look`, with --watch again and again, until it is over: the time of --for has passed or the run must
/// stop. `look` may ask in the middle.
void repeat(const Watch& watch, Run& run, const std::function<void(const Over&)>& look);

} // namespace scai::job
