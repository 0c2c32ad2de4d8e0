// A run as its row has it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/json/value.hpp"
#include "lib/scir/interpreter.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scaigrid::runs {

using Module = std::shared_ptr<const scai::json::Value>;
using Answers = std::map<std::string, scai::scir::Outcome, std::less<>>; ///< by path

struct Execution {
    std::string tenant_id, id, core_id;
    std::int64_t revision = 0;
    std::string trigger;
    scai::json::Value input;
    std::optional<std::string> instance_key;
    bool exclusive = false; ///< one run of the instance at a time
    std::string caused_by;
    std::optional<std::string> request_key;
    std::optional<std::string> parent_id, parent_path;
    std::vector<std::string> chain; ///< Cores above
    std::string lease_token;        ///< "" = nobody works at it
    int attempts = 0;
    std::int64_t events_reported = 0;
    scai::UtcTime started_at{};
};

/// How a run stands, for whoever asked for it.
struct State {
    std::string execution_id;
    std::string status; ///< running, suspended, completed, failed
    scai::json::Value output = {}, error = {};
    std::optional<std::string> checkpoint_id = {}; ///< what it waits for, also in a run it called
    std::int64_t duration_ms = 0;
};

/// {execution_id, status, output, checkpoint_id, duration_ms, error?} (contract scaigrid.md 4.5).
scai::json::Value to_json(const State& state);

struct Limits {
    std::chrono::milliseconds lease{30'000}; ///< a run whose process says nothing that long is taken up
    std::chrono::milliseconds answer_within{50'000}; ///< a call that takes longer goes on in the job
    std::chrono::milliseconds longest{600'000};      ///< of one go
    std::chrono::milliseconds instance_wait{10'000};
    std::chrono::milliseconds queue_wait{30'000}; ///< of one scaiqueue.consume, at most
    std::int64_t max_steps = 100'000;
    int max_attempts = 5;       ///< times taken up without an answer in between
    std::size_t max_depth = 8;  ///< of Cores calling Cores
    bool allow_private = false; ///< http plugins may reach addresses that are not public
};

} // namespace scaigrid::runs
