// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/types.hpp"

#include "lib/base/strings.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>
#include <array>

namespace scai::scir {

using json::Value;

namespace {

constexpr int max_type_depth = 20;

/// One alternative of a type text.
struct Type {
    enum class Kind {
        any,
        text,
        integer,
        number,
        boolean,
        object,
        list,
        map,
        choice,
        money
    } kind = Kind::any;
    std::vector<std::string> choices; ///< choice
    std::string inner;                ///< item of list, value of map; "" = any
};

/// Parts between separators that stand outside brackets and quotes.
std::vector<std::string> split_outside(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::string part;
    int depth = 0;
    bool quoted = false;
    for (const char c : text) {
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '<'))
            ++depth;
        else if (!quoted && (c == ']' || c == '>'))
            --depth;
        if (c == separator && depth == 0 && !quoted) {
            parts.emplace_back(trim(part));
            part.clear();
        } else {
            part += c;
        }
    }
    parts.emplace_back(trim(part));
    return parts;
}

std::string unquoted(std::string_view text) {
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
        text = text.substr(1, text.size() - 2);
    return std::string(text);
}

Type plain_type(std::string_view name) {
    using Kind = Type::Kind;
    static constexpr std::array<std::pair<std::string_view, Kind>, 21> names{{
        {"string", Kind::text},     {"text", Kind::text},     {"date", Kind::text},
        {"datetime", Kind::text},   {"duration", Kind::text}, {"email", Kind::text},
        {"url", Kind::text},        {"uuid", Kind::text},     {"int", Kind::integer},
        {"integer", Kind::integer}, {"float", Kind::number},  {"number", Kind::number},
        {"money", Kind::money},     {"bool", Kind::boolean},  {"boolean", Kind::boolean},
        {"object", Kind::object},   {"array", Kind::list},    {"list", Kind::list},
        {"map", Kind::map},         {"any", Kind::any},       {"enum", Kind::text},
    }};
    const auto found = std::ranges::find(names, name, &std::pair<std::string_view, Kind>::first);
    Type type;
    if (found != names.end())
        type.kind = found->second;
    return type;
}

Type one_type(std::string_view text) {
    const auto open = text.find_first_of("[<");
    if (!text.empty() && text.front() == '"') {
        Type type;
        type.kind = Type::Kind::choice;
        type.choices = {unquoted(text)};
        return type;
    }
    if (open == std::string_view::npos || (text.back() != ']' && text.back() != '>'))
        return plain_type(text);
    Type type = plain_type(trim(text.substr(0, open)));
    const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    if (trim(text.substr(0, open)) == "enum") {
        type.kind = Type::Kind::choice;
        for (const std::string& option : split_outside(inside, ','))
            type.choices.push_back(unquoted(option));
    } else {
        type.inner = split_outside(inside, ',').back();
    }
    return type;
}

/// "a" | "b" is one choice; other alternatives are tried one after the other.
std::vector<Type> types_of(std::string_view text) {
    std::vector<Type> types;
    for (const std::string& part : split_outside(text, '|')) {
        Type type = one_type(part);
        if (!types.empty() && types.back().kind == Type::Kind::choice && type.kind == Type::Kind::choice)
            types.back().choices.push_back(type.choices.front());
        else
            types.push_back(std::move(type));
    }
    return types;
}

std::optional<Value> fit(const Value& value, const Value& type, int depth);

bool all_fit(const Value& value, const std::string& type, int depth, Value& out) {
    bool fits = true;
    const auto take = [&](const Value& item) -> Value {
        auto fitted = fits ? fit(item, type, depth) : std::nullopt;
        fits = fits && fitted.has_value();
        return fitted.value_or(nullptr);
    };
    if (value.is_array()) {
        out = Value::array();
        value.each_item([&](const Value& item) { out.push(take(item)); });
    } else {
        out = Value::object();
        value.each_member([&](std::string_view key, const Value& item) { out.set(key, take(item)); });
    }
    return fits;
}

