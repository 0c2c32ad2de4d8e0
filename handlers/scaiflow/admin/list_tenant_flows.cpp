// GET /v1/admin/tenant/flows: every flow of the caller's tenant; a super_admin may name another one (contract
// scaiflow-api.md 10-10). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "lib/scaiflow/flows/list_request.hpp"

namespace scaiflow::admin_api {

scai::Result<scai::web::Response> list_tenant_flows(Context& context, const scai::web::Request& request) {
    const auto caller = flows::caller_of(request);
    SCAI_TRY(auto listing, flows::listing_of(request));
    listing.whose = flows::Whose::tenant;
    listing.tenant_id = request.query_text("tenant_id").value_or(caller.tenant_id);
    if (!caller.super_admin() && listing.tenant_id != caller.tenant_id)
        return scai::Error{.kind = scai::ErrorKind::forbidden,
                           .code = "forbidden",
                           .message = "only a super_admin may list the flows of another tenant",
                           .extra = {{"required", "super_admin"}}};
    auto reader = context.pool.read(flows::scope_of(caller));
    return flows::list_response(flows::list(reader, caller, listing), listing);
}

} // namespace scaiflow::admin_api
