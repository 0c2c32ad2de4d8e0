// Job runner: advisory lock, run record in <schema>.job_runs, deadline, sysexits codes, human or --json
// output. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <variant>

namespace scai::job {

// sysexits.h, plus 75 = another run holds the lock (design.md section 3).
inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;
inline constexpr int exit_usage = 64;
inline constexpr int exit_breaker = 65;
inline constexpr int exit_unavailable = 69;
inline constexpr int exit_software = 70;
inline constexpr int exit_locked = 75;
inline constexpr int exit_config = 78;

struct Spec {
    std::string product; ///< schema: "scaiflow"
    std::string name;    ///< "sync"; lock and job_runs key
    std::chrono::seconds deadline{3600};
};

struct Outcome {
    int exit_code = exit_ok;
    std::string outcome = "done"; ///< done, skipped, partial, breaker, unavailable, failed
    json::Value counters = json::Value::object();
    std::string error; ///< public text
};

/// Held lock + run row. Lets long work ask whether it must stop.
class Run {
public:
    virtual ~Run() = default;
    virtual const std::string& id() const = 0; ///< "run_..."
    virtual bool must_stop() = 0; ///< deadline passed, SIGTERM came, or the lock's connection died
};

struct Locked {
    std::string holder; ///< "pid 4711 on host web1 since 2026-..Z (run_...)"
};

/// Runs `work` under the lock. Returns the outcome, or Locked when somebody else runs. An exception from
/// `work` is recorded as failed (text without database messages) and becomes exit_software /
/// exit_unavailable. A run row left open by a killed process is closed as "killed" by the next run.
std::variant<Outcome, Locked> run(db::Pool& pool, const Spec& spec, const Clock& clock,
                                  std::string_view trigger, const std::function<Outcome(Run&)>& work);

} // namespace scai::job