std::optional<Value> fit_one(const Value& value, const Type& type, int depth) {
    using Kind = Type::Kind;
    const auto when = [&](bool fits) { return fits ? std::optional(value) : std::nullopt; };
    Value out;
    switch (type.kind) {
    case Kind::any:
        return value;
    case Kind::text:
        return when(value.is_string());
    case Kind::integer:
        return value.integer() ? std::optional(Value(*value.integer())) : std::nullopt;
    case Kind::number:
        return when(value.number().has_value());
    case Kind::money:
        return when(value.number().has_value() || value.is_string() || value.is_object());
    case Kind::boolean:
        return when(value.boolean().has_value());
    case Kind::object:
        return when(value.is_object());
    case Kind::choice:
        return when(value.is_string() &&
                    std::ranges::find(type.choices, *value.text()) != type.choices.end());
    case Kind::list:
    case Kind::map:
        if (!(type.kind == Kind::list ? value.is_array() : value.is_object()))
            return std::nullopt;
        if (type.inner.empty())
            return value;
        return all_fit(value, type.inner, depth + 1, out) ? std::optional(out) : std::nullopt;
    }
    return std::nullopt;
}

/// `type` is a type text or an inline object {field: type}.
std::optional<Value> fit(const Value& value, const Value& type, int depth) {
    if (depth > max_type_depth)
        return value;
    if (type.is_object()) {
        auto fitted = fit_output(value, type);
        return fitted ? std::optional(std::move(*fitted)) : std::nullopt;
    }
    std::string text(trim(type.text_or("")));
    if (text.ends_with('?')) {
        if (!value.present() || value.is_null())
            return Value(nullptr);
        text.pop_back();
    }
    for (const Type& one : types_of(trim(text)))
        if (auto fitted = fit_one(value, one, depth))
            return fitted;
    return std::nullopt;
}

std::string found(const Value& value) {
    if (!value.present())
        return "missing";
    const std::string text = to_text(value, 60).value_or("");
    const std::string type(type_name(value));
    if (text.empty() || value.is_array() || value.is_object())
        return "a " + type;
    return type + " " + text;
}

Value sample(const Value& type, int depth) {
    if (type.is_object())
        return depth > max_type_depth ? Value(nullptr) : sample_output(type);
    std::string text(trim(type.text_or("")));
    if (text.ends_with('?'))
        text.pop_back();
    const Type one = types_of(trim(text)).front();
    switch (one.kind) {
    case Type::Kind::integer:
        return 0;
    case Type::Kind::number:
    case Type::Kind::money:
        return 0.0;
    case Type::Kind::boolean:
        return false;
    case Type::Kind::object:
    case Type::Kind::map:
        return Value::object();
    case Type::Kind::list:
        return Value::array();
    case Type::Kind::choice:
        return one.choices.front();
    case Type::Kind::any:
    case Type::Kind::text:
        break;
    }
    return "text";
}

} // namespace

Result<Value> fit_output(const Value& answer, const Value& output_type) {
    if (!output_type.is_object() || output_type.size() == 0)
        return answer;
    Value object = answer;
    if (answer.is_string())
        if (auto parsed = json::parse(*answer.text()); parsed && parsed->is_object())
            object = *parsed;
    if (!object.is_object())
        return bad_request("the answer must be an object with the fields of output_type, found " +
                           found(answer));
    Value out = Value::object();
    object.each_member([&](std::string_view key, const Value& value) { out.set(key, value); });
    std::optional<Error> failed;
    output_type.each_member([&](std::string_view field, const Value& type) {
        if (failed)
            return;
        const Value value = object.get(field);
        const bool optional = type.text_or("").ends_with('?');
        auto fitted = value.present() || optional ? fit(value, type, 0) : std::nullopt;
        if (fitted)
            out.set(field, std::move(*fitted));
        else
            failed = bad_request("field '" + std::string(field) + "' must be " +
                                 (type.is_string() ? *type.text() : type.dump()) + ", found " + found(value));
    });
    if (failed)
        return *failed;
    return out;
}

Value sample_output(const Value& output_type) {
    if (!output_type.is_object() || output_type.size() == 0)
        return "text";
    Value out = Value::object();
    output_type.each_member(
        [&](std::string_view field, const Value& type) { out.set(field, sample(type, 1)); });
    return out;
}

} // namespace scai::scir
