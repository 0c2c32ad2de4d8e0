// The methods of texts, lists and objects (contract scaiflow-model.md 6.2). Positions count characters, not
// bytes. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/scir/expression/syntax.hpp"
#include "lib/scir/glob.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>
#include <array>

namespace scai::scir {

using json::Value;

namespace {

constexpr std::array table{
    Method{"all", 0, 0},    Method{"any", 0, 0},         Method{"contains", 1, 1}, Method{"ends_with", 1, 1},
    Method{"first", 0, 0},  Method{"index_of", 1, 1},    Method{"is_empty", 0, 0}, Method{"join", 0, 1},
    Method{"keys", 0, 0},   Method{"last", 0, 0},        Method{"lower", 0, 0},    Method{"matches", 1, 1},
    Method{"max", 0, 0},    Method{"min", 0, 0},         Method{"pad_end", 1, 2},  Method{"pad_start", 1, 2},
    Method{"repeat", 1, 1}, Method{"replace", 2, 2},     Method{"reverse", 0, 0},  Method{"slice", 1, 2},
    Method{"split", 1, 1},  Method{"starts_with", 1, 1}, Method{"sum", 0, 0},      Method{"trim", 0, 0},
    Method{"unique", 0, 0}, Method{"upper", 0, 0},       Method{"values", 0, 0},
};

using Args = std::vector<Value>;

Error no_method(const Value& self, std::string_view name) {
    return bad_request(std::string(type_name(self)) + " has no method '" + std::string(name) + "'");
}
Error wrong_argument(std::string_view method, std::string_view wanted, const Value& found) {
    return bad_request("'" + std::string(method) + "' takes a " + std::string(wanted) + ", not a " +
                       std::string(type_name(found)));
}

Result<std::string> text_argument(std::string_view method, const Value& value) {
    if (!value.is_string())
        return wrong_argument(method, "text", value);
    return *value.text();
}
Result<std::int64_t> integer_argument(std::string_view method, const Value& value) {
    const auto number = value.integer();
    if (!number)
        return wrong_argument(method, "whole number", value);
    return *number;
}

Value size_value(std::size_t size) {
    return Value(static_cast<std::int64_t>(size));
}

/// `from` and `to` of slice as positions; negative ones count from the end.
Result<std::pair<std::size_t, std::size_t>> range(const Args& args, std::size_t size) {
    const auto length = static_cast<std::int64_t>(size);
    const auto clamp = [&](std::int64_t at) {
        return std::clamp<std::int64_t>(at < 0 ? std::max(at, -length) + length : at, 0, length);
    };
    SCAI_TRY(const auto from, integer_argument("slice", args[0]));
    std::int64_t to = length;
    if (args.size() > 1 && !args[1].is_null()) {
        SCAI_TRY(to, integer_argument("slice", args[1]));
    }
    const auto start = static_cast<std::size_t>(clamp(from));
    return std::pair(start, std::max(start, static_cast<std::size_t>(clamp(to))));
}

Result<Value> slice_text(const std::string& text, const Args& args) {
    const auto offsets = code_points(text);
    SCAI_TRY(const auto part, range(args, offsets.size() - 1));
    return Value(
        std::string_view(text).substr(offsets[part.first], offsets[part.second] - offsets[part.first]));
}

Result<Value> replace(const std::string& text, const Args& args, Work& work) {
    SCAI_TRY(const auto from, text_argument("replace", args[0]));
    SCAI_TRY(const auto to, text_argument("replace", args[1]));
    if (from.empty())
        return bad_request("'replace' needs a text to look for");
    std::string out;
    std::size_t at = 0;
    for (auto found = text.find(from); found != std::string::npos; found = text.find(from, at)) {
        out.append(text, at, found - at).append(to);
        at = found + from.size();
        if (out.size() > max_text)
            break;
    }
    out.append(text, at);
    if (auto done = spend(work, out.size()); !done)
        return done.error();
    return Value(out);
}

Result<Value> split(const std::string& text, const Args& args, Work& work) {
    SCAI_TRY(const auto separator, text_argument("split", args[0]));
    Value out = Value::array();
    std::string_view rest = text;
    const auto push = [&](std::string_view part) {
        out.push(Value(part));
        return spend(work, part.size() + 32);
    };
    if (separator.empty()) {
        const auto offsets = code_points(text);
        for (std::size_t i = 0; i + 1 < offsets.size(); ++i)
            if (auto done = push(rest.substr(offsets[i], offsets[i + 1] - offsets[i])); !done)
                return done.error();
        return out;
    }
    for (auto found = rest.find(separator); found != std::string_view::npos; found = rest.find(separator)) {
        if (auto done = push(rest.substr(0, found)); !done)
            return done.error();
        rest.remove_prefix(found + separator.size());
    }
    if (auto done = push(rest); !done)
        return done.error();
    return out;
}

Result<Value> repeat(const std::string& text, const Args& args, Work& work) {
    SCAI_TRY(const auto times, integer_argument("repeat", args[0]));
    if (times < 0)
        return bad_request("'repeat' takes 0 or more");
    const auto limit = static_cast<std::int64_t>(max_text);
    const auto size = static_cast<std::int64_t>(text.size());
    if (auto done = spend(work, size > 0 && times > limit / size ? max_text + 1
                                                                 : static_cast<std::size_t>(size * times));
        !done)
        return done.error();
    std::string out;
    for (std::int64_t i = 0; i < times && size > 0; ++i)
        out += text;
    return Value(out);
}

Result<Value> pad(std::string_view name, const std::string& text, const Args& args, Work& work) {
    SCAI_TRY(const auto width, integer_argument(name, args[0]));
    std::string fill = " ";
    if (args.size() > 1) {
        SCAI_TRY(fill, text_argument(name, args[1]));
    }
    const auto unit = code_points(fill);
    if (unit.size() != 2)
        return bad_request("'" + std::string(name) + "' fills with one character");
    const auto length = static_cast<std::int64_t>(code_points(text).size() - 1);
    if (width <= length)
        return Value(text);
    const auto missing = static_cast<std::size_t>(width - length);
    if (auto done = spend(work, missing > max_text ? max_text + 1 : text.size() + missing * fill.size());
        !done)
        return done.error();
    std::string padding;
    for (std::size_t i = 0; i < missing; ++i)
        padding += fill;
    return Value(name == "pad_start" ? padding + text : text + padding);
}

Result<Value> index_of_text(const std::string& text, const std::string& part) {
    const auto found = text.find(part);
    if (found == std::string::npos)
        return Value(-1);
    return size_value(code_points(std::string_view(text).substr(0, found)).size() - 1);
}

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    return text;
}

Result<Value> matches(const std::string& text, const std::string& pattern) {
    if (pattern.size() > max_glob)
        return bad_request("a pattern has at most " + std::to_string(max_glob) + " bytes");
    return Value(glob_matches(pattern, text));
}

/// Methods with one text argument.
Result<Value> text_with_text(std::string_view name, const std::string& text, const Args& args) {
    SCAI_TRY(const auto part, text_argument(name, args[0]));
    if (name == "contains")
        return Value(text.find(part) != std::string::npos);
    if (name == "starts_with")
        return Value(text.starts_with(part));
    if (name == "ends_with")
        return Value(text.ends_with(part));
    if (name == "index_of")
        return index_of_text(text, part);
    return matches(text, part);
}

Result<Value> text_method(const Value& self, std::string_view name, const Args& args, Work& work) {
    const std::string text = *self.text();
    if (auto done = spend(work, std::min(text.size(), max_text)); !done)
        return done.error();
    if (name == "lower")
        return Value(to_lower(text));
    if (name == "upper")
        return Value(upper(text));
    if (name == "trim")
        return Value(trim(text));
    if (name == "slice")
        return slice_text(text, args);
    if (name == "replace")
        return replace(text, args, work);
    if (name == "split")
        return split(text, args, work);
    if (name == "repeat")
        return repeat(text, args, work);
    if (name == "pad_start" || name == "pad_end")
        return pad(name, text, args, work);
    for (const std::string_view other : {"contains", "starts_with", "ends_with", "index_of", "matches"})
        if (name == other)
            return text_with_text(name, text, args);
    return no_method(self, name);
}

Result<std::int64_t> position(const Value& list, const Value& item, Work& work) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        SCAI_TRY(const bool found, same(list.at(i), item, work));
        if (found)
            return static_cast<std::int64_t>(i);
    }
    return std::int64_t{-1};
}

