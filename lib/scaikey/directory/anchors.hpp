// Page anchors: the last id of pages already served, so that page 900 starts where page 899 ended instead of
// counting 90,000 rows again. A cache: an anchor counts only while the directory's version is the one it was
// taken at (the statement itself compares), and without one the page is found by counting.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>

namespace scaikey {

/// Where to start: after `id`, passing over `skip` rows; valid only at `version`.
struct PageStart {
    std::int64_t version = -1; ///< -1: no anchor, count from the beginning
    std::string id;
    std::int64_t skip = 0;
};

/// Thread-safe. Remembers the lists used last, each with the anchors of one version.
class PageAnchors {
public:
    /// The nearest known page before `page`.
    PageStart find(const std::string& list, std::int64_t page, std::int64_t per_page);
    /// `last_id` ends `page` of a list read at `version`.
    void remember(const std::string& list, std::int64_t version, std::int64_t page,
                  const std::string& last_id);

private:
    struct List {
        std::string key;
        std::int64_t version;
        std::map<std::int64_t, std::string> last_ids;
    };
    std::mutex mutex_;
    std::list<List> lists_; ///< most recently used first
};

} // namespace scaikey
