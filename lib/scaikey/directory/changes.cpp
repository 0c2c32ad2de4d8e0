// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/changes.hpp"

#include <algorithm>
#include <utility>

namespace scaikey {

using scai::json::Value;

bool valid_slug(std::string_view slug) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !slug.empty() && slug.size() <= 63 && std::all_of(slug.begin(), slug.end(), allowed) &&
           slug.front() != '-' && slug.back() != '-';
}

bool valid_email(std::string_view email) {
    const auto at = email.find('@');
    const auto printable = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
    return email.size() <= 254 && at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
           email.find('@', at + 1) == std::string_view::npos &&
           std::all_of(email.begin(), email.end(), printable);
}

Changes::Changes(Value body) : body_(std::move(body)), fields_(body_, "body"), changes_(Value::object()) {}

/// Whether there is a value to read; null is dealt with here.
bool Changes::sent(std::string_view key, Null null) {
    const Value value = body_.get(key);
    if (!value.present())
        return false;
    if (!value.is_null())
        return true;
    if (null == Null::empties)
        changes_.set(key, Value(nullptr));
    else
        fields_.reject(key, "must not be null");
    return false;
}

void Changes::text(std::string_view key, scai::json::TextLimits limits, Null null) {
    if (!sent(key, null))
        return;
    if (auto value = fields_.optional_text(key, std::move(limits)))
        changes_.set(key, Value(*value));
}

void Changes::slug(std::string_view key) {
    text(key, {.max = 63});
    if (has(key) && !valid_slug(member(key)))
        reject(key, "must have lower-case letters, digits and inner hyphens only");
}

void Changes::email(std::string_view key, Null null) {
    text(key, {.max = 254}, null);
    if (has(key) && !changes_.get(key).is_null() && !valid_email(member(key)))
        reject(key, "must be an e-mail address");
}

void Changes::integer(std::string_view key, scai::json::IntegerLimits limits, Null null) {
    if (!sent(key, null))
        return;
    if (auto value = fields_.optional_integer(key, limits))
        changes_.set(key, Value(*value));
}

void Changes::boolean(std::string_view key) {
    if (!sent(key, Null::refused))
        return;
    if (auto value = fields_.optional_boolean(key))
        changes_.set(key, Value(*value));
}

void Changes::object(std::string_view key) {
    if (!sent(key, Null::refused))
        return;
    const Value value = fields_.optional_object(key);
    if (value.present())
        changes_.set(key, value);
}

void Changes::texts(std::string_view key, scai::json::TextLimits limits, std::size_t max_items) {
    if (sent(key, Null::refused))
        changes_.set(key, Value::array_of(fields_.optional_text_list(key, std::move(limits), max_items)));
}

void Changes::require(std::string_view key) {
    if (!body_.get(key).present())
        fields_.reject(key, "is required");
}

void Changes::refuse(std::string_view key, const std::string& reason) {
    if (body_.get(key).present())
        fields_.reject(key, reason);
}

void Changes::reject(std::string_view key, std::string reason) {
    fields_.reject(key, std::move(reason));
}

scai::Result<Value> Changes::take() {
    if (auto error = fields_.error())
        return *error;
    return changes_;
}

} // namespace scaikey
