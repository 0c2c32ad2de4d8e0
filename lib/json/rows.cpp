// SPDX-License-Identifier: Apache-2.0
#include "lib/json/rows.hpp"

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

Rows& Rows::row() {
    if (out_.size() > 1)
        out_ += "},";
    out_ += '{';
    return *this;
}

void Rows::key(std::string_view key) {
    if (out_.back() != '{')
        out_ += ',';
    out_ += '"';
    out_ += key;
    out_ += "\":";
}

Rows& Rows::text(std::string_view name, std::optional<std::string_view> text) {
    if (!text)
        return raw(name, "null");
    key(name);
    append_text(out_, *text);
    return *this;
}

Rows& Rows::raw(std::string_view name, std::string_view json) {
    key(name);
    out_ += json;
    return *this;
}

std::string Rows::take() && {
    if (out_.size() > 1)
        out_ += '}';
    out_ += ']';
    return std::move(out_);
}

} // namespace scai::json
