// Cursor: the pure logic of reading one listing to its end. Says which page to ask next and, at the end,
// whether the listing was PROVEN complete. No I/O, no JSON. Not for other folders. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/directory/page.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace scai::directory {

/// What reading the rows of a page brought.
struct RowCounts {
    std::size_t fresh = 0;      ///< ids not seen on an earlier page
    std::size_t repeated = 0;   ///< rows whose id was on an earlier page
    std::size_t unreadable = 0; ///< rows without a usable id
};

/// Pages of one server share a size limit we are not told. The largest page seen says that the limit is not
/// smaller, so that a shorter page of another listing is surely its last one.
struct LargestPage {
    std::size_t rows = 0;
};

struct Ask {
    std::int64_t page = 1;
    std::string cursor_name = {}, cursor = {};
};

class Cursor {
public:
    static constexpr std::int64_t max_pages = 10000;

    Cursor(int per_page, LargestPage& largest)
        : per_page_(static_cast<std::size_t>(per_page)), largest_(largest) {}

    /// Pages to ask for now, `room` of them at most: several once their number is known, else one after the
    /// other.
    std::vector<Ask> next(std::size_t room);
    /// Page `number` was read.
    void read(std::int64_t number, const PageFacts& facts, const RowCounts& counts);

    bool finished() const {
        return outstanding_ == 0 && (stopped_ || (!pending_ && next_page_ > last_page_));
    }
    bool complete() const; ///< finished, and everything agrees
    /// Why it is not complete, in words; "" while nothing is wrong.
    std::string trouble() const;

    std::size_t in_flight() const { return outstanding_; }
    std::uint64_t rows() const { return rows_; }
    std::int64_t pages() const { return pages_; }
    std::optional<std::int64_t> total() const { return total_; }

private:
    void stop(std::string why);
    void plan(const PageFacts& facts);
    void chain(std::int64_t number, const PageFacts& facts);

    const std::size_t per_page_;
    LargestPage& largest_;
    bool numbered_ = false; ///< the number of pages is known
    bool stopped_ = false;
    std::optional<Ask> pending_ = Ask{}; ///< the first page, or the next of a chain
    std::int64_t next_page_ = 2, last_page_ = 1;
    std::size_t outstanding_ = 0;
    std::optional<std::int64_t> total_; ///< the largest any page told
    std::uint64_t rows_ = 0, repeated_ = 0, unreadable_ = 0;
    std::int64_t pages_ = 0;
    std::string trouble_;
};

} // namespace scai::directory
