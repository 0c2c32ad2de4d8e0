// SPDX-License-Identifier: Apache-2.0
#include "lib/json/write.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <jansson.h>
#include <string_view>
#include <vector>

namespace scai::json {

namespace {

template<class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    out += text;
    // A real stays one when it is read again.
    if constexpr (std::is_floating_point_v<Number>)
        if (text.find_first_of(".e") == std::string_view::npos)
            out += ".0";
}

const char* short_escape(char c) {
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return nullptr;
    }
}

void write_text(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += '"';
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\')
            continue;
        out += text.substr(done, i - done);
        done = i + 1;
        if (const char* escape = short_escape(c)) {
            out += escape;
        } else {
            const auto code = static_cast<unsigned char>(c);
            out += "\\u00";
            out += digits[code >> 4U];
            out += digits[code & 15U];
        }
    }
    out += text.substr(done);
    out += '"';
}

class Writer {
public:
    Writer(std::string& out, Layout layout) : out_(out), layout_(layout) {}

    void value(const json_t* json) {
        switch (json_typeof(json)) {
        case JSON_OBJECT:
            return object(json);
        case JSON_ARRAY:
            return array(json);
        case JSON_STRING:
            return write_text(out_, {json_string_value(json), json_string_length(json)});
        case JSON_INTEGER:
            return append_number(out_, json_integer_value(json));
        case JSON_REAL:
            return append_number(out_, json_real_value(json));
        case JSON_TRUE:
            out_ += "true";
            return;
        case JSON_FALSE:
            out_ += "false";
            return;
        case JSON_NULL:
            out_ += "null";
            return;
        }
    }

private:
    using Member = std::pair<std::string_view, const json_t*>;

    void object(const json_t* json) {
        if (json_object_size(json) == 0) {
            out_ += "{}";
            return;
        }
        out_ += '{';
        ++depth_;
        if (layout_ == Layout::sorted) {
            std::vector<Member> members;
            members.reserve(json_object_size(json));
            each(json, [&](const Member& member) { members.push_back(member); });
            std::sort(members.begin(), members.end());
            for (std::size_t i = 0; i < members.size(); ++i)
                member(members[i], i == 0);
        } else {
            bool first = true;
            each(json, [&](const Member& each_member) {
                member(each_member, first);
                first = false;
            });
        }
        --depth_;
        new_line();
        out_ += '}';
    }

    template<class Visit>
    static void each(const json_t* json, Visit visit) {
        // jansson iterates over what it does not change, but asks for a mutable tree.
        auto* object = const_cast<json_t*>(json); // NOLINT(cppcoreguidelines-pro-type-const-cast)
        for (void* i = json_object_iter(object); i != nullptr; i = json_object_iter_next(object, i))
            visit(Member{json_object_iter_key(i), json_object_iter_value(i)});
    }

    void member(const Member& member, bool first) {
        if (!first)
            out_ += ',';
        new_line();
        write_text(out_, member.first);
        out_ += layout_ == Layout::pretty ? ": " : ":";
        value(member.second);
    }

    void array(const json_t* json) {
        if (json_array_size(json) == 0) {
            out_ += "[]";
            return;
        }
        out_ += '[';
        ++depth_;
        for (std::size_t i = 0; i < json_array_size(json); ++i) {
            if (i != 0)
                out_ += ',';
            new_line();
            value(json_array_get(json, i));
        }
        --depth_;
        new_line();
        out_ += ']';
    }

    void new_line() {
        if (layout_ == Layout::pretty)
            out_.append("\n").append(depth_ * 2, ' ');
    }

    std::string& out_;
    Layout layout_;
    std::size_t depth_ = 0;
};

} // namespace

std::string write(const json_t* json, Layout layout) {
    std::string out;
    if (json == nullptr)
        return "null";
    Writer(out, layout).value(json);
    return out;
}

} // namespace scai::json
