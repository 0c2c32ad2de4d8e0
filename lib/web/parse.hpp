// What comes from the wire as text: the path, the query, a form, a request id. Pure functions, fuzzed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace scai::web {

using Pairs = std::map<std::string, std::string, std::less<>>;

/// "a=1&b=x%20y" -> pairs. bad_request for a broken escape, NUL, invalid UTF-8, a repeated or empty name.
/// `what` names a pair in messages ("query parameter", "form field").
Result<Pairs> parse_pairs(std::string_view text, std::string_view what);

/// Decodes the path of a request target. bad_request unless it starts with "/" and every escape is good; an
/// escaped "/" is refused, because it would move the segment borders, unless it may: then it is a border like
/// any other.
Result<std::string> decode_path(std::string_view raw, bool escaped_slashes);

/// A decoded path that may be routed: no control characters, no "." or ".." segment, valid UTF-8, at most
/// 4,096 bytes.
Status check_path(std::string_view path);

/// [A-Za-z0-9._-]{1,128}
bool sane_request_id(std::string_view text);
/// "req_" and 24 hex digits of the kernel's randomness.
std::string make_request_id();

} // namespace scai::web
