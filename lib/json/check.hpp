// A strict look at a JSON text where it lies. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string_view>

namespace scai::json {

/// Refuses what parse() refuses - duplicate names, NUL escapes, bad UTF-8, trailing text, nesting deeper than
/// 512 - and bare scalars, but keeps no copy of any part of the text: for bodies that hold secrets. Numbers
/// may have any size. bad_request says where and never repeats the text.
Status check(std::string_view text);

} // namespace scai::json
