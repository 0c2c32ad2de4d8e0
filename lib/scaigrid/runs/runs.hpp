// Runs of a Core: the module interpreted block by block (lib/scir). All a call to the world answered is
// stored before the run goes on, so a run that was suspended at a checkpoint, or whose process was killed,
// continues by running again with the answers it has (contract scaigrid.md 4.5, 5.2). Who works at a run
// holds a lease on it; a lease that ran out is taken up by scaigrid-job-run. Calls that need the database
// only (queues) happen once; those over the network may come twice when the process dies before their answer
// is stored. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaigrid/cores/model.hpp"
#include "lib/scaigrid/runs/model.hpp"
#include "lib/web/http.hpp"

#include <functional>
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
    std::string caused_by;                       ///< user id, key id, "schedule"
    std::string flow_name = {};                  ///< "" or the name of the module's flow
    std::optional<std::string> request_key = {}; ///< the same call once more is the same run
};

/// One answer of an invoke (contract scaigrid.md 4.5): {execution_id, status
/// COMPLETED|SUSPENDED|FAILED|RUNNING, output, checkpoint_id, duration_ms, error?}. RUNNING: it takes longer
/// than SCAIGRID_INVOKE_WAIT_SECONDS and goes on in scaigrid-job-run.
/// not_found: no such Core in the tenant; conflict: its state takes no call (CORE_NOT_RUNNING), or another
/// run holds the instance for too long (INSTANCE_BUSY); unprocessable: bad input.
scai::Result<scai::json::Value> invoke(Context& context, const std::string& tenant_id,
                                       const Invocation& invocation);
scai::Result<State> invoke_state(Context& context, const std::string& tenant_id,
                                 const Invocation& invocation);

/// Written down and left to scaigrid-job-run; the execution's id. Same errors.
scai::Result<std::string> accept(Context& context, const std::string& tenant_id,
                                 const Invocation& invocation);

/// Settles a pending checkpoint and lets the run go on; the checkpoint's row afterwards. not_found; conflict
/// "CHECKPOINT_NOT_PENDING"; unprocessable when the resolution is none of the block's options.
scai::Result<scai::json::Value> resolve(Context& context, const std::string& tenant_id,
                                        const std::string& checkpoint_id, const scai::json::Value& resolution,
                                        const std::string& resolved_by);
/// The block fails with checkpoint_cancelled. Same errors.
scai::Result<scai::json::Value> cancel(Context& context, const std::string& tenant_id,
                                       const std::string& checkpoint_id, const std::string& by);
scai::Result<scai::json::Value> reassign(Context& context, const std::string& tenant_id,
                                         const std::string& checkpoint_id, const std::string& assignee);

/// Of a checkpoint whose time ran out: escalated when it is to be and was not yet, else expired, and its
/// block sees a timeout. What was done: "escalated", "expired", "" when somebody was quicker.
std::string expire(Context& context, const std::string& tenant_id, const std::string& checkpoint_id);

/// Takes a run up that nobody works at, and the run that called it when that waited for it. False: there was
/// nothing to take.
bool take_up(Context& context, const std::string& tenant_id, const std::string& execution_id);

// What the parts of this folder share.

/// A run of that Core, checked but not written.
scai::Result<Execution> prepare(Context& context, const std::string& tenant_id, const Invocation& invocation,
                                const cores::Runnable& core);
enum class Begun { begun, busy, known }; ///< known: by request_key, or as the same call of the same parent
/// Writes it and its first event. A run without lease token does not take its instance yet.
Begun begin(scai::db::Tx& tx, const Context& context, Execution& execution, const scai::json::Value& module);
struct Time {
    scai::UtcTime answer_by; ///< later calls to the world are left to the job
    std::chrono::milliseconds longest;
};
/// Runs it as far as it goes and settles it.
State go_on(Context& context, Execution& execution, const Module& module, Answers answers,
            const std::string& checkpoint_mode, const Time& time);

} // namespace scaigrid::runs
