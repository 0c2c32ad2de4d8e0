// Tree-walking interpreter of a verified module. Deterministic: all that touches the world goes through Host,
// in an order that the module and the host's answers alone decide (parallel branches run one after the other,
// in order). A host that answers `suspended` stops the run; running again with the answers given so far (each
// call has a path that is the same in every run) continues it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/json/value.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace scai::scir {

enum class EffectKind { llm, plugin, checkpoint, core_call };

/// A call to the world, templates rendered.
struct Effect {
    EffectKind kind;
    std::string node_id;
    std::string path;    ///< unique and stable in a run: "node_loop[2]/node_ask"
    json::Value request; ///< llm: {block_kind, role, models [entry, fallbacks...], goal, input, context,
                         ///< output_type, ...}; plugin: {plugin, method, args, timeout_s?}; checkpoint,
                         ///< core_call: the block's rendered keys
};

struct Outcome {
    enum class Kind { value, failed, suspended } kind = Kind::value;
    json::Value value;
    std::string code, message; ///< of a failure: "llm_failed", "plugin_failed", "timeout", ...
};

/// What the runtime reports (contract 6.1): block entered/exited/failed; names without the
/// "scaicore.runtime." prefix.
struct Event {
    std::string type; ///< "block.entered", "block.exited", "block.failed"; "emit": an author's own event
    std::string node_id, block_kind, path;
    std::string result_binding;
    json::Value value;   ///< of block.exited; payload of an emit
    std::string message; ///< why a block failed; name of what is emitted
};

class Host {
public:
    virtual ~Host() = default;
    virtual Outcome call(const Effect& effect) = 0;
    virtual void event(const Event& event) = 0;
};

struct RunLimits {
    std::int64_t max_steps = 100'000; ///< blocks and loop rounds entered
    std::chrono::milliseconds max_duration{10'000};
    std::size_t max_scope_bytes = 16U << 20U;
};

struct RunResult {
    enum class Status { completed, failed, suspended } status = Status::completed;
    json::Value output;               ///< value of the last block that ran
    json::Value scope;                ///< variables and result bindings at the end
    std::vector<std::string> visited; ///< node ids in order of entry, synthetic blocks left out
    std::int64_t steps = 0;
    std::string error_code, error_message,
        error_node_id; ///< "guard_failed", "validation_failed", "max_iterations",
                       ///< "step_budget", "time_limit", "expression", host's own
};

/// `trigger` is the name of the trigger, "" for the first.
RunResult run(const json::Value& module, const std::string& trigger, const json::Value& input, Host& host,
              const RunLimits& limits, const Clock& clock);

} // namespace scai::scir
