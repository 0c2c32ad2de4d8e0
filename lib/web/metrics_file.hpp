// Layout of the shared counter file: a hash table of fixed slots that only ever grows, so readers need no
// lock. Private to lib/web. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace scai::web::metrics_file {

enum class Kind : std::uint32_t { counter = 1, gauge = 2, histogram = 3 };

/// Upper bounds of the buckets; one more, without bound, follows.
inline constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                               0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};
inline constexpr std::size_t value_count =
    bounds.size() + 2; ///< buckets, the unbounded one, sum of nanoseconds
inline constexpr std::size_t key_size = 376;

struct Slot {
    std::atomic<std::uint32_t> ready; ///< 0 until key and kind are written; never goes back
    Kind kind;
    std::array<std::atomic<std::uint64_t>, value_count> values;
    std::array<char, key_size> key; ///< name{label="value",...}, zero-terminated
};
static_assert(sizeof(Slot) == 512);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

inline constexpr std::size_t slot_count = 1024;
inline constexpr std::size_t process_count = 64;
inline constexpr std::uint64_t magic = 0x31637274656d6373; // "scmetrc1"

/// A process that uses the file: its id and, against reuse of the id, when it started.
struct Process {
    std::atomic<std::uint64_t> pid;
    std::atomic<std::uint64_t> started;
};

struct File {
    std::atomic<std::uint64_t> magic;
    std::atomic<std::uint64_t> dropped; ///< series that found no room
    std::array<Process, process_count> processes;
    std::array<std::uint64_t, 6> reserved;
    std::array<Slot, slot_count> slots;
};

/// FNV-1a.
constexpr std::uint64_t hash(std::string_view text) {
    std::uint64_t out = 14695981039346656037ULL;
    for (const char c : text)
        out = (out ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return out;
}

} // namespace scai::web::metrics_file
