// Patterns of `matches`: * any characters, ? one character, [abc] [a-z] [!a] one of a set, \ takes the next
// character as it is. The whole text must fit. Steps are bounded by size of text times size of pattern.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace scai::scir {

inline constexpr std::size_t max_glob = 256;

bool glob_matches(std::string_view pattern, std::string_view text);

} // namespace scai::scir
