// DELETE /v1/flows/{id}/acls/{acl_id} (contract scaiflow-api.md 2.5 L3). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"

namespace scaiflow::flows_api {

scai::Result<scai::web::Response> revoke_access(Context& context, const scai::web::Request& request) {
    const auto caller = flows::caller_of(request);
    SCAI_TRY([[maybe_unused]] const auto done,
             scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) {
                 return flows::revoke_access(tx, caller, request.param("id"), request.param("acl_id"));
             }));
    return scai::web::Response::no_content();
}

} // namespace scaiflow::flows_api
