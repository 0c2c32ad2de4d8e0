// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <string>

namespace scaigrid {

/// JSON text of our own making, as a store returns it; null when it is none.
inline scai::json::Value parsed(const std::string& text) {
    auto value = scai::json::parse(text);
    return value ? *value : scai::json::Value(nullptr);
}

} // namespace scaigrid
