// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/anchors.hpp"

#include <algorithm>
#include <iterator>

namespace scaikey {

namespace {
constexpr std::size_t max_lists = 32;
constexpr std::size_t max_pages = 20'000;
} // namespace

PageStart PageAnchors::find(const std::string& list, std::int64_t page, std::int64_t per_page) {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(lists_.begin(), lists_.end(), [&](const List& each) { return each.key == list; });
    if (found == lists_.end())
        return {};
    const auto after = found->last_ids.lower_bound(page);
    if (after == found->last_ids.begin())
        return {};
    const auto& [before, last_id] = *std::prev(after);
    return {.version = found->version, .id = last_id, .skip = (page - 1 - before) * per_page};
}

void PageAnchors::remember(const std::string& list, std::int64_t version, std::int64_t page,
                           const std::string& last_id) {
    const std::lock_guard lock(mutex_);
    auto found =
        std::find_if(lists_.begin(), lists_.end(), [&](const List& each) { return each.key == list; });
    if (found == lists_.end()) {
        lists_.push_front({list, version, {}});
        if (lists_.size() > max_lists)
            lists_.pop_back();
    } else {
        lists_.splice(lists_.begin(), lists_, found);
    }
    List& entry = lists_.front();
    if (version > entry.version) {
        entry.version = version;
        entry.last_ids.clear();
    }
    if (version == entry.version && entry.last_ids.size() < max_pages)
        entry.last_ids.emplace(page, last_id);
}

} // namespace scaikey
