// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/values.hpp"

#include <charconv>

namespace scai::scir {

using json::Value;

Error bad_request(std::string message) {
    return {.kind = ErrorKind::bad_request, .message = std::move(message)};
}

std::string_view type_name(const Value& value) {
    if (!value.present() || value.is_null())
        return "null";
    if (value.is_string())
        return "text";
    if (value.is_array())
        return "list";
    if (value.is_object())
        return "object";
    return value.boolean() ? "boolean" : "number";
}

namespace {

std::optional<bool> equal_lists(const Value& a, const Value& b, std::size_t& work) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto same = equal(a.at(i), b.at(i), work);
        if (!same || !*same)
            return same;
    }
    return true;
}

std::optional<bool> equal_objects(const Value& a, const Value& b, std::size_t& work) {
    std::optional<bool> same = true;
    a.each_member([&](std::string_view key, const Value& value) {
        if (!same || !*same)
            return;
        const Value other = b.get(key);
        same = other.present() ? equal(value, other, work) : std::optional(false);
    });
    return same;
}

void walk(const Value& value, std::size_t depth, std::size_t limit, Measure& out) {
    out.depth = std::max(out.depth, depth);
    out.bytes += 1;
    if (out.bytes > limit || depth > max_value_depth)
        return;
    if (value.is_string()) {
        out.bytes += value.size_of_text() + 1;
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.size() && out.bytes <= limit; ++i)
            walk(value.at(i), depth + 1, limit, out);
        out.bytes += 1;
    } else if (value.is_object()) {
        value.each_member([&](std::string_view key, const Value& member) {
            out.bytes += key.size() + 3;
            if (out.bytes <= limit)
                walk(member, depth + 1, limit, out);
        });
        out.bytes += 1;
    } else {
        out.bytes += 7;
    }
}

} // namespace

std::optional<bool> equal(const Value& a, const Value& b, std::size_t& work) {
    if (work == 0)
        return std::nullopt;
    --work;
    if (type_name(a) != type_name(b))
        return false;
    if (a.is_string()) {
        work -= std::min(work, a.size_of_text() / 16);
        return a.text() == b.text();
    }
    if (a.is_array())
        return a.size() == b.size() ? equal_lists(a, b, work) : std::optional(false);
    if (a.is_object())
        return a.size() == b.size() ? equal_objects(a, b, work) : std::optional(false);
    if (a.is_integer() && b.is_integer())
        return a.integer() == b.integer();
    if (a.number())
        return a.number() == b.number();
    return a.boolean() == b.boolean();
}

Measure measure(const Value& value, std::size_t limit) {
    Measure out;
    walk(value, 1, limit, out);
    return out;
}

std::optional<std::string> to_text(const Value& value, std::size_t limit) {
    if (!value.present() || value.is_null())
        return std::string();
    if (value.is_string())
        return value.size_of_text() <= limit ? value.text() : std::nullopt;
    if (value.is_array() || value.is_object()) {
        const Measure size = measure(value, limit);
        if (size.bytes > limit || size.depth > max_value_depth)
            return std::nullopt;
        std::string out = value.dump();
        return out.size() <= limit ? std::optional(std::move(out)) : std::nullopt;
    }
    if (const auto real = value.number(); real && !value.is_integer()) {
        // The shortest text that reads back as the same number; JSON's writer prints 17 digits.
        char buffer[32];
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, *real).ptr;
        return std::string(buffer, end);
    }
    return value.dump();
}

std::vector<std::size_t> code_points(std::string_view text) {
    std::vector<std::size_t> offsets;
    offsets.reserve(text.size() + 1);
    for (std::size_t i = 0; i < text.size(); ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U)
            offsets.push_back(i);
    offsets.push_back(text.size());
    return offsets;
}

} // namespace scai::scir
