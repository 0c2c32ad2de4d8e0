// Deterministic zip archives, and careful reading of anybody's. The library's header stays in this folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace scai::zip {

/// Name -> content. Names are relative, '/'-separated, without "..".
using Files = std::map<std::string, std::string>;

/// Entries in name order, fixed deflate level, 1980-01-01 00:00, mode 0644, no extra fields: same files, same
/// bytes, on every machine.
std::string pack(const Files& files);

struct Limits {
    std::size_t max_entries = 64;
    std::size_t max_total = 64U << 20U; ///< bytes unpacked, all entries together
};
/// bad_request for anything that is no zip, is encrypted, has a duplicate, absolute or ".." name, a wrong
/// CRC, or unpacks beyond the limits (counted while unpacking: what the headers say is not believed).
Result<Files> unpack(std::string_view bytes, const Limits& limits = {});

} // namespace scai::zip
