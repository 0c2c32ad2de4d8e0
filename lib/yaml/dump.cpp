// SPDX-License-Identifier: Apache-2.0
#include "lib/json/view.hpp"
#include "lib/yaml/scalars.hpp"
#include "lib/yaml/yaml.hpp"

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

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode(text, at);
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
                out.append(text.substr(at, point.length));
            else
                append_hex(out, point.value);
        }
        at += point.length;
    }
    return out += '"';
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
        map.each_member([&](std::string_view key, const json::Value& value) {
            if (!first)
                pad(indent);
            first = false;
            write_key(key, indent);
            write_after_colon(value, indent);
        });
    }

    void write_key(std::string_view key, std::size_t indent) {
        const bool plain = plain_is_safe(key);
        if (plain && key.size() <= longest_simple_key) {
            out += key;
        } else if (const std::string name = plain ? std::string(key) : quoted(key);
                   name.size() > longest_simple_key) {
            out.append("? ").append(name) += '\n';
            pad(indent);
        } else {
            out += name;
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
        list.each_item([&](const json::Value& item) {
            if (!first)
                pad(indent);
            first = false;
            out += "- ";
            write(item, indent + 2);
        });
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
            (plain_is_safe(text) ? out += text : out += quoted(text)) += '\n';
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

    void write_number_or_word(const json::Value& value) {
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
