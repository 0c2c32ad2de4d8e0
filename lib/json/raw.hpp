// JSON as the text it was written in: what is stored for a client goes back byte for byte (0.7 stays 0.7),
// only without the white space between tokens. All functions take text that parse() accepted; on anything
// else they return something, but nothing sensible. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace scai::json {

std::string compact(std::string_view valid);

/// The text of a member's value, as a view into `object`; nullopt when there is no such member. Only the
/// outermost object is searched.
std::optional<std::string_view> raw_member(std::string_view object, std::string_view key);
/// Every member of the outermost object, `name` with its quotation marks and escapes, until `visit` is false.
void each_raw_member(std::string_view object,
                     const std::function<bool(std::string_view name, std::string_view value)>& visit);
/// Every item of an array.
void each_raw_item(std::string_view array, const std::function<void(std::string_view item)>& visit);

} // namespace scai::json
