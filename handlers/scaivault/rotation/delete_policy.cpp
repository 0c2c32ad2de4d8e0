// DELETE /v1/rotation/policies/{id}: its secrets go on without it. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/rotation/service.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> delete_policy(Context& context, const Request& request) {
    const auto& id = request.param("id");
    note(request, "rotation_policy_id", id);
    SCAI_TRY([[maybe_unused]] const auto gone,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Status {
                 const auto& tenant = caller_of(request).tenant_id;
                 if (!rotation::store::find_policy(tx, tenant, id))
                     return rotation::rotation_policy_not_found(id);
                 rotation::store::remove_policy(tx, tenant, id);
                 return scai::Done{};
             }));
    return Response::no_content();
}

} // namespace scaivault::rotation_api
