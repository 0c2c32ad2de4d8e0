// SPDX-License-Identifier: Apache-2.0
#include "lib/json/decode.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>

namespace scai::json {

Fields::Fields(Value object, std::string where) : object_(std::move(object)), where_(std::move(where)) {
    if (!object_.is_object())
        errors_.push_back(
            {.path = where_, .message = "a JSON object is required", .type = "type_error.object"});
}

void Fields::reject(std::string_view key, std::string message) {
    errors_.push_back(
        {.path = (where_.empty() ? "" : where_ + ".") + std::string(key), .message = std::move(message)});
}

namespace {

bool listed(const TextLimits& limits, std::string_view text) {
    return limits.one_of.empty() ||
           std::find(limits.one_of.begin(), limits.one_of.end(), text) != limits.one_of.end();
}

std::string must_be_listed(const TextLimits& limits) {
    return "must be one of: " +
           join(std::vector<std::string>(limits.one_of.begin(), limits.one_of.end()), ", ");
}

} // namespace

std::optional<std::string> Fields::optional_text(std::string_view key, TextLimits limits) {
    const Value value = object_.get(key);
    if (!value.present() || value.is_null())
        return std::nullopt;
    auto text = value.text();
    if (!text) {
        reject(key, "must be a string");
        return std::nullopt;
    }
    if (text->size() < limits.min || text->size() > limits.max) {
        reject(key,
               "must have " + std::to_string(limits.min) + " to " + std::to_string(limits.max) + " bytes");
        return std::nullopt;
    }
    if (!listed(limits, *text)) {
        reject(key, must_be_listed(limits));
        return std::nullopt;
    }
    return text;
}

std::string Fields::text(std::string_view key, TextLimits limits) {
    const Value value = object_.get(key);
    if (object_.is_object() && (!value.present() || value.is_null()))
        reject(key, "is required");
    return optional_text(key, std::move(limits)).value_or("");
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view key, IntegerLimits limits) {
    const Value value = object_.get(key);
    if (!value.present() || value.is_null())
        return std::nullopt;
    const auto number = value.integer();
    if (!number || *number < limits.min || *number > limits.max) {
        reject(key,
               "must be an integer from " + std::to_string(limits.min) + " to " + std::to_string(limits.max));
        return std::nullopt;
    }
    return number;
}

std::optional<bool> Fields::optional_boolean(std::string_view key) {
    const Value value = object_.get(key);
    if (!value.present() || value.is_null())
        return std::nullopt;
    const auto flag = value.boolean();
    if (!flag)
        reject(key, "must be true or false");
    return flag;
}

Value Fields::optional_object(std::string_view key) {
    Value value = object_.get(key);
    if (!value.present() || value.is_null())
        return {};
    if (!value.is_object()) {
        reject(key, "must be an object");
        return {};
    }
    return value;
}

Value Fields::object(std::string_view key) {
    const Value value = object_.get(key);
    if (object_.is_object() && (!value.present() || value.is_null()))
        reject(key, "is required");
    return optional_object(key);
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): by value as in its siblings, which move it
std::vector<std::string> Fields::optional_text_list(std::string_view key, TextLimits limits,
                                                    std::size_t max_items) {
    std::vector<std::string> out;
    const Value value = object_.get(key);
    if (!value.present() || value.is_null())
        return out;
    if (!value.is_array() || value.size() > max_items) {
        reject(key, "must be a list of at most " + std::to_string(max_items) + " strings");
        return out;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        auto text = value.at(i).text();
        const std::string item = std::string(key) + "[" + std::to_string(i) + "]";
        if (!text || text->size() < limits.min || text->size() > limits.max)
            reject(item, "must be a string of " + std::to_string(limits.min) + " to " +
                             std::to_string(limits.max) + " bytes");
        else if (!listed(limits, *text))
            reject(item, must_be_listed(limits));
        else
            out.push_back(std::move(*text));
    }
    return out;
}

std::optional<Error> Fields::error() const {
    if (errors_.empty())
        return std::nullopt;
    Error error;
    error.kind = ErrorKind::unprocessable;
    error.message = "the request has invalid fields";
    error.fields = errors_;
    return error;
}

} // namespace scai::json
