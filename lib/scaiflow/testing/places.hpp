// So many runs of tests at once in a process: each may take a thread for seconds, and the threads are
// everybody's. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <optional>
#include <utility>

namespace scaiflow::testing {

/// Thread-safe.
class Places {
public:
    /// Given back when destroyed.
    class Place {
    public:
        explicit Place(Places& owner) : owner_(&owner) {}
        Place(Place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() {
            if (owner_ != nullptr)
                --owner_->taken_;
        }

    private:
        Places* owner_;
    };

    /// Nothing while `most` are taken.
    std::optional<Place> enter(int most) {
        if (++taken_ <= most)
            return Place(*this);
        --taken_;
        return std::nullopt;
    }

private:
    std::atomic<int> taken_{0};
};

} // namespace scaiflow::testing