Result<Value> sum(const Value& list, Work& work) {
    Value out(0);
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list.at(i).number())
            return bad_request("'sum' needs a list of numbers");
        SCAI_TRY(out, add(out, list.at(i), work));
    }
    return out;
}

/// Smallest or largest; null of an empty list.
Result<Value> extreme(std::string_view name, const Value& list) {
    Value out = list.size() > 0 ? list.at(0) : Value(nullptr);
    const bool texts = out.is_string();
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Value item = list.at(i);
        if (texts ? !item.is_string() : !item.number())
            return bad_request("'" + std::string(name) + "' needs a list of numbers or of texts");
        const bool less = texts ? *item.text() < *out.text() : *item.number() < *out.number();
        const bool more = texts ? *item.text() > *out.text() : *item.number() > *out.number();
        if (name == "min" ? less : more)
            out = item;
    }
    return out;
}

Result<Value> join_list(const Value& list, const Args& args, Work& work) {
    std::string separator;
    if (!args.empty()) {
        SCAI_TRY(separator, text_argument("join", args[0]));
    }
    std::string out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto part = to_text(list.at(i), max_text);
        if (auto done = spend(work, part ? part->size() + separator.size() : max_text + 1); !done)
            return done.error();
        if (i > 0)
            out += separator;
        out += *part;
        if (out.size() > max_text)
            return bad_request("a result is longer than 1 MB");
    }
    return Value(out);
}

