// Rows: a JSON array of objects written as text, member by member. For long lists, where building values
// first would cost more than reading the rows did. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scai::json {

class Rows {
public:
    /// Starts the next object; the one before is complete.
    Rows& row();
    /// A member of the object that row() started; nothing becomes null. `key` needs no escaping; `text` must
    /// be UTF-8.
    Rows& text(std::string_view key, std::optional<std::string_view> text);
    /// `json` is JSON already.
    Rows& raw(std::string_view key, std::string_view json);
    std::string take() &&; ///< "[{...},{...}]"

private:
    std::string out_ = "[";
};

/// One object, written the same way.
class Members {
public:
    /// `expected`: about how long it gets.
    explicit Members(std::size_t expected = 256) { out_.reserve(expected); }
    Members& text(std::string_view key, std::optional<std::string_view> text);
    Members& raw(std::string_view key, std::string_view json);
    /// An array of texts.
    template<class Range>
    Members& texts(std::string_view key, const Range& range) {
        raw(key, "[");
        for (const auto& item : range)
            append_item(item);
        out_ += ']';
        return *this;
    }
    std::string take(); ///< "{...}"; empties it

private:
    void append_item(std::string_view text);
    std::string out_ = "{";
};

/// Appends `text` as a JSON string.
void append_text(std::string& out, std::string_view text);

} // namespace scai::json
