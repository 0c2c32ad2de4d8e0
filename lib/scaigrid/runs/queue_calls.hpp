// Calls of a run to ScaiQueue, in the transaction that stores their answer. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaigrid/checkpoints/model.hpp"
#include "lib/scaigrid/runs/plugins.hpp"

namespace scaigrid::runs {

/// scaiqueue.publish, .escalate, .consume; the last gives an empty list when nothing waits.
scai::scir::Outcome queue_call(scai::db::Tx& tx, const PluginCall& call);
/// How long a consume waits for a message; zero for other calls.
std::chrono::milliseconds queue_wait(const PluginCall& call);

/// The hitl_request message of a checkpoint with hitl_target; correlation_id is the checkpoint. The message's
/// id.
scai::Result<std::string> publish_review(scai::db::Tx& tx, const Execution& execution,
                                         const checkpoints::Checkpoint& checkpoint);

} // namespace scaigrid::runs
