// Hex and base64, both alphabets. Decoders are strict: one text per value, so that nothing signed or hashed
// has a second spelling. SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"

#include <array>
#include <cstdint>

namespace scai::crypto {

namespace {

constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Reverse = std::array<int, 256>;

constexpr Reverse reverse(std::string_view alphabet) {
    Reverse table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<int>(i);
    return table;
}

constexpr Reverse standard_reverse = reverse(standard_alphabet);
constexpr Reverse url_reverse = reverse(url_alphabet);

std::string encode(std::string_view bytes, std::string_view alphabet) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(c);
        for (held += 8; held >= 6;) {
            held -= 6;
            out.push_back(alphabet[(bits >> held) & 63U]);
        }
    }
    if (held > 0)
        out.push_back(alphabet[(bits << (6 - held)) & 63U]);
    return out;
}

/// `text` without padding.
std::optional<std::string> decode(std::string_view text, const Reverse& table) {
    if (text.size() % 4 == 1)
        return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const int value = table[static_cast<unsigned char>(c)];
        if (value < 0)
            return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<char>((bits >> held) & 255U));
        }
    }
    if ((bits & ((1U << held) - 1U)) != 0) // RFC 4648 3.5: left-over bits must be zero
        return std::nullopt;
    return out;
}

/// A table: branches on digits that look random are mispredicted every other time.
constexpr auto hex_values = [] {
    std::array<signed char, 256> out{};
    out.fill(-1);
    for (int i = 0; i < 10; ++i)
        out[static_cast<std::size_t>('0' + i)] = static_cast<signed char>(i);
    for (int i = 0; i < 6; ++i)
        out[static_cast<std::size_t>('a' + i)] = out[static_cast<std::size_t>('A' + i)] =
            static_cast<signed char>(10 + i);
    return out;
}();

int hex_value(char c) {
    return hex_values[static_cast<unsigned char>(c)];
}

} // namespace

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const unsigned byte = static_cast<unsigned char>(c);
        out.push_back(digits[byte >> 4U]);
        out.push_back(digits[byte & 15U]);
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::string out(text.size() / 2, '\0');
    int wrong = 0; // negative as soon as one of them was no digit
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        wrong |= high | low;
        out[i] = static_cast<char>(high * 16 + low);
    }
    if (wrong < 0)
        return std::nullopt;
    return out;
}

std::string base64url(std::string_view bytes) {
    return encode(bytes, url_alphabet);
}

std::optional<std::string> from_base64url(std::string_view text) {
    return decode(text, url_reverse);
}

std::string base64(std::string_view bytes) {
    std::string out = encode(bytes, standard_alphabet);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    return decode(text.substr(0, text.size() - padding), standard_reverse);
}

} // namespace scai::crypto
