// Where a text stops to be JSON, for texts that are no request's body. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <algorithm>
#include <string>

namespace scai::json {

/// What parse() said without its subject: "(line 1, column 7): it ends too early".
inline std::string place_in(const Error& refused) {
    return refused.message.substr(std::min(refused.message.find('('), refused.message.size()));
}

} // namespace scai::json
