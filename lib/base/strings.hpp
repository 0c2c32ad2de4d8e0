// Small text helpers. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scai {

std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text); ///< ASCII only
/// Parts between separators, trimmed, empty parts dropped: "a, b,,c" -> a b c
std::vector<std::string> split_list(std::string_view text, char separator = ',');
/// Whole text as a decimal integer; nullopt on anything else or overflow.
std::optional<std::int64_t> parse_int(std::string_view text);
bool iequals(std::string_view a, std::string_view b); ///< ASCII case-insensitive
bool valid_utf8(std::string_view text);               ///< RFC 3629: no surrogates, no overlong forms
/// Percent-decoding; nullopt on a broken escape. `plus_is_space` for query strings and forms.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text); ///< everything but RFC 3986 unreserved
std::string join(const std::vector<std::string>& parts, std::string_view separator);

} // namespace scai
