// SPDX-License-Identifier: Apache-2.0
#include "lib/json/raw.hpp"

#include "lib/json/value.hpp"

#include <algorithm>

namespace scai::json {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(blanks, at), text.size());
}

/// Past the string that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\')
            ++at;
    return std::min(at + 1, text.size());
}

/// Past the value that begins at `at`.
std::size_t skip_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        switch (text[at]) {
        case '"':
            at = skip_string(text, at);
            break;
        case '{':
        case '[':
            ++depth;
            ++at;
            break;
        case '}':
        case ']':
            if (depth == 0)
                return at;
            --depth;
            ++at;
            break;
        default:
            if (depth == 0)
                return std::min(text.find_first_of(",]} \t\r\n", at), text.size());
            ++at;
        }
        if (depth == 0)
            return at;
    }
    return at;
}

/// `quoted` has its quotation marks. An escaped key is the same key.
bool is_key(std::string_view quoted, std::string_view key) {
    if (quoted.find('\\') == std::string_view::npos)
        return quoted.size() == key.size() + 2 && quoted.substr(1, key.size()) == key;
    const auto decoded = parse(quoted);
    return decoded && decoded->text() == std::optional<std::string>(key);
}

} // namespace

std::string compact(std::string_view valid) {
    std::string out;
    out.reserve(valid.size());
    for (std::size_t at = 0; at < valid.size();) {
        if (valid[at] == '"') {
            const auto end = skip_string(valid, at);
            out.append(valid.substr(at, end - at));
            at = end;
            continue;
        }
        const auto stop = std::min(valid.find_first_of("\" \t\r\n", at), valid.size());
        out.append(valid.substr(at, stop - at));
        at = stop < valid.size() && valid[stop] == '"' ? stop : skip_blanks(valid, stop);
    }
    return out;
}

std::optional<std::string_view> raw_member(std::string_view object, std::string_view key) {
    std::optional<std::string_view> out;
    each_raw_member(object, [&](std::string_view name, std::string_view value) {
        if (is_key(name, key))
            out = value;
        return !out;
    });
    return out;
}

void each_raw_member(std::string_view object,
                     const std::function<bool(std::string_view name, std::string_view value)>& visit) {
    auto at = skip_blanks(object, 0);
    if (at == object.size() || object[at] != '{')
        return;
    at = skip_blanks(object, at + 1);
    while (at < object.size() && object[at] == '"') {
        const auto name_end = skip_string(object, at);
        const auto name = object.substr(at, name_end - at);
        at = skip_blanks(object, name_end);
        at = skip_blanks(object, at + 1); // the colon
        const auto value_end = skip_value(object, at);
        if (!visit(name, object.substr(at, value_end - at)))
            return;
        at = skip_blanks(object, value_end);
        if (at == object.size() || object[at] != ',')
            break;
        at = skip_blanks(object, at + 1);
    }
}

void each_raw_item(std::string_view array, const std::function<void(std::string_view item)>& visit) {
    auto at = skip_blanks(array, 0);
    if (at == array.size() || array[at] != '[')
        return;
    at = skip_blanks(array, at + 1);
    while (at < array.size() && array[at] != ']') {
        const auto end = skip_value(array, at);
        visit(array.substr(at, end - at));
        at = skip_blanks(array, end);
        if (at == array.size() || array[at] != ',')
            break;
        at = skip_blanks(array, at + 1);
    }
}

} // namespace scai::json
