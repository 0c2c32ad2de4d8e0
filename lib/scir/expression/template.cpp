// Templates: texts with {{expression}} or ${expression} inside JSON. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/json/view.hpp"
#include "lib/scir/expression/lexer.hpp"
#include "lib/scir/expression/syntax.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>
#include <variant>

namespace scai::scir {

using json::Value;

namespace {

std::string_view opener(Dialect dialect) {
    return dialect == Dialect::flow ? "{{" : "${";
}
std::string_view closer(Dialect dialect) {
    return dialect == Dialect::flow ? "}}" : "}";
}

/// Where the expression that starts at `at` ends: the first closer outside a text.
std::size_t end_of_expression(std::string_view text, std::size_t at, Dialect dialect) {
    char quote = '\0';
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quote != '\0') {
            if (c == '\\')
                ++at;
            else if (c == quote)
                quote = '\0';
        } else if (c == '"' || (c == '\'' && dialect == Dialect::flow)) {
            quote = c;
        } else if (text.substr(at).starts_with(closer(dialect))) {
            return at;
        }
    }
    return std::string_view::npos;
}

/// The error of an expression that starts at `start` of a text: its column counts from the text.
Error shifted(Error error, std::string_view text, std::size_t start) {
    constexpr std::string_view word = "column ";
    const auto colon = error.message.find(':');
    if (!error.message.starts_with(word) || colon == std::string::npos)
        return syntax_error(text, start, error.message);
    const auto column = parse_int(std::string_view(error.message).substr(word.size(), colon - word.size()));
    const auto before = static_cast<std::int64_t>(code_points(text.substr(0, start)).size()) - 1;
    error.message = "column " + std::to_string(before + column.value_or(1)) + error.message.substr(colon);
    return error;
}

/// Plain text as a template writes it: openers escaped. `follows`: an expression comes next.
std::string escaped(const std::string& plain, bool follows, Dialect dialect) {
    const std::string_view open = opener(dialect);
    const std::string all = follows ? plain + std::string(open) : plain;
    std::string out;
    for (std::size_t at = 0; at < plain.size() || (follows && at == plain.size());) {
        const std::size_t found = std::min(all.find(open, at), all.size());
        std::size_t slashes = 0;
        while (found < all.size() && found - slashes > at && all[found - slashes - 1] == '\\')
            ++slashes;
        out.append(all, at, found - at).append(slashes, '\\');
        if (found >= plain.size())
            break;
        const bool literal = found + open.size() <= plain.size();
        out += literal ? "\\" + std::string(open) : std::string(1, all[found]);
        at = found + (literal ? open.size() : 1);
    }
    return out;
}

bool holds_opener(std::string_view text, Dialect dialect) {
    return text.find(opener(dialect)) != std::string_view::npos;
}

/// No text anywhere in it holds an opener, and it is not nested too deeply.
bool is_plain(const Value& value, Dialect dialect, std::size_t depth) {
    if (value.is_string())
        return !holds_opener(json::view_of(value), dialect);
    bool plain = true;
    const auto visit = [&](const Value& item) {
        plain = plain && depth < max_value_depth && is_plain(item, dialect, depth + 1);
    };
    if (value.is_array())
        value.each_item(visit);
    else
        value.each_member([&](std::string_view, const Value& item) { visit(item); });
    return plain;
}

/// escaped() for every text of a JSON value.
Value escaped_value(const Value& value, Dialect dialect) {
    if (value.is_string())
        return Value(escaped(*value.text(), false, dialect));
    if (value.is_array()) {
        Value out = Value::array();
        value.each_item([&](const Value& item) { out.push(escaped_value(item, dialect)); });
        return out;
    }
    if (value.is_object()) {
        Value out = Value::object();
        value.each_member(
            [&](std::string_view key, const Value& item) { out.set(key, escaped_value(item, dialect)); });
        return out;
    }
    return value;
}

} // namespace

/// A text is a list of pieces, all else is JSON with parts inside.
struct Template::Part {
    using Piece = std::variant<std::string, Expression>;
    struct Member {
        std::string key;
        std::shared_ptr<const Part> part;
    };
    enum class Kind { plain, text, list, object } kind = Kind::plain;
    Value plain;                 ///< no template anywhere inside
    bool as_parsed = true;       ///< plain is the very value that was parsed
    std::vector<Piece> pieces;   ///< text
    std::vector<Member> members; ///< list and object

