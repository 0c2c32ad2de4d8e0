// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/key_cache.hpp"
#include "lib/scaivault/seal/rules.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

namespace scaivault::seal {

KeyPages::KeyPages(std::size_t keys) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    size_ = (keys * key_size + page - 1) / page * page;
    void* memory = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    base_ = static_cast<char*>(memory);
    // A host that allows no locked memory still keeps them out of dumps.
    static_cast<void>(::mlock(base_, size_));
    static_cast<void>(::madvise(base_, size_, MADV_DONTDUMP));
    for (std::size_t i = keys; i-- > 0;)
        give_back(base_ + i * key_size);
}

KeyPages::~KeyPages() {
    explicit_bzero(base_, size_);
    ::munmap(base_, size_);
}

char* KeyPages::take() {
    const std::scoped_lock lock(mutex_);
    char* key = free_;
    if (key != nullptr)
        std::memcpy(&free_, key, sizeof free_);
    return key;
}

void KeyPages::give_back(char* key) noexcept {
    const std::scoped_lock lock(mutex_);
    explicit_bzero(key, key_size);
    std::memcpy(key, &free_, sizeof free_);
    free_ = key;
}

KeyCache::KeyCache(const scai::Clock& clock, std::chrono::seconds max_age, std::size_t capacity)
    // Handles in use and a key that comes while another goes need places beyond what is kept.
    : clock_(clock), max_age_(max_age), capacity_(capacity),
      pages_(std::make_shared<KeyPages>(capacity + capacity / 4 + 64)) {}

KeyHandle KeyCache::find(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = keys_.find(id);
    return found != keys_.end() && found->second->expires > clock_.now() ? found->second : nullptr;
}

KeyHandle KeyCache::put(std::string_view id, std::string_view kind, std::string_view owner_id,
                        std::string_view bytes) {
    if (bytes.size() != key_size)
        throw std::runtime_error("an unwrapped key has not 32 bytes");
    const std::unique_lock lock(mutex_);
    if (keys_.size() >= capacity_ && !keys_.contains(std::string(id)))
        drop_oldest();
    char* memory = pages_->take();
    if (memory == nullptr)
        throw std::runtime_error("too many unwrapped keys are in use at once");
    std::memcpy(memory, bytes.data(), bytes.size());
    KeyHandle handle(new UnwrappedKey{std::string(id), std::string(kind), std::string(owner_id),
                                      std::string_view(memory, key_size), clock_.now() + max_age_},
                     [pages = pages_, memory](const UnwrappedKey* key) {
                         pages->give_back(memory);
                         delete key;
                     });
    keys_.insert_or_assign(std::string(id), handle);
    return handle;
}

void KeyCache::drop_oldest() {
    const auto oldest = std::min_element(keys_.begin(), keys_.end(), [](const auto& a, const auto& b) {
        return a.second->expires < b.second->expires;
    });
    if (oldest != keys_.end())
        keys_.erase(oldest);
}

void KeyCache::sweep() {
    const std::unique_lock lock(mutex_);
    const auto now = clock_.now();
    std::erase_if(keys_, [&](const auto& entry) { return entry.second->expires <= now; });
}

void KeyCache::forget() {
    const std::unique_lock lock(mutex_);
    keys_.clear();
}

std::size_t KeyCache::size() const {
    const std::shared_lock lock(mutex_);
    return keys_.size();
}

} // namespace scaivault::seal
