// GET /v1/rotation/policies/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/rotation/service.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> get_policy(Context& context, const Request& request) {
    const auto& tenant = caller_of(request).tenant_id;
    note(request, "rotation_policy_id", request.param("id"));
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    const auto found = rotation::store::find_policy(reader, tenant, request.param("id"));
    if (!found)
        return rotation::rotation_policy_not_found(request.param("id"));
    return Response::json(rotation::to_json(*found));
}

} // namespace scaivault::rotation_api
