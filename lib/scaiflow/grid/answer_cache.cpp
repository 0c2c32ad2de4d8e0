// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/answer_cache.hpp"

namespace scaiflow::grid {

AnswerCache::Outcome AnswerCache::get(const std::string& key, scai::UtcTime now, std::chrono::seconds keep,
                                      const std::function<Outcome()>& ask) {
    std::promise<Outcome> promise;
    std::shared_future<Outcome> other;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = entries_.find(key); found != entries_.end() && now < found->second.until)
            return found->second.text;
        const auto [flight, first] = asking_.try_emplace(key, std::shared_future<Outcome>());
        if (first)
            flight->second = promise.get_future().share();
        else
            other = flight->second;
    }
    if (other.valid())
        return other.get();
    const auto landed = [&](const Outcome* outcome) {
        const std::lock_guard lock(mutex_);
        asking_.erase(key);
        if (outcome != nullptr && *outcome && keep.count() > 0 && (**outcome)->size() <= longest_text)
            keep_locked(key, {**outcome, now + keep}, now);
    };
    try {
        Outcome outcome = ask();
        landed(&outcome);
        promise.set_value(outcome);
        return outcome;
    } catch (...) {
        landed(nullptr);
        promise.set_exception(std::current_exception());
        throw;
    }
}

void AnswerCache::keep_locked(const std::string& key, Entry entry, scai::UtcTime now) {
    if (entries_.size() >= most_entries)
        std::erase_if(entries_, [&](const auto& pair) { return pair.second.until <= now; });
    if (entries_.size() >= most_entries)
        entries_.clear();
    entries_.insert_or_assign(key, std::move(entry));
}

} // namespace scaiflow::grid
