// ?limit= and ?cursor= of the lists (contract scaivault.md 0). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/http.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scaivault {

/// ?limit=, 1..1000, 100 by default; else 400 invalid_request.
scai::Result<std::int64_t> limit_of(const scai::web::Request& request);

/// `list` names what is paged, so that a cursor of one list is refused by another.
std::string make_cursor(std::string_view list, const std::vector<std::string>& key);
/// Key of the last row of the page before; empty without ?cursor=. 400 invalid_cursor when it is not a cursor
/// of this list with this many parts.
scai::Result<std::vector<std::string>> cursor_of(const scai::web::Request& request, std::string_view list,
                                                 std::size_t parts);

/// The same for a key of one number from 1; 0 without ?cursor=.
scai::Result<std::int64_t> number_cursor_of(const scai::web::Request& request, std::string_view list);

} // namespace scaivault
