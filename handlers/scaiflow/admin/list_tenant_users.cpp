// GET /v1/admin/tenant/users: the caller's own tenant, which comes from the token and from nowhere else
// (contract scaiflow-api.md 1.1, 10-10). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/admin/views.hpp"

namespace scaiflow::admin_api {

scai::Result<scai::web::Response> list_tenant_users(Context& context, const scai::web::Request& request) {
    return users_page(context, request, request.principal.tenant_id);
}

} // namespace scaiflow::admin_api
