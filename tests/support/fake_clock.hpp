// A clock the test owns. Thread-safe. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <atomic>

namespace scai::test {

class FakeClock final : public Clock {
public:
    explicit FakeClock(std::int64_t unix_seconds = 1'779'264'000) // 2026-05-20T08:00:00Z
        : micros_(unix_seconds * 1'000'000) {}
    UtcTime now() const override { return UtcTime{std::chrono::microseconds{micros_.load()}}; }
    void advance(std::chrono::microseconds by) { micros_ += by.count(); }
    std::int64_t seconds() const { return micros_.load() / 1'000'000; }

private:
    std::atomic<std::int64_t> micros_;
};

} // namespace scai::test
