// Reading query and path values that must have a certain form. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/http.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scaikey {

/// "" when absent; 422 naming query.<name> and the choices otherwise.
scai::Result<std::string> query_choice(const scai::web::Request& request, std::string_view name,
                                       const std::vector<std::string>& choices);
/// A numeric id in the path; anything else is 404 like any other unknown id.
scai::Result<std::int64_t> path_number(const scai::web::Request& request, std::string_view name,
                                       const std::string& what);

} // namespace scaikey
