// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/circuit_breaker.hpp"

#include "lib/log/log.hpp"

#include <algorithm>
#include <utility>

namespace scaiflow::grid {

using scai::Error;
using scai::ErrorKind;

namespace {

constexpr std::size_t most_failing = 10000;

bool counts(const Error& failure) {
    return failure.code == "upstream_timeout" || failure.code == "upstream_unreachable";
}

} // namespace

CircuitBreaker::CircuitBreaker(int most_waiting) : most_waiting_(std::max(1, most_waiting)) {}

CircuitBreaker::Place::Place(CircuitBreaker& owner, std::string circuit)
    : owner_(&owner), circuit_(std::move(circuit)) {}
CircuitBreaker::Place::Place(Place&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), circuit_(std::move(other.circuit_)) {}
CircuitBreaker::Place::~Place() {
    if (owner_ != nullptr)
        owner_->leave(circuit_);
}

scai::Result<CircuitBreaker::Place> CircuitBreaker::enter(const std::string& circuit) {
    const std::lock_guard lock(mutex_);
    auto& state = circuits_[circuit];
    if (state.waiting >= most_waiting_)
        return Error{.kind = ErrorKind::unavailable,
                     .code = "scaigrid_busy",
                     .message = std::to_string(state.waiting) +
                                " calls of your tenant wait for ScaiGrid already; try again when one is done",
                     .retry_after_seconds = 1};
    ++state.waiting;
    return Place(*this, circuit);
}

void CircuitBreaker::leave(const std::string& circuit) noexcept {
    const std::lock_guard lock(mutex_);
    const auto found = circuits_.find(circuit);
    if (found == circuits_.end())
        return;
    --found->second.waiting;
    forget_if_quiet(circuit);
}

void CircuitBreaker::forget_if_quiet(const std::string& circuit) {
    const auto found = circuits_.find(circuit);
    if (found != circuits_.end() && found->second.waiting == 0 &&
        (found->second.failures == 0 || circuits_.size() > most_failing))
        circuits_.erase(found);
}

std::optional<Error> CircuitBreaker::refusal(const std::string& circuit, scai::UtcTime now) {
    const std::lock_guard lock(mutex_);
    const auto found = circuits_.find(circuit);
    if (found == circuits_.end() || found->second.failures < failures_to_open)
        return std::nullopt;
    State& state = found->second;
    // A clock that was set back leaves nobody out for longer than a pause.
    if (now >= state.closed_until || state.closed_until - now > pause) {
        state.closed_until = now + pause;
        return std::nullopt;
    }
    const auto left = std::chrono::ceil<std::chrono::seconds>(state.closed_until - now).count();
    Error error = state.last;
    error.message += " (the last " + std::to_string(state.failures) + " calls failed; the next is made in " +
                     std::to_string(left) + " s)";
    error.retry_after_seconds = static_cast<int>(left);
    return error;
}

void CircuitBreaker::note(const std::string& circuit, scai::UtcTime now, const Error* failure) {
    const std::lock_guard lock(mutex_);
    if (failure == nullptr || !counts(*failure)) {
        const auto found = circuits_.find(circuit);
        if (found == circuits_.end())
            return;
        if (found->second.failures >= failures_to_open)
            scai::log::info("scaigrid_answers_again", {{"failures", found->second.failures}});
        found->second.failures = 0;
        forget_if_quiet(circuit);
        return;
    }
    State& state = circuits_[circuit];
    state.last = *failure;
    state.closed_until = now + pause;
    if (++state.failures == failures_to_open)
        scai::log::warn("scaigrid_does_not_answer",
                        {{"failures", state.failures}, {"what", failure->message}});
}

} // namespace scaiflow::grid
