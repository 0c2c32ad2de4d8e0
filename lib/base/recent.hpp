// Recent: what a process remembers for a while by a name. Bounded without bookkeeping: two generations a
// shard; when the young one is full it becomes the old one and the old one goes. Thread-safe.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace scai {

template<class Value>
class Recent {
public:
    using Moment = std::chrono::steady_clock::time_point;
    using Shared = std::shared_ptr<const Value>; ///< shared with the requests that are being answered

    /// Holds at most about `most`, each for `longest`.
    Recent(std::size_t most, std::chrono::seconds longest)
        : generation_size_(most / (2 * shard_count) + 1), longest_(longest) {}

    /// nullptr when nothing is remembered.
    Shared find(const std::string& name, Moment now) {
        Shard& shard = shard_of(name);
        const std::lock_guard lock(shard.mutex);
        for (const auto* generation : {&shard.young, &shard.old}) {
            const auto found = generation->find(name);
            if (found != generation->end())
                return now < found->second.until ? found->second.value : nullptr;
        }
        return nullptr;
    }

    void keep(const std::string& name, Shared value, Moment now) {
        Shard& shard = shard_of(name);
        const std::lock_guard lock(shard.mutex);
        if (shard.young.size() >= generation_size_) {
            shard.old = std::move(shard.young);
            shard.young.clear();
        }
        shard.young.insert_or_assign(name, Entry{std::move(value), now + longest_});
    }

private:
    static constexpr std::size_t shard_count = 16;
    struct Entry {
        Shared value;
        Moment until;
    };
    using Generation = std::unordered_map<std::string, Entry>;
    struct alignas(64) Shard {
        std::mutex mutex;
        Generation young, old;
    };
    Shard& shard_of(const std::string& name) {
        return shards_[std::hash<std::string>()(name) / 64 % shard_count];
    }

    const std::size_t generation_size_;
    const std::chrono::seconds longest_;
    std::array<Shard, shard_count> shards_;
};

} // namespace scai
