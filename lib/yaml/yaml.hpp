// YAML over libyaml, as JSON values: what a manifest needs and no more. libyaml's header stays in this
// folder. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <string>
#include <string_view>

namespace scai::yaml {

/// One document of the YAML 1.2 core schema: plain true/false/null/numbers are what they look like, quoted
/// scalars are text. Anchors, aliases, tags, duplicate keys, non-scalar keys, a second document, bad UTF-8
/// and nesting over 200 are refused: bad_request with line and column, never repeating the input.
Result<json::Value> parse(std::string_view text);

/// Block style, two spaces, members in their order, a text quoted wherever YAML could read it as something
/// else, several lines as a literal block where that is exact. Same value, same bytes; parse(dump(x)) == x.
std::string dump(const json::Value& value);

} // namespace scai::yaml
