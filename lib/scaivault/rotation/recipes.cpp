// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/rotation/recipes.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/events/rules.hpp"
#include "lib/scaivault/rotation/generators.hpp"

namespace scaivault::rotation {

using scai::Result;
using scai::json::Value;

Value to_json(const Recipe& recipe) {
    return Value::object({{"id", recipe.id},
                          {"name", recipe.name},
                          {"policy_type", recipe.policy_type},
                          {"fields", recipe.fields},
                          {"is_active", recipe.is_active},
                          {"description", recipe.description},
                          {"created_at", recipe.created_at},
                          {"updated_at", recipe.updated_at}});
}

Result<Recipe> parse_recipe(const Value& body, const std::optional<Recipe>& base) {
    scai::json::Fields fields(body, "body");
    Recipe out = base.value_or(Recipe{});
    const scai::json::TextLimits name{.max = 128};
    if (!base || fields.has("name"))
        out.name = fields.text("name", name);
    if (fields.has("description"))
        out.description = fields.optional_text("description", {.min = 0, .max = 1024}).value_or("");
    if (fields.has("policy_type"))
        out.policy_type = fields.text(
            "policy_type", {.one_of = {"password", "api_key", "oauth_client", "ssh_key", "custom"}});
    if (fields.has("is_active"))
        out.is_active = fields.optional_boolean("is_active").value_or(true);
    if (!base || fields.has("fields")) {
        out.fields = body.get("fields");
        if (const auto checked = check_fields(out.fields); !checked)
            for (const auto& field : checked.error().fields)
                fields.reject(field.path, field.message);
    }
    if (auto error = scaivault::events::refusal(fields))
        return *error;
    return out;
}

scai::Error secret_policy_not_found(std::string_view id) {
    return not_found("secret_policy_not_found", "there is no such secret policy",
                     Value::object({{"secret_policy_id", id}}));
}

Result<scai::SecretText> generate_from(scai::db::Reader& reader, std::string_view owner,
                                       std::string_view policy_id, scai::UtcTime now) {
    const auto recipe = store::find_recipe(reader, owner, policy_id);
    if (!recipe)
        return secret_policy_not_found(policy_id);
    if (!recipe->is_active)
        return conflict("secret_policy_inactive", "the secret policy is not active",
                        Value::object({{"secret_policy_id", policy_id}}));
    return generate(recipe->fields, now);
}

} // namespace scaivault::rotation
