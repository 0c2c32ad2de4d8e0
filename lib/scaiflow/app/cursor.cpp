// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/cursor.hpp"

#include "lib/base/strings.hpp"
#include "lib/web/cursor.hpp"

namespace scaiflow {

scai::Error refused_cursor() {
    return scai::Error{.kind = scai::ErrorKind::unprocessable,
                       .message = "invalid cursor",
                       .fields = {{.path = "query.cursor",
                                   .message = "must be the next_cursor of an earlier page of this list",
                                   .type = "value_error.cursor"}}};
}

std::string make_cursor(std::string_view list, const std::vector<std::string>& key) {
    return scai::web::make_cursor(list, key);
}

scai::Result<std::vector<std::string>> read_cursor(std::string_view list, std::string_view cursor,
                                                   std::size_t parts) {
    auto key = scai::web::read_cursor(list, cursor, parts);
    if (!key)
        return refused_cursor();
    return std::move(*key);
}

scai::Result<std::int64_t> read_number_cursor(std::string_view list, std::string_view cursor) {
    SCAI_TRY(const auto parts, read_cursor(list, cursor, 1));
    const auto number = scai::parse_int(parts.front());
    if (!number || *number < 0)
        return refused_cursor();
    return *number;
}

} // namespace scaiflow