    static Result<std::shared_ptr<const Part>> parse(const Value& value, Dialect dialect, std::size_t depth);
    static Result<std::vector<Piece>> parse_text(std::string_view text, Dialect dialect);
    static Status parse_members(Part& part, const Value& value, Dialect dialect, std::size_t depth);
    Value source(Dialect dialect) const;
    Result<Value> render(const Expression::Lookup& lookup, std::size_t& left, Work& work) const;
    void roots(std::vector<std::string>& out) const;
    static std::shared_ptr<const Part> renamed(const std::shared_ptr<const Part>& part,
                                               const std::function<std::string(const std::string&)>& name);
};

Result<std::vector<Template::Part::Piece>> Template::Part::parse_text(std::string_view text,
                                                                      Dialect dialect) {
    std::vector<Piece> pieces;
    std::string plain;
    const auto flush = [&] {
        if (!plain.empty())
            pieces.emplace_back(std::move(plain));
        plain.clear();
    };
    const std::string_view open = opener(dialect);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t found = std::min(text.find(open, at), text.size());
        std::size_t slashes = 0;
        while (found < text.size() && found - slashes > at && text[found - slashes - 1] == '\\')
            ++slashes;
        // Backslashes count in front of an opener only: two are one, a single one makes it literal.
        plain.append(text, at, found - at - slashes).append(slashes / 2, '\\');
        if (found == text.size())
            break;
        if (slashes % 2 == 1) {
            plain += open;
            at = found + open.size();
            continue;
        }
        const std::size_t start = found + open.size();
        // No expression starts with a brace: of "{{{" the first one is text.
        if (dialect == Dialect::flow && text.substr(start).starts_with("{")) {
            plain += '{';
            at = found + 1;
            continue;
        }
        const std::size_t end = end_of_expression(text, start, dialect);
        if (end == std::string_view::npos)
            return syntax_error(text, found,
                                "'" + std::string(open) + "' without '" + std::string(closer(dialect)) + "'");
        auto expression = Expression::parse(text.substr(start, end - start), dialect);
        if (!expression)
            return shifted(expression.error(), text, start);
        flush();
        pieces.emplace_back(std::move(*expression));
        at = end + closer(dialect).size();
    }
    flush();
    return pieces;
}

Status Template::Part::parse_members(Part& part, const Value& value, Dialect dialect, std::size_t depth) {
    bool plain = true, as_parsed = true;
    std::optional<Error> failed;
    part.members.reserve(value.size());
    const auto take = [&](std::string key, const Value& item) {
        if (failed)
            return;
        auto parsed = parse(item, dialect, depth + 1);
        if (!parsed) {
            failed = parsed.error();
            failed->message = key + (failed->message.starts_with("column ") ? ": " : ".") + failed->message;
            return;
        }
        plain = plain && (*parsed)->kind == Kind::plain;
        as_parsed = as_parsed && (*parsed)->as_parsed;
        part.members.push_back({std::move(key), std::move(*parsed)});
    };
    if (value.is_array())
        for (std::size_t i = 0; i < value.size(); ++i)
            take(std::to_string(i), value.at(i));
    else
        value.each_member([&](std::string_view key, const Value& item) { take(std::string(key), item); });
    if (failed)
        return *failed;
    part.kind = value.is_array() ? Kind::list : Kind::object;
    if (plain) {
        part.kind = Kind::plain;
        part.as_parsed = as_parsed;
        if (!as_parsed) {
            part.plain = value.is_array() ? Value::array() : Value::object();
            for (const Member& member : part.members)
                value.is_array() ? part.plain.push(member.part->plain)
                                 : part.plain.set(member.key, member.part->plain);
        }
        part.members.clear();
    }
    return Done{};
}

Result<std::shared_ptr<const Template::Part>> Template::Part::parse(const Value& value, Dialect dialect,
                                                                    std::size_t depth) {
    if (depth > max_value_depth)
        return bad_request("nested too deeply");
    auto part = std::make_shared<Part>();
    part->plain = value;
    if (value.is_string() && holds_opener(json::view_of(value), dialect)) {
        SCAI_TRY(part->pieces, parse_text(json::view_of(value), dialect));
        part->kind = Kind::text;
        if (part->pieces.empty())
            part->pieces.emplace_back(std::string());
        if (part->pieces.size() == 1 && std::holds_alternative<std::string>(part->pieces.front())) {
            part->kind = Kind::plain;
            part->plain = Value(std::get<std::string>(part->pieces.front()));
            part->as_parsed = false;
        }
    } else if (value.is_array() || value.is_object()) {
        if (auto done = parse_members(*part, value, dialect, depth); !done)
            return done.error();
    }
    return std::shared_ptr<const Part>(std::move(part));
}

