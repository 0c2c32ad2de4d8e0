// What the time of one request went into: statements of the database, calls to the KMS, the commit of the
// trail. Kept by the thread that answers the request, and only while somebody asked (Recording): else a Timed
// costs one branch. Names are our own words and statements without their values, never input.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scai::log {

struct Part {
    std::string_view kind; ///< a constant: "db", "kms", "audit"
    std::string name;
    int parent = -1;                          ///< index of the part it was within; -1 = of the request itself
    std::chrono::nanoseconds after{}, took{}; ///< after: since the recording began
    bool failed = false;
};

/// Collects the parts of this thread from here to its end. One at a time: an inner one takes the place of the
/// outer one for as long.
class Recording {
public:
    static constexpr std::size_t most_parts = 48;

    explicit Recording(bool wanted);
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    std::vector<Part> take() {
        return std::move(parts_);
    }                                                ///< what is complete; those still open have no length
    std::size_t dropped() const { return dropped_; } ///< had no room

private:
    friend class Timed;
    bool wanted_;
    Recording* outer_ = nullptr;
    std::chrono::steady_clock::time_point start_;
    std::vector<Part> parts_;
    std::size_t dropped_ = 0;
    int open_ = -1; ///< innermost part that has not ended
};

/// Whether anybody asked, on this thread.
bool recording() noexcept;

/// A part, from here to the end of the scope; failed when an exception ends it.
class Timed {
public:
    /// `name` is copied only while somebody asked.
    Timed(std::string_view kind, std::string_view name);
    ~Timed();
    void fail(); ///< it did not come about, without an exception
    Timed(const Timed&) = delete;
    Timed& operator=(const Timed&) = delete;

private:
    Recording* in_;
    int index_ = -1, before_ = -1, exceptions_ = 0;
    bool failed_ = false;
};

} // namespace scai::log
