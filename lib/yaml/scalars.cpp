// SPDX-License-Identifier: Apache-2.0
#include "lib/yaml/scalars.hpp"

#include "lib/base/strings.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace scai::yaml {

namespace {

constexpr const char* out_of_range = "a number is out of range (quote it, if it is a text)";

bool digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t digits(std::string_view text, std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && digit(text[end]))
        ++end;
    return end - from;
}

enum class Number { none, integer, real };

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?   (YAML 1.2, 10.3.2)
Number number_kind(std::string_view text) {
    std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    const std::size_t whole = digits(text, at);
    at += whole;
    if (at == text.size())
        return whole > 0 ? Number::integer : Number::none;
    if (text[at] == '.') {
        const std::size_t fraction = digits(text, at + 1);
        if (whole + fraction == 0)
            return Number::none;
        at += 1 + fraction;
    } else if (whole == 0) {
        return Number::none;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+'))
            ++at;
        const std::size_t exponent = digits(text, at);
        if (exponent == 0)
            return Number::none;
        at += exponent;
    }
    return at == text.size() ? Number::real : Number::none;
}

template<class T, class... Base>
Plain number(std::string_view text, Base... base) {
    if (!text.empty() && text[0] == '+')
        text.remove_prefix(1);
    T value{};
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, base...);
    if (status != std::errc{} || end != text.data() + text.size())
        return {{}, out_of_range};
    return {json::Value(value), nullptr};
}

/// 0o17, 0x1F
std::optional<Plain> based(std::string_view text) {
    if (text.size() < 3 || text[0] != '0' || (text[1] != 'o' && text[1] != 'x'))
        return std::nullopt;
    const std::string_view allowed = text[1] == 'o' ? "01234567" : "0123456789abcdefABCDEF";
    if (text.find_first_not_of(allowed, 2) != std::string_view::npos)
        return std::nullopt;
    return number<std::int64_t>(text.substr(2), text[1] == 'o' ? 8 : 16);
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> list) {
    for (const auto word : list)
        if (text == word)
            return true;
    return false;
}

} // namespace

Plain resolve(std::string_view text) {
    if (text.empty() || one_of(text, {"~", "null", "Null", "NULL"}))
        return {json::Value(nullptr), nullptr};
    if (one_of(text, {"true", "True", "TRUE"}))
        return {json::Value(true), nullptr};
    if (one_of(text, {"false", "False", "FALSE"}))
        return {json::Value(false), nullptr};
    if (auto other = based(text))
        return *other;
    switch (number_kind(text)) {
    case Number::integer:
        return number<std::int64_t>(text);
    case Number::real:
        return number<double>(text);
    case Number::none:
        break;
    }
    const std::string_view bare = text[0] == '-' || text[0] == '+' ? text.substr(1) : text;
    if (one_of(bare, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"}))
        return {{}, out_of_range};
    return {json::Value(text), nullptr};
}

bool plain_is_safe(std::string_view text) {
    if (text.empty() || text.back() == ' ' || text.back() == ':')
        return false;
    // A letter, "_", "/" or beyond ASCII: what starts otherwise may be an indicator, a number or a date.
    const auto first = static_cast<unsigned char>(text[0]);
    const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    if (!letter && first != '_' && first != '/' && first < 0x80)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c > ':' && c < 0x7F)
            continue; // most of them
        if (c < 0x20 || c == 0x7F)
            return false;
        if ((c == ':' && text[i + 1] == ' ') || (c == '#' && i > 0 && text[i - 1] == ' '))
            return false;
        // C2: C1 controls and NBSP; E2 80: line separators; EF BB, EF BF: BOM and non-characters.
        if (c == 0xC2 || c == 0xE2 || c == 0xEF || c >= 0xF0)
            return false;
    }
    if (text.size() > 5)
        return true;
    const std::string lower = to_lower(text);
    return !one_of(lower, {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"});
}

} // namespace scai::yaml