Value Template::Part::source(Dialect dialect) const {
    if (kind == Kind::plain)
        return is_plain(plain, dialect, 1) ? plain : escaped_value(plain, dialect);
    if (kind == Kind::text) {
        std::string out;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (const auto* expression = std::get_if<Expression>(&pieces[i]))
                ((out += opener(dialect)) += expression->text(dialect)) += closer(dialect);
            else
                out += escaped(std::get<std::string>(pieces[i]), i + 1 < pieces.size(), dialect);
        }
        return Value(out);
    }
    Value out = kind == Kind::list ? Value::array() : Value::object();
    for (const Member& member : members)
        kind == Kind::list ? out.push(member.part->source(dialect))
                           : out.set(member.key, member.part->source(dialect));
    return out;
}

Result<Value> Template::Part::render(const Expression::Lookup& lookup, std::size_t& left, Work& work) const {
    if (kind == Kind::plain)
        return plain;
    if (kind == Kind::text && pieces.size() == 1)
        return evaluate(*std::get<Expression>(pieces.front()).root_, lookup, work);
    if (kind == Kind::text) {
        std::string out;
        for (const Piece& piece : pieces) {
            std::optional<std::string> text;
            if (const auto* expression = std::get_if<Expression>(&piece)) {
                SCAI_TRY(const Value value, evaluate(*expression->root_, lookup, work));
                text = to_text(value, left);
            } else {
                text = std::get<std::string>(piece);
            }
            if (!text || text->size() > left)
                return bad_request("a rendered template is longer than 1 MB");
            left -= text->size();
            out += *text;
        }
        return Value(out);
    }
    Value out = kind == Kind::list ? Value::array() : Value::object();
    for (const Member& member : members) {
        SCAI_TRY(Value value, member.part->render(lookup, left, work));
        kind == Kind::list ? out.push(std::move(value)) : out.set(member.key, std::move(value));
    }
    return out;
}

void Template::Part::roots(std::vector<std::string>& out) const {
    for (const Piece& piece : pieces)
        if (const auto* expression = std::get_if<Expression>(&piece))
            for (std::string& name : expression->roots())
                out.push_back(std::move(name));
    for (const Member& member : members)
        member.part->roots(out);
}

std::shared_ptr<const Template::Part>
Template::Part::renamed(const std::shared_ptr<const Part>& part,
                        const std::function<std::string(const std::string&)>& name) {
    if (part->kind == Kind::plain)
        return part;
    auto copy = std::make_shared<Part>(*part);
    for (Piece& piece : copy->pieces)
        if (auto* expression = std::get_if<Expression>(&piece))
            *expression = expression->renamed(name);
    for (Member& member : copy->members)
        member.part = renamed(member.part, name);
    return copy;
}

Result<Template> Template::parse(const Value& value, Dialect dialect) {
    Template out;
    if (is_plain(value, dialect, 1)) { // most are
        auto part = std::make_shared<Part>();
        part->plain = value;
        out.root_ = std::move(part);
    } else {
        SCAI_TRY(out.root_, Part::parse(value, dialect, 1));
    }
    return out;
}

Value Template::source(Dialect dialect) const {
    return root_->source(dialect);
}

std::vector<std::string> Template::roots() const {
    std::vector<std::string> out;
    root_->roots(out);
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

Template Template::renamed(const std::function<std::string(const std::string&)>& name) const {
    Template out;
    out.root_ = Part::renamed(root_, name);
    return out;
}

Result<Value> Template::render(const Expression::Lookup& lookup) const {
    std::size_t left = max_text;
    Work work;
    return root_->render(lookup, left, work);
}

std::optional<Expression> Template::as_expression() const {
    const Part& part = *root_;
    if (part.kind == Part::Kind::plain && part.plain.is_string())
        return Expression(make_literal(part.plain));
    if (part.kind != Part::Kind::text)
        return std::nullopt;
    if (part.pieces.size() == 1)
        return std::get<Expression>(part.pieces.front());
    // A text in front makes every "+" a concatenation.
    NodePtr first;
    std::vector<Operand> others;
    for (const Part::Piece& piece : part.pieces) {
        const auto* plain = std::get_if<std::string>(&piece);
        if (!first && plain == nullptr)
            first = make_literal("");
        NodePtr node = plain != nullptr ? make_literal(Value(*plain)) : std::get<Expression>(piece).root_;
        if (!first)
            first = std::move(node);
        else
            others.push_back({Op::add, std::move(node)});
    }
    return Expression(make_chain(std::move(first), std::move(others)));
}

} // namespace scai::scir