Result<Value> unique(const Value& list, Work& work) {
    Value out = Value::array();
    for (std::size_t i = 0; i < list.size(); ++i) {
        SCAI_TRY(const auto at, position(out, list.at(i), work));
        if (at < 0)
            out.push(list.at(i));
    }
    return out;
}

Result<Value> part_of(const Value& list, const Args& args) {
    SCAI_TRY(const auto part, range(args, list.size()));
    Value out = Value::array();
    for (std::size_t i = part.first; i < part.second; ++i)
        out.push(list.at(i));
    return out;
}

Value reversed(const Value& list) {
    Value out = Value::array();
    for (std::size_t i = list.size(); i > 0; --i)
        out.push(list.at(i - 1));
    return out;
}

Value every_or_some(const Value& list, bool every) {
    for (std::size_t i = 0; i < list.size(); ++i)
        if (truthy(list.at(i)) != every)
            return Value(!every);
    return Value(every);
}

Result<Value> list_method(const Value& self, std::string_view name, const Args& args, Work& work) {
    if (auto done = spend(work, std::min(max_text, 16 * self.size())); !done)
        return done.error();
    if (name == "first")
        return self.size() > 0 ? self.at(0) : Value(nullptr);
    if (name == "last")
        return self.size() > 0 ? self.at(self.size() - 1) : Value(nullptr);
    if (name == "sum")
        return sum(self, work);
    if (name == "all" || name == "any")
        return every_or_some(self, name == "all");
    if (name == "contains" || name == "index_of") {
        SCAI_TRY(const auto at, position(self, args[0], work));
        return name == "contains" ? Value(at >= 0) : Value(at);
    }
    if (name == "min" || name == "max")
        return extreme(name, self);
    if (name == "join")
        return join_list(self, args, work);
    if (name == "slice")
        return part_of(self, args);
    if (name == "reverse")
        return reversed(self);
    if (name == "unique")
        return unique(self, work);
    return no_method(self, name);
}

Result<Value> object_method(const Value& self, std::string_view name, const Args& args, Work& work) {
    if (name == "contains") {
        SCAI_TRY(const auto key, text_argument(name, args[0]));
        return Value(self.get(key).present());
    }
    if (name != "keys" && name != "values")
        return no_method(self, name);
    if (auto done = spend(work, std::min(max_text, 16 * self.size())); !done)
        return done.error();
    Value out = Value::array();
    self.each_member(
        [&](std::string_view key, const Value& value) { out.push(name == "keys" ? Value(key) : value); });
    return out;
}

} // namespace

std::span<const Method> methods() {
    return table;
}

const Method* find_method(std::string_view name) {
    const auto found = std::ranges::find(table, name, &Method::name);
    return found == table.end() ? nullptr : &*found;
}

Result<Value> call_method(const Value& self, std::string_view name, const Args& args, Work& work) {
    if (name == "is_empty")
        return Value(!self.present() || self.is_null() ||
                     (type_name(self) != "number" && !self.boolean() && !truthy(self)));
    if (self.is_string())
        return text_method(self, name, args, work);
    if (self.is_array())
        return list_method(self, name, args, work);
    if (self.is_object())
        return object_method(self, name, args, work);
    return no_method(self, name);
}

} // namespace scai::scir
