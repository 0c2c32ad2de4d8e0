// What a body says that nobody reads: a misspelt member would silently do nothing. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string_view>

namespace scaivault {

/// 422 validation_error naming every top-level member of `body` that is not in `known` (names with blanks
/// between). A body that is no JSON object is for the endpoint to refuse.
scai::Status check_members(std::string_view body, std::string_view known);

} // namespace scaivault
