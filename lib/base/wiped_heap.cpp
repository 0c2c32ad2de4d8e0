// free() and realloc() of the program, which every library uses, standing in front of those of the C library.
// SPDX-License-Identifier: Apache-2.0
#include "lib/base/wiped_heap.hpp"

// A sanitizer brings a heap of its own. g++ says so by a macro, clang++ by a feature.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SCAI_SANITIZED_HEAP
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SCAI_SANITIZED_HEAP
#endif

#ifdef SCAI_SANITIZED_HEAP

void scai::wipe_freed_memory() noexcept {}

#else

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <malloc.h>

// The C library's own, under the names it has for those who replace them.
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;             // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* old, std::size_t size) noexcept; // NOLINT(bugprone-reserved-identifier)
void __libc_free(void* memory) noexcept;                    // NOLINT(bugprone-reserved-identifier)
}

namespace {

std::atomic<bool> wiping{false}; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): of the process

} // namespace

void scai::wipe_freed_memory() noexcept {
    wiping.store(true, std::memory_order_relaxed);
}

extern "C" void free(void* memory) noexcept {
    if (memory != nullptr && wiping.load(std::memory_order_relaxed))
        explicit_bzero(memory, malloc_usable_size(memory));
    __libc_free(memory);
}

/// The C library's leaves the old place as it was when it moves.
extern "C" void* realloc(void* old, std::size_t size) noexcept {
    if (old == nullptr || size == 0 || !wiping.load(std::memory_order_relaxed)) {
        if (old != nullptr && size == 0) {
            free(old);
            return nullptr;
        }
        return __libc_realloc(old, size);
    }
    const auto room = malloc_usable_size(old);
    if (size <= room && size >= room / 2) {
        explicit_bzero(static_cast<char*>(old) + size, room - size);
        return old;
    }
    void* fresh = __libc_malloc(size);
    if (fresh == nullptr)
        return nullptr;
    std::memcpy(fresh, old, std::min(room, size));
    free(old);
    return fresh;
}

#endif
