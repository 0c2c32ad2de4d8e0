// JSON over jansson: an owning handle, a strict parser, a writer. jansson's own header stays in this folder
// and in lib/jose (libjose speaks json_t). Values share structure when copied: build, then treat as
// read-only. Thread-safety: distinct handles may be used from distinct threads (reference counts are atomic).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct json_t;

namespace scai::json {

class Value {
public:
    Value() noexcept = default; ///< absent: neither null nor anything else
    // NOLINTBEGIN(google-explicit-constructor): object({{"id", id}, ...}) is how answers are built
    Value(std::nullptr_t);
    Value(bool value);
    Value(int value);
    Value(std::int64_t value);
    Value(std::uint64_t value);
    Value(double value);
    Value(const char* text);
    Value(std::string_view text); ///< must be UTF-8; invalid bytes become U+FFFD
    Value(const std::string& text);
    template<class T>
    Value(const std::optional<T>& value) : Value(value ? Value(*value) : Value(nullptr)) {}
    // NOLINTEND(google-explicit-constructor)
    Value(const Value& other) noexcept;
    Value(Value&& other) noexcept;
    Value& operator=(Value other) noexcept;
    ~Value();

    static Value object(std::initializer_list<std::pair<const char*, Value>> members = {});
    static Value array(std::initializer_list<Value> items = {});
    template<class Range>
    static Value array_of(const Range& range) {
        Value out = array();
        for (const auto& item : range)
            out.push(Value(item));
        return out;
    }

    Value& set(std::string_view key, Value value); ///< this must be an object
    Value& push(Value value);                      ///< this must be an array

    bool present() const noexcept { return json_ != nullptr; }
    bool is_null() const noexcept;
    bool is_object() const noexcept;
    bool is_array() const noexcept;
    bool is_string() const noexcept;
    bool is_integer() const noexcept;          ///< written without fraction and exponent: 1, not 1.0
    std::size_t size_of_text() const noexcept; ///< bytes of a string, 0 for anything else

    Value get(std::string_view key) const;       ///< absent when there is no such member or this is no object
    Value at(std::size_t index) const;           ///< absent when out of range
    std::size_t size() const noexcept;           ///< members or items
    std::optional<std::string> text() const;     ///< string content
    std::optional<std::int64_t> integer() const; ///< integers only (a real without fraction is accepted)
    std::optional<double> number() const;
    std::optional<bool> boolean() const;
    std::string text_or(std::string_view fallback) const;
    std::string member(std::string_view key) const { return get(key).text_or(""); } ///< text member or ""

    void each_member(const std::function<void(std::string_view key, const Value& value)>& visit) const;
    void each_item(const std::function<void(const Value& item)>& visit) const;

    /// Compact text; `sorted` gives a canonical member order.
    std::string dump(bool sorted = false) const;
    std::string dump_pretty() const;

    json_t* raw() const noexcept { return json_; } ///< borrowed, for lib/jose
    static Value adopt(json_t* json) noexcept;     ///< takes the caller's reference

private:
    json_t* json_ = nullptr;
};

/// Strict parse: duplicate keys, NUL escapes, bad UTF-8, trailing text and deep nesting (> 2,048) are
/// refused. The error is bad_request with the position; it never repeats the input.
Result<Value> parse(std::string_view text);

} // namespace scai::json
