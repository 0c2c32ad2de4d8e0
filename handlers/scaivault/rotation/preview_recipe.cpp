// POST /v1/secret-policies/{id}/preview: a value as it would be made; nothing is stored.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/rotation/generators.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> preview_recipe(Context& context, const Request& request) {
    const auto& id = request.param("id");
    const auto& tenant = caller_of(request).tenant_id;
    note(request, "secret_policy_id", id);
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    const auto found = rotation::store::find_recipe(reader, tenant, id);
    if (!found)
        return rotation::secret_policy_not_found(id);
    SCAI_TRY(const auto value, rotation::generate(found->fields, context.clock->now()));
    return Response::text("{\"data\":" + std::string(value.reveal()) + "}", "application/json");
}

} // namespace scaivault::rotation_api
