// Rows: a JSON array of objects written as text, member by member. For long lists, where building values
// first would cost more than reading the rows did. SPDX-License-Identifier: Apache-2.0
#pragma once

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
    void key(std::string_view key);
    std::string out_ = "[";
};

/// Appends `text` as a JSON string.
void append_text(std::string& out, std::string_view text);

} // namespace scai::json
