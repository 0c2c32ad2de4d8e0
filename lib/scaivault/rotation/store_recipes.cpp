// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/rotation/recipes.hpp"

#include <stdexcept>
#include <tuple>

namespace scaivault::rotation::store {

using scai::db::Reader;
using scai::db::Tx;

namespace {

using S = std::string;

constexpr const char* list_recipes_sql = R"(
SELECT r.id, r.name, r.description, r.policy_type, r.fields::text, r.is_active,
       to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(r.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM scaivault.secret_policies r
 WHERE r.tenant_id = :p1 AND r.id > :p2
 ORDER BY r.id
 LIMIT :p3::bigint)";

constexpr const char* find_recipe_sql = R"(
SELECT r.id, r.name, r.description, r.policy_type, r.fields::text, r.is_active,
       to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(r.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM scaivault.secret_policies r
 WHERE r.tenant_id = :p1 AND r.id = :p2)";

constexpr const char* insert_recipe_sql = R"(
INSERT INTO scaivault.secret_policies (tenant_id, id, name, description, policy_type, fields, is_active, created_by)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6::json, :p7::boolean, :p8)
    ON CONFLICT (tenant_id, name) DO NOTHING
RETURNING to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))";

constexpr const char* update_recipe_sql = R"(
UPDATE scaivault.secret_policies r
   SET name = :p3, description = :p4, policy_type = :p5, fields = :p6::json, is_active = :p7::boolean,
       updated_at = clock_timestamp()
 WHERE r.tenant_id = :p1 AND r.id = :p2
   AND NOT EXISTS (SELECT FROM scaivault.secret_policies o WHERE o.tenant_id = :p1 AND o.name = :p3 AND o.id <> :p2))";

constexpr const char* recipe_users_sql = R"(
SELECT p.name
  FROM scaivault.rotation_policies p
 WHERE p.tenant_id = :p1 AND p.secret_policy_id = :p2
 ORDER BY p.name
 LIMIT 20)";

constexpr const char* remove_recipe_sql =
    "DELETE FROM scaivault.secret_policies WHERE tenant_id = :p1 AND id = :p2";

Recipe recipe_of(std::tuple<S, S, S, S, S, bool, S, S> row) {
    auto& [id, name, description, type, fields, active, created, updated] = row;
    auto parsed = scai::json::parse(fields);
    if (!parsed)
        throw std::runtime_error("the fields of a secret policy cannot be read");
    return {.id = std::move(id),
            .name = std::move(name),
            .description = std::move(description),
            .policy_type = std::move(type),
            .fields = std::move(*parsed),
            .is_active = active,
            .created_at = std::move(created),
            .updated_at = std::move(updated)};
}

} // namespace

std::vector<Recipe> list_recipes(Reader& reader, std::string_view owner, std::string_view after,
                                 std::int64_t limit) {
    std::vector<Recipe> out;
    for (auto& row : reader.all<S, S, S, S, S, bool, S, S>(list_recipes_sql, owner, after, limit))
        out.push_back(recipe_of(std::move(row)));
    return out;
}

std::optional<Recipe> find_recipe(Reader& reader, std::string_view owner, std::string_view id) {
    auto row = reader.maybe<S, S, S, S, S, bool, S, S>(find_recipe_sql, owner, id);
    if (!row)
        return std::nullopt;
    return recipe_of(std::move(*row));
}

std::optional<Recipe> insert_recipe(Tx& tx, std::string_view owner, std::string_view created_by,
                                    const Recipe& recipe) {
    const auto created = tx.maybe<S>(insert_recipe_sql, owner, recipe.id, recipe.name, recipe.description,
                                     recipe.policy_type, recipe.fields.dump(), recipe.is_active, created_by);
    if (!created)
        return std::nullopt;
    Recipe out = recipe;
    out.created_at = out.updated_at = *created;
    return out;
}

bool update_recipe(Tx& tx, std::string_view owner, const Recipe& recipe) {
    return tx.run(update_recipe_sql, owner, recipe.id, recipe.name, recipe.description, recipe.policy_type,
                  recipe.fields.dump(), recipe.is_active) > 0;
}

std::vector<std::string> recipe_users(Reader& reader, std::string_view owner, std::string_view id) {
    return reader.all<S>(recipe_users_sql, owner, id);
}

bool remove_recipe(Tx& tx, std::string_view owner, std::string_view id) {
    return tx.run(remove_recipe_sql, owner, id) > 0;
}

} // namespace scaivault::rotation::store
