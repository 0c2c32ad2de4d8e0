// Short forms of the refusals this product makes. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <utility>

namespace scaikey {

inline scai::Error refusal(scai::ErrorKind kind, std::string message) {
    scai::Error error;
    error.kind = kind;
    error.message = std::move(message);
    return error;
}
inline scai::Error forbidden(std::string message) {
    return refusal(scai::ErrorKind::forbidden, std::move(message));
}
inline scai::Error not_found(const std::string& what) {
    return refusal(scai::ErrorKind::not_found, what + " not found");
}
inline scai::Error conflict(std::string message) {
    return refusal(scai::ErrorKind::conflict, std::move(message));
}
/// 422 for one field; `path` as in "body.email".
inline scai::Error bad_field(std::string path, std::string message) {
    scai::Error error = refusal(scai::ErrorKind::unprocessable, "");
    error.fields.push_back({std::move(path), std::move(message)});
    return error;
}

} // namespace scaikey
