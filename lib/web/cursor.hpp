// Cursors of keyset paging: opaque to clients, checked when they come back. They are no secret and give no
// access: whatever one says, the query behind it is the caller's own. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scai::web {

/// `list` names what is paged, so that a cursor of one list is refused by another.
std::string make_cursor(std::string_view list, const std::vector<std::string>& key);
/// nullopt when it is not a cursor of this list with this many parts.
std::optional<std::vector<std::string>> read_cursor(std::string_view list, std::string_view cursor,
                                                    std::size_t parts);

} // namespace scai::web
