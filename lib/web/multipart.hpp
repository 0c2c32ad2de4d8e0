// multipart/form-data bodies (RFC 7578), by cgicc. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scai::web {

struct Part {
    std::string name;
    std::string file_name; ///< as sent, never a path of ours; "" for a field that is no file
    std::string content_type;
    std::string data;
};

/// `content_type` is the whole header. bad_request when it is no multipart/form-data with a boundary, or the
/// body cannot be taken apart.
Result<std::vector<Part>> read_multipart(std::string_view content_type, const std::string& body);

} // namespace scai::web
