// Query parameters most lists share; whatever is wrong is unprocessable and named. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/web/http.hpp"

#include <initializer_list>
#include <string_view>

namespace scaiflow {

scai::Error bad_query(std::string_view name, std::string message);
/// ?limit=, 1..500, 100 by default.
scai::Result<std::int64_t> limit_of(const scai::web::Request& request);
/// A parameter that must be one of these, "" for absent.
scai::Result<std::string> choice_of(const scai::web::Request& request, std::string_view name,
                                    std::initializer_list<std::string_view> choices);
/// ?search=, at most 200 bytes; nullopt for absent or empty.
scai::Result<std::optional<std::string>> search_of(const scai::web::Request& request);

} // namespace scaiflow
