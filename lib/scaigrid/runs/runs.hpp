// Runs of a Core: the module interpreted block by block (lib/scir). All a call to the world answered is
// stored before the run goes on, so a run that was suspended at a checkpoint, or whose process was killed,
// continues by running again with the answers it has (contract scaigrid.md 4.5, 5.2).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/web/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaigrid {
struct Context;
} // namespace scaigrid

namespace scaigrid::runs {

struct Invocation {
    std::string core_id;
    std::string trigger; ///< name of the trigger, "" for the first
    scai::json::Value input;
    std::string instance_key;
    std::string caused_by; ///< user id, key id, "schedule"
};

/// One answer of an invoke (contract scaigrid.md 4.5): {execution_id, status COMPLETED|SUSPENDED|FAILED,
/// output, checkpoint_id, duration_ms, error?}.
/// not_found: no such Core in the tenant; conflict: its state takes no call; unprocessable: bad input.
scai::Result<scai::json::Value> invoke(Context& context, const std::string& tenant_id,
                                       const Invocation& invocation);

/// Settles a pending checkpoint and lets the run go on; the checkpoint's row afterwards. not_found; conflict
/// "CHECKPOINT_NOT_PENDING"; unprocessable when the resolution is none of the block's options.
scai::Result<scai::json::Value> resolve(Context& context, const std::string& tenant_id,
                                        const std::string& checkpoint_id, const scai::json::Value& resolution,
                                        const std::string& resolved_by);

} // namespace scaigrid::runs
