// SPDX-License-Identifier: Apache-2.0
#include "lib/web/cursor.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"

namespace scai::web {

std::string make_cursor(std::string_view list, const std::vector<std::string>& key) {
    auto items = json::Value::array({json::Value(list)});
    for (const auto& part : key)
        items.push(json::Value(part));
    return crypto::base64url(items.dump());
}

std::optional<std::vector<std::string>> read_cursor(std::string_view list, std::string_view cursor,
                                                    std::size_t parts) {
    const auto text = cursor.size() <= 2048 ? crypto::from_base64url(cursor) : std::nullopt;
    if (!text)
        return std::nullopt;
    const auto items = json::parse(*text);
    if (!items || !items->is_array() || items->size() != parts + 1 || items->at(0).text_or("") != list)
        return std::nullopt;
    std::vector<std::string> out;
    for (std::size_t i = 1; i <= parts; ++i) {
        auto part = items->at(i).text();
        if (!part)
            return std::nullopt;
        out.push_back(std::move(*part));
    }
    return out;
}

} // namespace scai::web
