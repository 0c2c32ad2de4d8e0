// SPDX-License-Identifier: Apache-2.0
#include "lib/json/check.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace scai::json {

namespace {

constexpr std::size_t max_depth = 512;

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/// The four digits after "\u"; -1 when there are not four.
int hex_quad(std::string_view text, std::size_t at) {
    int out = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        const int digit = i < text.size() ? hex_digit(text[i]) : -1;
        if (digit < 0)
            return -1;
        out = out * 16 + digit;
    }
    return out;
}

bool is_high_surrogate(int code) {
    return code >= 0xD800 && code < 0xDC00;
}

bool is_low_surrogate(int code) {
    return code >= 0xDC00 && code < 0xE000;
}

/// Reads a name byte by byte as it is meant. The text between its quotation marks has been checked.
class NameReader {
public:
    explicit NameReader(std::string_view inside) : text_(inside) {}
    /// -1 at the end.
    int next() {
        if (waiting_ > 0)
            return pending_[static_cast<std::size_t>(--waiting_)];
        if (at_ == text_.size())
            return -1;
        const char c = text_[at_++];
        if (c != '\\')
            return static_cast<unsigned char>(c);
        switch (const char escape = text_[at_++]) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'u':
            return code_point();
        default:
            return escape;
        }
    }

private:
    /// First byte of the UTF-8 form; the others wait, last one first.
    int code_point() {
        int code = hex_quad(text_, at_);
        at_ += 4;
        if (is_high_surrogate(code)) {
            code = 0x10000 + ((code - 0xD800) << 10) + (hex_quad(text_, at_ + 2) - 0xDC00);
            at_ += 6;
        }
        if (code < 0x80)
            return code;
        int lead = 0xC0;
        for (int limit = 0x800; code >= limit && lead != 0xF0; limit = 0x10000)
            lead = lead == 0xC0 ? 0xE0 : 0xF0;
        const int followers = lead == 0xC0 ? 1 : lead == 0xE0 ? 2 : 3;
        for (int i = 0; i < followers; ++i) {
            pending_[static_cast<std::size_t>(i)] = 0x80 | (code & 0x3F);
            code >>= 6;
        }
        waiting_ = followers;
        return lead | code;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::array<int, 3> pending_{};
    int waiting_ = 0;
};

/// Order of two names by what they mean: "a" and "\u0061" are the same name.
int compare_names(std::string_view a, std::string_view b) {
    if (a.find('\\') == std::string_view::npos && b.find('\\') == std::string_view::npos)
        return a.compare(b);
    NameReader left(a), right(b);
    for (;;) {
        const int x = left.next();
        const int y = right.next();
        if (x != y)
            return x < y ? -1 : 1;
        if (x < 0)
            return 0;
    }
}

class Checker {
public:
    explicit Checker(std::string_view text) : text_(text) {}

    Status run() {
        if (!valid_utf8(text_))
            return problem("the text is not UTF-8");
        blanks();
        if (at_ == text_.size() || (text_[at_] != '{' && text_[at_] != '['))
            return problem("an object or an array was expected");
        SCAI_TRY(const auto done, value(0));
        blanks();
        if (at_ != text_.size())
            return problem("nothing may follow the JSON text");
        return done;
    }

private:
    Error problem(std::string_view why) const {
        return Error{.message = "invalid JSON at position " + std::to_string(at_) + ": " + std::string(why)};
    }
    void blanks() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
            ++at_;
    }
    bool take(char c) {
        if (at_ == text_.size() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }

    Status value(std::size_t depth) {
        if (depth > max_depth)
            return problem("nested too deeply");
        blanks();
        if (at_ == text_.size())
            return problem("the text ends too early");
        switch (text_[at_]) {
        case '{':
            return object(depth);
        case '[':
            return array(depth);
        case '"':
            return string();
        case 't':
            return word("true");
        case 'f':
            return word("false");
        case 'n':
            return word("null");
        default:
            return number();
        }
    }

    Status object(std::size_t depth) {
        ++at_;
        std::vector<std::string_view> names;
        blanks();
        if (take('}'))
            return Done{};
        do {
            blanks();
            const auto start = at_;
            if (at_ == text_.size() || text_[at_] != '"')
                return problem("the name of a member was expected");
            SCAI_TRY(Done named, string());
            names.push_back(text_.substr(start + 1, at_ - start - 2));
            blanks();
            if (!take(':'))
                return problem("\":\" was expected");
            SCAI_TRY(named, value(depth + 1));
            blanks();
        } while (take(','));
        if (!take('}'))
            return problem("\",\" or \"}\" was expected");
        std::sort(names.begin(), names.end(), [](auto a, auto b) { return compare_names(a, b) < 0; });
        if (std::adjacent_find(names.begin(), names.end(),
                               [](auto a, auto b) { return compare_names(a, b) == 0; }) != names.end())
            return problem("the object before it has the same member twice");
        return Done{};
    }

    Status array(std::size_t depth) {
        ++at_;
        blanks();
        if (take(']'))
            return Done{};
        do {
            SCAI_TRY(const auto done, value(depth + 1));
            static_cast<void>(done);
            blanks();
        } while (take(','));
        if (!take(']'))
            return problem("\",\" or \"]\" was expected");
        return Done{};
    }

    Status string() {
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return Done{};
            }
            if (static_cast<unsigned char>(c) < 0x20)
                return problem("a control character must be escaped");
            if (c == '\\') {
                SCAI_TRY(const auto done, escape());
                static_cast<void>(done);
            }
        }
        return problem("a string does not end");
    }

    /// Leaves at_ on the escape's last character.
    Status escape() {
        ++at_;
        if (at_ == text_.size())
            return problem("a string does not end");
        if (text_[at_] != 'u')
            return std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos
                       ? Status(problem("no such escape"))
                       : Status(Done{});
        const int code = hex_quad(text_, at_ + 1);
        if (code < 0)
            return problem("four hexadecimal digits were expected");
        if (code == 0)
            return problem("a NUL character is not allowed");
        if (is_low_surrogate(code))
            return problem("half of a surrogate pair");
        at_ += 4;
        if (!is_high_surrogate(code))
            return Done{};
        if (text_.substr(at_ + 1, 2) != "\\u" || !is_low_surrogate(hex_quad(text_, at_ + 3)))
            return problem("half of a surrogate pair");
        at_ += 6;
        return Done{};
    }

    Status word(std::string_view wanted) {
        if (text_.substr(at_, wanted.size()) != wanted)
            return problem("a value was expected");
        at_ += wanted.size();
        return Done{};
    }

    bool digits() {
        const auto start = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9')
            ++at_;
        return at_ > start;
    }

    /// RFC 8259 6.
    Status number() {
        take('-');
        if (!take('0') && !digits())
            return problem("a value was expected");
        if (take('.') && !digits())
            return problem("a digit was expected");
        if (take('e') || take('E')) {
            static_cast<void>(take('+') || take('-'));
            if (!digits())
                return problem("a digit was expected");
        }
        return Done{};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

Status check(std::string_view text) {
    return Checker(text).run();
}

} // namespace scai::json
