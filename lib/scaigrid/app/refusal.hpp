// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <utility>

namespace scaigrid {

/// An error with one of ScaiGrid's codes, and nothing else.
inline scai::Error refusal(scai::ErrorKind kind, std::string code, std::string message) {
    return scai::Error{.kind = kind, .code = std::move(code), .message = std::move(message)};
}

} // namespace scaigrid
