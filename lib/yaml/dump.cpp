// SPDX-License-Identifier: Apache-2.0
#include "lib/json/view.hpp"
#include "lib/yaml/scalars.hpp"
#include "lib/yaml/yaml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace scai::yaml {

namespace {

/// A longer key must be written with "? " (YAML 1.2, 7.4.2: 1,024 characters).
constexpr std::size_t longest_simple_key = 1'000;

struct CodePoint {
    char32_t value;
    std::size_t length;
};

/// `text` is valid UTF-8: every json::Value's is.
CodePoint decode(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
    };
    const char32_t first = byte(at);
    if (first < 0x80)
        return {first, 1};
    if (first < 0xE0)
        return {((first & 0x1F) << 6) | (byte(at + 1) & 0x3F), 2};
    if (first < 0xF0)
        return {((first & 0x0F) << 12) | ((byte(at + 1) & 0x3F) << 6) | (byte(at + 2) & 0x3F), 3};
    return {((first & 0x07) << 18) | ((byte(at + 1) & 0x3F) << 12) | ((byte(at + 2) & 0x3F) << 6) |
                (byte(at + 3) & 0x3F),
            4};
}

/// May stand unescaped between double quotes: printable, no line break of any reader, no byte order mark.
bool printable(char32_t c) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF)
        return false;
    return (c & 0xFFFE) != 0xFFFE;
}

void append_hex(std::string& out, char32_t c) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    const int width = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    out += width == 2 ? "\\x" : width == 4 ? "\\u" : "\\U";
    for (int shift = (width - 1) * 4; shift >= 0; shift -= 4)
        out += hex[(c >> shift) & 0xF];
}

/// ASCII that stands for itself between double quotes.
bool ordinary(char c) {
    return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
}

void append_escaped(std::string& out, std::string_view text, const CodePoint& point) {
    switch (point.value) {
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        if (printable(point.value))
            out.append(text.substr(0, point.length));
        else
            append_hex(out, point.value);
    }
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto* const end = std::find_if_not(text.begin(), text.end(), ordinary);
        const auto run = static_cast<std::size_t>(end - text.begin());
        out.append(text.substr(0, run));
        text.remove_prefix(run);
        if (text.empty())
            break;
        const CodePoint point = decode(text, 0);
        append_escaped(out, text, point);
        text.remove_prefix(point.length);
    }
    out += '"';
}

/// Whether a literal block gives back exactly these lines: no blank line at either end but one line break, no
/// line of blanks, nothing to escape.
bool literal_is_exact(std::string_view text) {
    if (text.find('\n') == std::string_view::npos || text[0] == ' ' || text[0] == '\n')
        return false;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode(text, at);
        if (point.value != '\n' && !printable(point.value))
            return false;
        at += point.length;
    }
    std::string_view rest = text;
    if (rest.back() == '\n')
        rest.remove_suffix(1);
    for (;;) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        if (!line.empty() && line.find_first_not_of(' ') == std::string_view::npos)
            return false;
        if (end == std::string_view::npos)
            return !line.empty();
        rest.remove_prefix(end + 1);
    }
}

class Writer {
public:
    std::string out;

    void write(const json::Value& value, std::size_t indent) {
        if (value.is_object() && value.size() > 0)
            write_map(value, indent);
        else if (value.is_array() && value.size() > 0)
            write_list(value, indent);
        else
            write_scalar(value, indent);
    }

private:
    void pad(std::size_t indent) { out.append(indent, ' '); }

    void write_map(const json::Value& map, std::size_t indent) {
        bool first = true;
        const auto visit = [&](std::string_view key, const json::Value& value) {
            if (!first)
                pad(indent);
            first = false;
            write_key(key, indent);
            write_after_colon(value, indent);
        };
        map.each_member(std::ref(visit)); // by reference: std::function keeps it without an allocation
    }

    void write_key(std::string_view key, std::size_t indent) {
        const std::size_t start = out.size();
        if (plain_is_safe(key))
            out += key;
        else
            append_quoted(out, key);
        if (out.size() - start > longest_simple_key) {
            out.insert(start, "? ");
            out += '\n';
            pad(indent);
        }
        out += ':';
    }

    void write_after_colon(const json::Value& value, std::size_t indent) {
        if ((value.is_object() || value.is_array()) && value.size() > 0) {
            out += '\n';
            pad(indent + 2);
            write(value, indent + 2);
        } else {
            out += ' ';
            write_scalar(value, indent);
        }
    }

    void write_list(const json::Value& list, std::size_t indent) {
        bool first = true;
        const auto visit = [&](const json::Value& item) {
            if (!first)
                pad(indent);
            first = false;
            out += "- ";
            write(item, indent + 2);
        };
        list.each_item(std::ref(visit));
    }

    /// `indent` is that of the parent: a literal block is two deeper. Ends the line.
    void write_scalar(const json::Value& value, std::size_t indent) {
        if (value.is_string())
            write_text(json::view_of(value), indent);
        else if (value.is_object())
            out += "{}\n";
        else if (value.is_array())
            out += "[]\n";
        else
            write_number_or_word(value);
    }

    void write_text(std::string_view text, std::size_t indent) {
        if (!literal_is_exact(text)) {
            if (plain_is_safe(text))
                out += text;
            else
                append_quoted(out, text);
            out += '\n';
            return;
        }
        std::string_view rest = text;
        out += rest.back() == '\n' ? "|\n" : "|-\n";
        if (rest.back() == '\n')
            rest.remove_suffix(1);
        for (;;) {
            const std::size_t end = rest.find('\n');
            if (end != 0)
                pad(indent + 2);
            out.append(rest.substr(0, end));
            out += '\n';
            if (end == std::string_view::npos)
                return;
            rest.remove_prefix(end + 1);
        }
    }

    void append_integer(std::int64_t number) {
        std::array<char, 24> digits; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by to_chars
        const auto [end, status] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
        static_cast<void>(status);
        out.append(digits.data(), end);
    }

    void write_number_or_word(const json::Value& value) {
        if (const auto word = value.boolean())
            out += *word ? "true" : "false";
        else if (value.is_integer())
            append_integer(*value.integer());
        else
            out += value.present() ? value.dump() : "null"; // reals always show their point
        out += '\n';
    }
};

} // namespace

std::string dump(const json::Value& value) {
    Writer writer;
    writer.write(value, 0);
    return std::move(writer.out);
}

} // namespace scai::yaml
