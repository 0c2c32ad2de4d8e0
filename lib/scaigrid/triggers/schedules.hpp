// Schedules of Cores, fired by scaigrid-job-run. A due time is fired once however many hosts look, because
// the schedule moves on in the transaction that writes the run down. When nobody looked for a while, one late
// run stands for all times that were missed. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/cores/model.hpp"

namespace scaigrid::triggers {

/// Takes over what Cores created, replaced or deleted since say; how many Cores changed.
std::int64_t refresh_schedules(Context& context);

struct Fired {
    std::int64_t fired = 0;
    std::int64_t passed = 0; ///< the Core takes no calls at the moment, or is gone
};
/// Writes a run down for every schedule that is due; scaigrid-job-run takes it up like any other.
Fired fire_schedules(Context& context);

} // namespace scaigrid::triggers
