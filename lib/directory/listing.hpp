// Listing: one list read to its end through Calls, rows handed on page by page. Not for other folders.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/calls.hpp"

#include <memory>
#include <memory_resource>
#include <unordered_map>

namespace scai::directory {

struct Outcome {
    bool complete = false;
    std::optional<Failure> failure; ///< a page that did not come
    bool first_failed = false;      ///< it was the first one: nothing was read
    std::string trouble;            ///< why not complete, in words
    std::uint64_t rows = 0;
    std::int64_t pages = 0;
};

class Listing : public std::enable_shared_from_this<Listing> { // lives as long as its calls
public:
    struct Spec {
        std::string kind, path;
        std::string filter; ///< "tenant_id=..." or ""
        /// Called for every row; returns the row's id, "" when it has none.
        std::function<std::string(simdjson::dom::element)> row;
        std::function<void(const Cursor&)> page;  ///< after each page; may be empty
        std::function<void(const Outcome&)> done; ///< exactly once, unless the run is stopped
    };

    static void start(Calls& calls, Spec spec);

private:
    Listing(Calls& calls, Spec spec);
    void ask_more();
    void ask(const Ask& what);
    void arrived(std::int64_t number, std::optional<Failure> failure, std::optional<Page> page);
    void read(std::int64_t number, const Page& page);
    bool try_smaller_pages(std::int64_t number, const Failure& failure);
    void finish(std::optional<Failure> failure, std::int64_t number);

    Calls& calls_;
    Spec spec_;
    int per_page_;
    Cursor cursor_;
    std::pmr::monotonic_buffer_resource seen_memory_;
    /// Hash of an id -> the page, counted as they came, that had it first.
    std::pmr::unordered_map<std::uint64_t, std::int64_t> seen_{&seen_memory_};
    bool finished_ = false;
};

} // namespace scai::directory
