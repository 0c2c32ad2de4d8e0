// What expressions, templates and the interpreter know about JSON values: text form, equality, size. Values
// share structure, so ten small lists can print as gigabytes: everything that walks one takes a limit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scai::scir {

inline constexpr std::size_t max_text = 1U << 20U; ///< bytes of a text or list that an expression builds
inline constexpr std::size_t max_value_depth = 200;

Error bad_request(std::string message);

/// "null", "boolean", "number", "text", "list", "object", for messages.
std::string_view type_name(const json::Value& value);

/// 1 == 1.0; lists and objects member by member; absent is null. Compares at most `work` values and takes
/// them off `work`; nullopt when that was not enough.
std::optional<bool> equal(const json::Value& a, const json::Value& b, std::size_t& work);

struct Measure {
    std::size_t bytes = 0; ///< of the compact dump, roughly; stops counting above the limit
    std::size_t depth = 0;
};
Measure measure(const json::Value& value, std::size_t limit);

/// How a value reads inside a text: null and absent are "", texts themselves, numbers and booleans as written
/// in JSON, lists and objects as compact JSON. nullopt when longer than `limit`.
std::optional<std::string> to_text(const json::Value& value, std::size_t limit);

/// Byte offset of every code point, and the size at the end.
std::vector<std::size_t> code_points(std::string_view text);

} // namespace scai::scir
