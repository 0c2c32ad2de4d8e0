// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/contents.hpp"

namespace scaiflow::flows {

std::optional<Contents::Entry> Contents::find(const std::string& flow_id, Moment now) {
    const std::lock_guard lock(mutex_);
    auto found = young_.find(flow_id);
    if (found == young_.end()) {
        const auto older = old_.find(flow_id);
        if (older == old_.end())
            return std::nullopt;
        Entry entry = std::move(older->second);
        old_.erase(older);
        insert(flow_id, std::move(entry));
        found = young_.find(flow_id);
    }
    if (now >= found->second.until)
        return std::nullopt;
    return found->second;
}

void Contents::keep(const std::string& flow_id, Entry entry) {
    if (entry.text->size() > longest_text)
        return;
    const std::lock_guard lock(mutex_);
    insert(flow_id, std::move(entry));
}

void Contents::insert(const std::string& flow_id, Entry entry) {
    constexpr std::size_t overhead = 256; // of an entry beside its text, roughly
    if (young_bytes_ >= generation_bytes) {
        old_ = std::move(young_);
        young_.clear();
        young_bytes_ = 0;
    }
    young_bytes_ += entry.text->size() + overhead;
    young_.insert_or_assign(flow_id, std::move(entry));
}

} // namespace scaiflow::flows
