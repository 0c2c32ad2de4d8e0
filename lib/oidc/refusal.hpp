// What a bad token is answered with; not for other folders. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>

namespace scai::oidc {

inline Error refused(std::string_view why) {
    Error error;
    error.kind = ErrorKind::unauthenticated;
    error.message = "invalid token: " + std::string(why);
    return error;
}

} // namespace scai::oidc
