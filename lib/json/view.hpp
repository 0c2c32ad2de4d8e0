// A text read in place, for those who walk large trees. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

namespace scai::json {

/// The content of a text, "" for anything else; valid as long as the value is.
std::string_view view_of(const Value& value) noexcept;

} // namespace scai::json
