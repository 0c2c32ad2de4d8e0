// GET /v1/secret-policies/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/scaivault/app/exchange.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> get_recipe(Context& context, const Request& request) {
    const auto& tenant = caller_of(request).tenant_id;
    note(request, "secret_policy_id", request.param("id"));
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    const auto found = rotation::store::find_recipe(reader, tenant, request.param("id"));
    if (!found)
        return rotation::secret_policy_not_found(request.param("id"));
    return Response::json(rotation::to_json(*found));
}

} // namespace scaivault::rotation_api
