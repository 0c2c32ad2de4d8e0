// Plain scalars of the YAML 1.2 core schema. Private to lib/yaml. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <string_view>

namespace scai::yaml {

struct Plain {
    json::Value value;
    const char* problem = nullptr; ///< why there is no value
};
/// What an unquoted scalar means: null, a boolean, a number, else text.
Plain resolve(std::string_view text);

/// Whether `text`, unquoted, is read back as this very text by every YAML reader, old ones included ("yes").
bool plain_is_safe(std::string_view text);

} // namespace scai::yaml
