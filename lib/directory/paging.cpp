// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/paging.hpp"

#include <algorithm>

namespace scai::directory {

namespace {

/// No server limits its pages to fewer rows than this: a shorter page without totals is taken for the last.
constexpr std::size_t least_page_limit = 10;

} // namespace

std::vector<Ask> Cursor::next(std::size_t room) {
    std::vector<Ask> asks;
    if (stopped_)
        return asks;
    if (pending_ && room > 0) {
        asks.push_back(*std::exchange(pending_, std::nullopt));
    } else {
        while (numbered_ && next_page_ <= last_page_ && asks.size() < room)
            asks.push_back({next_page_++});
    }
    outstanding_ += asks.size();
    return asks;
}

void Cursor::stop(std::string why) {
    stopped_ = true;
    if (trouble_.empty())
        trouble_ = std::move(why);
}

void Cursor::read(std::int64_t page, const PageFacts& facts, const RowCounts& counts) {
    --outstanding_;
    ++pages_;
    if (facts.total)
        total_ = std::max(total_.value_or(0), *facts.total);
    const bool nothing_new = page > 1 && facts.rows > 0 && counts.fresh == 0 && counts.repeated > 0;
    if (nothing_new && page == 2 && !numbered_ && !total_ && !facts.has_more && rows_ < per_page_) {
        // Fewer rows than asked for, and the same ones again: this server does not page here at all.
        stopped_ = true;
        return;
    }
    rows_ += facts.rows;
    repeated_ += counts.repeated;
    unreadable_ += counts.unreadable;
    largest_.rows = std::max(largest_.rows, facts.rows);
    if (nothing_new) {
        stop("page " + std::to_string(page) + " brought the rows of an earlier page again");
        return;
    }
    if (page == 1)
        plan(facts);
    if (numbered_) {
        if (facts.rows == 0 && total_ && rows_ < static_cast<std::uint64_t>(*total_))
            stop("page " + std::to_string(page) + " was empty before all rows were read");
    } else {
        chain(page, facts);
    }
}

/// After page 1: with a total or a number of pages the rest can be asked at once.
void Cursor::plan(const PageFacts& facts) {
    std::int64_t pages = facts.total_pages.value_or(0);
    if (facts.total && facts.rows > 0) {
        // When there is more than this page, this page is full: its rows are the server's own page size,
        // which may be smaller than what was asked for (and than what its total_pages was computed with).
        const auto size = static_cast<std::int64_t>(facts.rows);
        pages = std::max(pages, *facts.total / size + (*facts.total % size == 0 ? 0 : 1));
    }
    if (!facts.total && !facts.total_pages)
        return;
    numbered_ = true;
    last_page_ = std::max<std::int64_t>(1, pages);
    if (last_page_ > max_pages) {
        trouble_ = "the list claims " + std::to_string(last_page_) + " pages; " + std::to_string(max_pages) +
                   " were read";
        last_page_ = max_pages;
    }
}

/// No totals: one page after the other until something says that it was the last.
void Cursor::chain(std::int64_t page, const PageFacts& facts) {
    bool more = false;
    if (facts.has_more) {
        more = *facts.has_more;
        if (more && facts.rows == 0) {
            stop("page " + std::to_string(page) + " was empty but promised more");
            return;
        }
    } else if (facts.rows == per_page_) {
        more = true;
    } else if (facts.rows < per_page_) {
        // Perhaps the server's limit is lower than what was asked for, without saying so.
        more = facts.rows >= least_page_limit && facts.rows >= largest_.rows;
    }
    if (!more)
        return;
    if (page >= max_pages) {
        stop("there is no end after " + std::to_string(max_pages) + " pages");
        return;
    }
    pending_ = Ask{page + 1, facts.cursor_name, facts.cursor};
}

bool Cursor::complete() const {
    return finished() && trouble().empty();
}

std::string Cursor::trouble() const {
    if (!trouble_.empty())
        return trouble_;
    if (unreadable_ > 0)
        return std::to_string(unreadable_) + " rows have no usable id";
    if (repeated_ > 0)
        return std::to_string(repeated_) + " rows came on two pages: the list changed while it was read";
    if (finished() && total_ && rows_ != static_cast<std::uint64_t>(*total_))
        return "the list says " + std::to_string(*total_) + " rows, " + std::to_string(rows_) +
               " were read on " + std::to_string(pages_) + " pages";
    return {};
}

} // namespace scai::directory
