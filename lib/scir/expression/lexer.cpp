// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/expression/lexer.hpp"

#include "lib/scir/values.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

namespace scai::scir {

bool name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool name_part(char c) {
    return name_start(c) || (c >= '0' && c <= '9');
}

Error syntax_error(std::string_view source, std::size_t offset, const std::string& message) {
    const std::size_t column = code_points(source.substr(0, offset)).size();
    return bad_request("column " + std::to_string(column) + ": " + message);
}

namespace {

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, unsigned code) {
    const auto byte = [&](unsigned value) { out += static_cast<char>(value); };
    if (code < 0x80U) {
        byte(code);
    } else if (code < 0x800U) {
        byte(0xC0U | (code >> 6U));
        byte(0x80U | (code & 0x3FU));
    } else if (code < 0x10000U) {
        byte(0xE0U | (code >> 12U));
        byte(0x80U | ((code >> 6U) & 0x3FU));
        byte(0x80U | (code & 0x3FU));
    } else {
        byte(0xF0U | (code >> 18U));
        byte(0x80U | ((code >> 12U) & 0x3FU));
        byte(0x80U | ((code >> 6U) & 0x3FU));
        byte(0x80U | (code & 0x3FU));
    }
}

class Lexer {
public:
    Lexer(std::string_view source, Dialect dialect) : source_(source), dialect_(dialect) {}

    Result<Token> next() {
        while (blank(peek(0)))
            ++at_;
        Token token;
        token.offset = at_;
        if (at_ == source_.size())
            return token;
        const char c = source_[at_];
        if (digit(c))
            return number(std::move(token));
        if (name_start(c)) {
            while (name_part(peek(0)))
                ++at_;
            token.text = source_.substr(token.offset, at_ - token.offset);
            token.kind = Token::Kind::name;
            return token;
        }
        if (c == '"' || (c == '\'' && dialect_ == Dialect::flow))
            return text(std::move(token), c);
        if (c == '\'')
            return syntax_error(source_, at_, "texts stand in double quotes here");
        return symbol(std::move(token));
    }

private:
    char peek(std::size_t ahead) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }

    /// Digits, with "_" between them dropped.
    void digits(std::string& out) {
        while (digit(peek(0)) || (peek(0) == '_' && digit(peek(1)) && at_ > 0 && digit(source_[at_ - 1]))) {
            if (source_[at_] != '_')
                out += source_[at_];
            ++at_;
        }
    }

    Result<Token> number(Token token) {
        std::string written;
        bool real = false;
        digits(written);
        if (peek(0) == '.' && digit(peek(1))) {
            real = true;
            written += source_[at_++];
            digits(written);
        }
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if ((peek(0) == 'e' || peek(0) == 'E') && digit(peek(1 + sign))) {
            real = true;
            written += source_.substr(at_, 1 + sign);
            at_ += 1 + sign;
            digits(written);
        }
        if (name_start(peek(0)))
            return syntax_error(source_, at_, "unexpected character in a number");
        token.kind = Token::Kind::number;
        const char* const end = written.data() + written.size();
        std::int64_t whole = 0;
        double fraction = 0;
        const auto error = real ? std::from_chars(written.data(), end, fraction).ec
                                : std::from_chars(written.data(), end, whole).ec;
        if (error != std::errc() || !std::isfinite(fraction))
            return syntax_error(source_, token.offset, "number out of range");
        token.number = real ? json::Value(fraction) : json::Value(whole);
        return token;
    }

    Result<Token> text(Token token, char quote) {
        ++at_;
        for (;;) {
            if (at_ >= source_.size())
                return syntax_error(source_, token.offset, "text without an end");
            const char c = source_[at_];
            if (c == quote)
                break;
            if (c == '\0')
                return syntax_error(source_, at_, "a text cannot hold a NUL");
            if (c == '\\') {
                if (auto done = escape(token.text); !done)
                    return done.error();
                continue;
            }
            if (c == '$' && peek(1) == '{' && dialect_ == Dialect::scaicore)
                return syntax_error(source_, at_,
                                    "no ${...} inside a text of an expression: join with +, or write \\${");
            token.text += c;
            ++at_;
        }
        ++at_;
        token.kind = Token::Kind::text;
        return token;
    }

    Status escape(std::string& out) {
        const std::size_t start = at_++;
        const char c = peek(0);
        static constexpr std::string_view names = "\"'\\/$nrtbf";
        static constexpr std::string_view values = "\"'\\/$\n\r\t\b\f";
        if (c == 'u')
            return unicode(out, start);
        const auto found = c == '\0' ? std::string_view::npos : names.find(c);
        if (found == std::string_view::npos)
            return syntax_error(source_, start, "unknown escape in a text");
        out += values[found];
        ++at_;
        return Done{};
    }

    std::optional<unsigned> hex4() {
        if (at_ + 4 > source_.size())
            return std::nullopt;
        unsigned code = 0;
        const char* const from = source_.data() + at_;
        const auto read = std::from_chars(from, from + 4, code, 16);
        if (read.ec != std::errc() || read.ptr != from + 4)
            return std::nullopt;
        at_ += 4;
        return code;
    }

    Status unicode(std::string& out, std::size_t start) {
        ++at_;
        auto code = hex4();
        if (code && *code >= 0xD800U && *code < 0xDC00U && peek(0) == '\\' && peek(1) == 'u') {
            at_ += 2;
            const auto low = hex4();
            code = low && *low >= 0xDC00U && *low < 0xE000U
                       ? std::optional(0x10000U + ((*code - 0xD800U) << 10U) + (*low - 0xDC00U))
                       : std::nullopt;
        } else if (code && *code >= 0xD800U && *code < 0xE000U) {
            code.reset();
        }
        if (!code || *code == 0)
            return syntax_error(source_, start, "\\u needs four hexadecimal digits of a character");
        append_utf8(out, *code);
        return Done{};
    }

    Result<Token> symbol(Token token) {
        const char c = peek(0);
        const bool repeats = (c == '|' || c == '&') && peek(1) == c;
        const bool compares = (c == '=' || c == '!' || c == '<' || c == '>') && peek(1) == '=';
        if (repeats || compares)
            token.text = source_.substr(at_, 2);
        else if (c != '\0' && std::strchr("!-+*/%<>()[].,", c) != nullptr)
            token.text = c;
        if (token.text.empty())
            return syntax_error(source_, at_,
                                c == '=' ? "unexpected '=': compare with ==" : "unexpected character");
        token.kind = Token::Kind::symbol;
        at_ += token.text.size();
        return token;
    }

    std::string_view source_;
    Dialect dialect_;
    std::size_t at_ = 0;
};

} // namespace

Result<std::vector<Token>> tokens_of(std::string_view source, Dialect dialect) {
    Lexer lexer(source, dialect);
    std::vector<Token> tokens;
    tokens.reserve(12); // holds most expressions
    do {
        SCAI_TRY(Token token, lexer.next());
        tokens.push_back(std::move(token));
    } while (tokens.back().kind != Token::Kind::end);
    return tokens;
}

} // namespace scai::scir
