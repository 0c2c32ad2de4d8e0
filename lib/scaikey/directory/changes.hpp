// Changes: the members of a create or PATCH body that may be written, checked and collected. What the client
// did not send stays out; an explicit null empties a column that may be empty. The result is an object whose
// keys are column names: SQL lays it over the old row (jsonb_populate_record). SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/json/decode.hpp"

#include <string>
#include <string_view>

namespace scaikey {

enum class Null { refused, empties };

class Changes {
public:
    explicit Changes(scai::json::Value body);

    void text(std::string_view key, scai::json::TextLimits limits, Null null = Null::refused);
    void slug(std::string_view key);
    void email(std::string_view key, Null null = Null::refused);
    void integer(std::string_view key, scai::json::IntegerLimits limits, Null null = Null::refused);
    void boolean(std::string_view key);
    void object(std::string_view key);
    void texts(std::string_view key, scai::json::TextLimits limits, std::size_t max_items);

    void require(std::string_view key);                           ///< absent or null is an error
    void refuse(std::string_view key, const std::string& reason); ///< present is an error
    void reject(std::string_view key, std::string reason);
    bool has(std::string_view key) const { return changes_.get(key).present(); }
    std::string member(std::string_view key) const { return changes_.member(key); }
    void set(std::string_view key, scai::json::Value value) { changes_.set(key, std::move(value)); }

    /// The 422 with every field error, or what is to be written.
    scai::Result<scai::json::Value> take();

private:
    bool sent(std::string_view key, Null null);
    scai::json::Value body_;
    scai::json::Fields fields_;
    scai::json::Value changes_;
};

bool valid_slug(std::string_view slug);   ///< a-z 0-9 and inner hyphens, at most 63 characters
bool valid_email(std::string_view email); ///< one @, something on both sides, no blanks or controls

} // namespace scaikey
