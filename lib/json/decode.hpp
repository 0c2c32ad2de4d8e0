// Fields: decodes an object into values and collects every field error, so one answer names them all.
//   json::Fields fields(body, "body");
//   auto role = fields.text("role", {.max = 32});
//   auto dry = fields.optional_boolean("dry_run");
//   if (auto error = fields.error()) return *error;
// Unknown members are ignored (decided here once, for every endpoint).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <limits>

namespace scai::json {

struct TextLimits {
    std::size_t min = 1;
    std::size_t max = 4096;                    ///< bytes
    std::vector<std::string_view> one_of = {}; ///< empty: any
};

struct IntegerLimits {
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

class Fields {
public:
    /// `where` prefixes every path in errors ("body"). A value that is no object is itself an error.
    Fields(Value object, std::string where);

    std::string text(std::string_view key, TextLimits limits = {}); ///< required; "" after an error
    std::optional<std::string> optional_text(std::string_view key, TextLimits limits = {}); ///< null = absent
    std::optional<std::int64_t> optional_integer(std::string_view key, IntegerLimits limits = {});
    std::optional<bool> optional_boolean(std::string_view key);
    Value object(std::string_view key); ///< required object; absent Value after an error
    Value optional_object(std::string_view key);
    std::vector<std::string> optional_text_list(std::string_view key, TextLimits limits = {},
                                                std::size_t max_items = 1000);
    bool has(std::string_view key) const { return object_.get(key).present(); }
    void reject(std::string_view key, std::string message); ///< adds an error of the caller's own

    /// 422 with all field errors, or nullopt when there are none.
    std::optional<Error> error() const;

private:
    Value object_;
    std::string where_;
    std::vector<FieldError> errors_;
};

} // namespace scai::json
