// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"

#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/rotation/service.hpp"
#include "lib/scaivault/rotation/store.hpp"

namespace scaivault::rotation_api {

using scai::json::Value;

void note(const Request& request, const char* key, const std::string& id) {
    exchange_of(request).audit.entry.extra.set(key, id);
}

scai::Status check_references(scai::db::Reader& reader, const std::string& tenant_id,
                              const rotation::Policy& policy) {
    if (policy.secret_policy_id && !rotation::store::find_recipe(reader, tenant_id, *policy.secret_policy_id))
        return validation_error("secret_policy_id", "there is no such secret policy");
    if (!policy.webhook_ids.empty()) {
        const auto unknown = rotation::store::unknown_webhooks(reader, tenant_id, policy.webhook_ids);
        if (!unknown.empty())
            return validation_error("webhook_ids", "there is no webhook " + unknown.front());
    }
    return scai::Done{};
}

scai::Error name_conflict(const std::string& name) {
    return conflict("name_conflict", "another policy has this name", Value::object({{"name", name}}));
}

scai::Result<Response> switch_policy(Context& context, const Request& request, bool active) {
    const auto& id = request.param("id");
    const auto& tenant = caller_of(request).tenant_id;
    note(request, "rotation_policy_id", id);
    SCAI_TRY(const auto policy,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Result<rotation::Policy> {
                 auto found = rotation::store::find_policy(tx, tenant, id);
                 if (!found)
                     return rotation::rotation_policy_not_found(id);
                 found->is_active = active;
                 rotation::store::update_policy(tx, tenant, *found);
                 rotation::store::wake(tx, tenant, id);
                 return std::move(*found);
             }));
    return Response::json(rotation::to_json(policy));
}

scai::Result<Response> write_recipe(Context& context, const Request& request, bool whole) {
    const auto& id = request.param("id");
    const auto& tenant = caller_of(request).tenant_id;
    note(request, "secret_policy_id", id);
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto recipe,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Result<rotation::Recipe> {
                 const auto found = rotation::store::find_recipe(tx, tenant, id);
                 if (!found)
                     return rotation::secret_policy_not_found(id);
                 SCAI_TRY(auto wanted, rotation::parse_recipe(body, whole ? std::nullopt : found));
                 wanted.id = id;
                 if (!rotation::store::update_recipe(tx, tenant, wanted))
                     return name_conflict(wanted.name);
                 return *rotation::store::find_recipe(tx, tenant, id);
             }));
    return Response::json(rotation::to_json(recipe));
}

Response page(const Value& rows, const std::string& cursor) {
    return Response::json(Value::object({{"data", rows},
                                         {"cursor", cursor.empty() ? Value(nullptr) : Value(cursor)},
                                         {"has_more", !cursor.empty()}}));
}

} // namespace scaivault::rotation_api
