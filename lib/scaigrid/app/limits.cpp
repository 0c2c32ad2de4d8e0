// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/limits.hpp"

#include <algorithm>

namespace scaigrid {

namespace {
constexpr std::size_t most_windows = 20'000;
} // namespace

/// Drops what is older than the window. A clock that stepped back counts on in the newest second.
void Limits::Window::advance(std::int64_t now) {
    if (now <= newest)
        return;
    const auto passed = std::min<std::int64_t>(now - newest, seconds);
    for (std::int64_t i = 1; i <= passed; ++i) {
        auto& slot = counts[static_cast<std::size_t>(newest + i) % seconds];
        total -= slot;
        slot = 0;
    }
    if (now - newest > static_cast<std::int64_t>(seconds)) {
        counts.fill(0);
        total = 0;
    }
    newest = now;
}

/// Seconds until `surplus` of the counted requests have left the window.
std::int64_t Limits::Window::wait_for(std::int64_t surplus, std::int64_t now) const {
    std::int64_t left = surplus;
    for (std::int64_t age = seconds - 1; age >= 0; --age) {
        left -= counts[static_cast<std::size_t>(newest - age) % seconds];
        if (left <= 0)
            return std::max<std::int64_t>(1, newest - age + static_cast<std::int64_t>(seconds) - now);
    }
    return seconds;
}

void Limits::forget_idle(std::int64_t now) {
    std::erase_if(windows_, [&](const auto& entry) {
        return entry.second.newest + static_cast<std::int64_t>(seconds) < now;
    });
}

LimitState Limits::take(const std::vector<LimitedBy>& windows, std::int64_t now) {
    LimitState out;
    out.reset_at = now + static_cast<std::int64_t>(seconds);
    const std::lock_guard lock(mutex_);
    if (windows_.size() > most_windows)
        forget_idle(now);
    std::vector<Window*> counted;
    for (const auto& by : windows) {
        if (by.limit <= 0)
            continue;
        auto& window = windows_[by.identity];
        window.advance(now);
        counted.push_back(&window);
        const auto remaining = std::max<std::int64_t>(0, by.limit - window.total - 1);
        if (window.total >= by.limit) {
            out.allowed = false;
            out.retry_after = std::max(out.retry_after, window.wait_for(window.total - by.limit + 1, now));
        }
        if (remaining < out.remaining || out.limit == LimitState::unlimited) {
            out.limit = by.limit;
            out.remaining = remaining;
        }
    }
    if (out.allowed)
        for (auto* window : counted) {
            ++window->counts[static_cast<std::size_t>(window->newest) % seconds];
            ++window->total;
        }
    return out;
}

} // namespace scaigrid
