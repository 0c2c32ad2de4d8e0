// Keeps a grid that hangs or is gone from holding everybody's threads: so many calls a tenant and grid may
// wait at once (bulkhead), and after some failures in a row nobody waits for a while (circuit breaker).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace scaiflow::grid {

/// Thread-safe; of one process. A circuit is named by what fails together: tenant and base URL.
class CircuitBreaker {
public:
    static constexpr int failures_to_open = 5; ///< in a row: no connection or no answer, not a refusal
    static constexpr std::chrono::seconds pause{5};

    /// At least one call of a circuit may wait.
    explicit CircuitBreaker(int most_waiting);

    /// One of the calls that may wait; left when destroyed.
    class Place {
    public:
        Place(Place&& other) noexcept;
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

    private:
        friend class CircuitBreaker;
        Place(CircuitBreaker& owner, std::string circuit);
        CircuitBreaker* owner_;
        std::string circuit_;
    };
    /// unavailable "scaigrid_busy" with Retry-After while all places are taken.
    scai::Result<Place> enter(const std::string& circuit);

    /// Nothing: call, then note() what came of it. Else the last failure with Retry-After. After the pause
    /// one caller goes first; the others go on waiting until he noted how it went, another pause at most.
    std::optional<scai::Error> refusal(const std::string& circuit, scai::UtcTime now);
    /// nullptr: the grid answered, whatever it said. timeout and upstream_unreachable count as failures.
    void note(const std::string& circuit, scai::UtcTime now, const scai::Error* failure);

private:
    struct State {
        int waiting = 0;
        int failures = 0;
        scai::UtcTime closed_until{}; ///< to callers, while failures >= failures_to_open
        scai::Error last;
    };
    void leave(const std::string& circuit) noexcept;
    void forget_if_quiet(const std::string& circuit);

    const int most_waiting_;
    std::mutex mutex_;
    std::unordered_map<std::string, State> circuits_; ///< none for those that nobody waits for and that work
};

} // namespace scaiflow::grid
