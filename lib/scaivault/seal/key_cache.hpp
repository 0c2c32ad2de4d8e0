// Unwrapped keys for a bounded time. They live in pages of their own: locked, left out of core dumps, wiped
// when a key goes. Thread-safe. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace scaivault::seal {

/// Memory for keys of 32 bytes each.
class KeyPages {
public:
    explicit KeyPages(std::size_t keys);
    ~KeyPages();
    KeyPages(const KeyPages&) = delete;
    KeyPages& operator=(const KeyPages&) = delete;
    char* take();                                              ///< nullptr when all are in use
    void give_back(char* key) noexcept;                        ///< wiped
    std::string_view memory() const { return {base_, size_}; } ///< for tests

private:
    char* base_;
    std::size_t size_;
    std::mutex mutex_;
    char* free_ = nullptr; ///< each free slot starts with the address of the next
};

struct UnwrappedKey {
    std::string id;
    std::string kind, owner_id;
    std::string_view bytes; ///< in the pages
    scai::UtcTime expires;
};
/// Shared: a request may still work with a key that was just dropped; it is wiped when the last one is done.
using KeyHandle = std::shared_ptr<const UnwrappedKey>;

class KeyCache {
public:
    KeyCache(const scai::Clock& clock, std::chrono::seconds max_age, std::size_t capacity);

    KeyHandle find(std::string_view id) const; ///< null when it is not there or too old
    /// When all places are taken the key that would go first goes now.
    KeyHandle put(std::string_view id, std::string_view kind, std::string_view owner_id,
                  std::string_view bytes);
    void sweep();  ///< drops what is too old
    void forget(); ///< drops everything
    std::size_t size() const;
    const KeyPages& pages() const { return *pages_; }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    void drop_oldest();

    const scai::Clock& clock_;
    const std::chrono::seconds max_age_;
    const std::size_t capacity_;
    std::shared_ptr<KeyPages> pages_; ///< shared with the handles that outlive the cache
    mutable std::shared_mutex mutex_;
    std::unordered_map<std::string, KeyHandle, Hash, std::equal_to<>> keys_;
};

} // namespace scaivault::seal
