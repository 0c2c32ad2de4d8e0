// DELETE /v1/secret-policies/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/app/errors.hpp"

namespace scaivault::rotation_api {

using scai::json::Value;

scai::Result<Response> delete_recipe(Context& context, const Request& request) {
    const auto& id = request.param("id");
    note(request, "secret_policy_id", id);
    SCAI_TRY([[maybe_unused]] const auto gone,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Status {
                 const auto& tenant = caller_of(request).tenant_id;
                 if (!rotation::store::find_recipe(tx, tenant, id))
                     return rotation::secret_policy_not_found(id);
                 const auto users = rotation::store::recipe_users(tx, tenant, id);
                 if (!users.empty())
                     return conflict("policy_in_use", "rotation policies use this secret policy",
                                     Value::object({{"rotation_policies", Value::array_of(users)}}));
                 rotation::store::remove_recipe(tx, tenant, id);
                 return scai::Done{};
             }));
    return Response::no_content();
}

} // namespace scaivault::rotation_api
