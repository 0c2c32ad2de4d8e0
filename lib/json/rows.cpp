// SPDX-License-Identifier: Apache-2.0
#include "lib/json/rows.hpp"

#include <utility>

namespace scai::json {

void append_text(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    std::size_t plain = 0; // start of what needs no escape
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        out.append(text, plain, i - plain);
        plain = i + 1;
        if (byte >= 0x20) {
            out += '\\';
            out += text[i];
        } else {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    out.append(text, plain);
    out += '"';
}

namespace {

void add_key(std::string& out, std::string_view key) {
    if (out.back() != '{')
        out += ',';
    out += '"';
    out += key;
    out += "\":";
}

void add_text(std::string& out, std::string_view key, std::optional<std::string_view> text) {
    add_key(out, key);
    if (text)
        append_text(out, *text);
    else
        out += "null";
}

} // namespace

Rows& Rows::row() {
    if (out_.size() > 1)
        out_ += "},";
    out_ += '{';
    return *this;
}

Rows& Rows::text(std::string_view key, std::optional<std::string_view> text) {
    add_text(out_, key, text);
    return *this;
}

Rows& Rows::raw(std::string_view key, std::string_view json) {
    add_key(out_, key);
    out_ += json;
    return *this;
}

std::string Rows::take() && {
    if (out_.size() > 1)
        out_ += '}';
    out_ += ']';
    return std::move(out_);
}

Members& Members::text(std::string_view key, std::optional<std::string_view> text) {
    add_text(out_, key, text);
    return *this;
}

Members& Members::raw(std::string_view key, std::string_view json) {
    add_key(out_, key);
    out_ += json;
    return *this;
}

void Members::append_item(std::string_view text) {
    if (out_.back() != '[')
        out_ += ',';
    append_text(out_, text);
}

std::string Members::take() {
    out_ += '}';
    return std::exchange(out_, std::string("{"));
}

} // namespace scai::json
