// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/cursor.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"

namespace scaiflow {

scai::Error refused_cursor() {
    return scai::Error{.kind = scai::ErrorKind::unprocessable,
                       .message = "invalid cursor",
                       .fields = {{.path = "query.cursor",
                                   .message = "must be the next_cursor of an earlier page of this list",
                                   .type = "value_error.cursor"}}};
}

std::string make_cursor(std::string_view list, const std::vector<std::string>& key) {
    auto items = scai::json::Value::array({scai::json::Value(list)});
    for (const auto& part : key)
        items.push(scai::json::Value(part));
    return scai::crypto::base64url(items.dump());
}

scai::Result<std::vector<std::string>> read_cursor(std::string_view list, std::string_view cursor,
                                                   std::size_t parts) {
    const auto text = cursor.size() <= 2048 ? scai::crypto::from_base64url(cursor) : std::nullopt;
    if (!text)
        return refused_cursor();
    const auto items = scai::json::parse(*text);
    if (!items || !items->is_array() || items->size() != parts + 1 || items->at(0).text_or("") != list)
        return refused_cursor();
    std::vector<std::string> out;
    for (std::size_t i = 1; i <= parts; ++i) {
        auto part = items->at(i).text();
        if (!part)
            return refused_cursor();
        out.push_back(std::move(*part));
    }
    return out;
}

scai::Result<std::int64_t> read_number_cursor(std::string_view list, std::string_view cursor) {
    SCAI_TRY(const auto parts, read_cursor(list, cursor, 1));
    const auto number = scai::parse_int(parts.front());
    if (!number || *number < 0)
        return refused_cursor();
    return *number;
}

} // namespace scaiflow
