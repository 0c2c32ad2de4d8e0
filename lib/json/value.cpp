// SPDX-License-Identifier: Apache-2.0
#include "lib/json/value.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/view.hpp"
#include "lib/json/write.hpp"

#include <cmath>
#include <cstdlib>
#include <jansson.h>
#include <new>

namespace scai::json {

namespace {

json_t* checked(json_t* json) {
    if (json == nullptr)
        throw std::bad_alloc();
    return json;
}

/// jansson refuses invalid UTF-8 with a null pointer; answers must still go out, so bad bytes become U+FFFD.
json_t* make_string(std::string_view text) {
    if (json_t* json = json_stringn(text.data(), text.size()))
        return json;
    std::string repaired;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t length = 1;
        while (length < 4 && i + length <= text.size() && !valid_utf8(text.substr(i, length)))
            ++length;
        if (i + length <= text.size() && valid_utf8(text.substr(i, length))) {
            repaired.append(text.substr(i, length));
            i += length;
        } else {
            repaired += "\xEF\xBF\xBD";
            ++i;
        }
    }
    return checked(json_stringn(repaired.data(), repaired.size()));
}

} // namespace

Value::Value(std::nullptr_t) : json_(json_null()) {}
Value::Value(bool value) : json_(json_boolean(value)) {}
Value::Value(int value) : json_(checked(json_integer(value))) {}
Value::Value(std::int64_t value) : json_(checked(json_integer(value))) {}
Value::Value(std::uint64_t value) : json_(checked(json_integer(static_cast<json_int_t>(value)))) {}
Value::Value(double value) : json_(std::isfinite(value) ? checked(json_real(value)) : json_null()) {}
Value::Value(const char* text) : json_(make_string(text)) {}
Value::Value(std::string_view text) : json_(make_string(text)) {}
Value::Value(const std::string& text) : json_(make_string(text)) {}
Value::Value(const Value& other) noexcept : json_(json_incref(other.json_)) {}
Value::Value(Value&& other) noexcept : json_(std::exchange(other.json_, nullptr)) {}
Value& Value::operator=(Value other) noexcept {
    std::swap(json_, other.json_);
    return *this;
}
Value::~Value() {
    json_decref(json_);
}

Value Value::adopt(json_t* json) noexcept {
    Value out;
    out.json_ = json;
    return out;
}

Value Value::object(std::initializer_list<std::pair<const char*, Value>> members) {
    Value out = adopt(checked(json_object()));
    for (const auto& [key, value] : members)
        out.set(key, value);
    return out;
}

Value Value::array(std::initializer_list<Value> items) {
    Value out = adopt(checked(json_array()));
    for (const auto& item : items)
        out.push(item);
    return out;
}

Value& Value::set(std::string_view key, Value value) {
    json_t* member = value.present() ? std::exchange(value.json_, nullptr) : json_null();
    if (json_object_setn_new(json_, key.data(), key.size(), member) != 0)
        throw std::bad_alloc();
    return *this;
}

Value& Value::push(Value value) {
    json_t* item = value.present() ? std::exchange(value.json_, nullptr) : json_null();
    if (json_array_append_new(json_, item) != 0)
        throw std::bad_alloc();
    return *this;
}

bool Value::is_null() const noexcept {
    return json_is_null(json_);
}
bool Value::is_object() const noexcept {
    return json_is_object(json_);
}
bool Value::is_array() const noexcept {
    return json_is_array(json_);
}
bool Value::is_string() const noexcept {
    return json_is_string(json_);
}
bool Value::is_integer() const noexcept {
    return json_is_integer(json_);
}
std::size_t Value::size_of_text() const noexcept {
    return json_string_length(json_);
}

Value Value::get(std::string_view key) const {
    return adopt(json_incref(json_object_getn(json_, key.data(), key.size())));
}

Value Value::at(std::size_t index) const {
    return adopt(json_incref(json_array_get(json_, index)));
}

std::size_t Value::size() const noexcept {
    return is_object() ? json_object_size(json_) : json_array_size(json_);
}

std::optional<std::string> Value::text() const {
    if (!is_string())
        return std::nullopt;
    return std::string(json_string_value(json_), json_string_length(json_));
}

std::string_view view_of(const Value& value) noexcept {
    if (!value.is_string())
        return {};
    return {json_string_value(value.raw()), json_string_length(value.raw())};
}

std::optional<std::int64_t> Value::integer() const {
    if (json_is_integer(json_))
        return json_integer_value(json_);
    constexpr double exact = 9007199254740992.0; // 2^53
    if (json_is_real(json_)) {
        const double real = json_real_value(json_);
        if (std::trunc(real) == real && std::abs(real) <= exact)
            return static_cast<std::int64_t>(real);
    }
    return std::nullopt;
}

std::optional<double> Value::number() const {
    if (!json_is_number(json_))
        return std::nullopt;
    return json_number_value(json_);
}

std::optional<bool> Value::boolean() const {
    if (!json_is_boolean(json_))
        return std::nullopt;
    return json_is_true(json_);
}

std::string Value::text_or(std::string_view fallback) const {
    return is_string() ? std::string(json_string_value(json_), json_string_length(json_))
                       : std::string(fallback);
}

namespace {

/// A handle that never counts: what a visitor sees, without two atomic operations a value.
union Borrowed {
    explicit Borrowed(json_t* json) : value(Value::adopt(json)) {}
    ~Borrowed() {}
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    Value value;
};

} // namespace

void Value::each_member(const std::function<void(std::string_view, const Value&)>& visit) const {
    for (void* it = json_object_iter(json_); it != nullptr; it = json_object_iter_next(json_, it)) {
        const Borrowed member(json_object_iter_value(it));
        visit({json_object_iter_key(it), json_object_iter_key_len(it)}, member.value);
    }
}

void Value::each_item(const std::function<void(const Value&)>& visit) const {
    for (std::size_t i = 0; i < json_array_size(json_); ++i) {
        const Borrowed item(json_array_get(json_, i));
        visit(item.value);
    }
}

std::string Value::dump(bool sorted) const {
    return write(json_, sorted ? Layout::sorted : Layout::compact);
}

std::string Value::dump_pretty() const {
    return write(json_, Layout::pretty);
}

namespace {

/// What jansson found, without its words: they quote the input ("near '...'"), which may be a secret.
std::string_view reason_of(const json_error_t& failure) {
    switch (json_error_code(&failure)) {
    case json_error_premature_end_of_input:
        return ": it ends too early";
    case json_error_duplicate_key:
        return ": the object has a member of this name already";
    case json_error_invalid_utf8:
        return ": the bytes are not UTF-8";
    case json_error_end_of_input_expected:
        return ": there is text after the value";
    case json_error_stack_overflow:
        return ": it is nested too deeply";
    case json_error_numeric_overflow:
        return ": the number is too large";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return ": texts must not hold the character NUL";
    default:
        return "";
    }
}

} // namespace

Result<Value> parse(std::string_view text) {
    json_error_t failure{};
    json_t* json = json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &failure);
    if (json != nullptr)
        return Value::adopt(json);
    return Error{.kind = ErrorKind::bad_request,
                 .code = {},
                 .message = "the body is not valid JSON (line " + std::to_string(failure.line) + ", column " +
                            std::to_string(failure.column) + ")" + std::string(reason_of(failure)),
                 .fix = {},
                 .fields = {},
                 .extra = {},
                 .retry_after_seconds = {}};
}

} // namespace scai::json
