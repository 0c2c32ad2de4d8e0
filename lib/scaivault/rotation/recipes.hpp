// Secret policies: recipes of values, kept per tenant (contract scaivault.md 1.5). SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::rotation {

struct Recipe {
    std::string id, name, description, policy_type = "custom";
    scai::json::Value fields = scai::json::Value::array();
    bool is_active = true;
    std::string created_at, updated_at;
};
scai::json::Value to_json(const Recipe& recipe);
scai::Error secret_policy_not_found(std::string_view id);

/// A whole recipe (POST, PUT), or changes on `base` (PATCH). 422 naming every bad member.
scai::Result<Recipe> parse_recipe(const scai::json::Value& body, const std::optional<Recipe>& base);

namespace store {
/// By id, after `after`.
std::vector<Recipe> list_recipes(scai::db::Reader& reader, std::string_view owner, std::string_view after,
                                 std::int64_t limit);
std::optional<Recipe> find_recipe(scai::db::Reader& reader, std::string_view owner, std::string_view id);
/// Nothing when the name is taken.
std::optional<Recipe> insert_recipe(scai::db::Tx& tx, std::string_view owner, std::string_view created_by,
                                    const Recipe& recipe);
/// False when the name is taken.
bool update_recipe(scai::db::Tx& tx, std::string_view owner, const Recipe& recipe);
/// Names of rotation policies that use it; it can only go when there are none.
std::vector<std::string> recipe_users(scai::db::Reader& reader, std::string_view owner, std::string_view id);
bool remove_recipe(scai::db::Tx& tx, std::string_view owner, std::string_view id);
} // namespace store

} // namespace scaivault::rotation
