// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/paging.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/web/cursor.hpp"

namespace scaivault {

scai::Result<std::int64_t> limit_of(const scai::web::Request& request) {
    const auto text = request.query_text("limit");
    if (!text)
        return std::int64_t{100};
    const auto limit = scai::parse_int(*text);
    if (!limit || *limit < 1 || *limit > 1000)
        return invalid_request("query.limit must be a number from 1 to 1000");
    return *limit;
}

std::string make_cursor(std::string_view list, const std::vector<std::string>& key) {
    return scai::web::make_cursor(list, key);
}

scai::Result<std::vector<std::string>> cursor_of(const scai::web::Request& request, std::string_view list,
                                                 std::size_t parts) {
    const auto text = request.query_text("cursor");
    if (!text || text->empty())
        return std::vector<std::string>{};
    auto key = scai::web::read_cursor(list, *text, parts);
    if (!key)
        return invalid("invalid_cursor", "query.cursor must be the cursor of an earlier page of this list");
    return std::move(*key);
}

scai::Result<std::int64_t> number_cursor_of(const scai::web::Request& request, std::string_view list) {
    SCAI_TRY(const auto key, cursor_of(request, list, 1));
    if (key.empty())
        return std::int64_t{0};
    const auto number = scai::parse_int(key.front());
    if (!number || *number < 1)
        return invalid("invalid_cursor", "query.cursor must be the cursor of an earlier page of this list");
    return *number;
}

} // namespace scaivault
