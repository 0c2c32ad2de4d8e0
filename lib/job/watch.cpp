// SPDX-License-Identifier: Apache-2.0
#include "lib/job/watch.hpp"

#include "lib/job/main.hpp"

#include <chrono>
#include <thread>

namespace scai::job {

std::string_view Watch::trigger() const {
    return every_seconds > 0 ? "watch" : job::trigger();
}

void repeat(const Watch& watch, Run& run, const std::function<void(const Over&)>& look) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds step(100); // SIGTERM ends a pause that soon
    const auto end = Clock::now() + std::chrono::seconds(watch.for_seconds);
    const Over over = [&] { return run.must_stop() || (watch.for_seconds > 0 && Clock::now() >= end); };
    do {
        look(over);
        const auto again = Clock::now() + std::chrono::seconds(watch.every_seconds);
        while (!over() && Clock::now() < again)
            std::this_thread::sleep_for(step);
    } while (watch.every_seconds > 0 && !over());
}

} // namespace scai::job
