// GET /v1/admin/users: everybody, for a super_admin (contract scaiflow-api.md 2.8 U1).
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/admin/views.hpp"

namespace scaiflow::admin_api {

scai::Result<scai::web::Response> list_users(Context& context, const scai::web::Request& request) {
    return users_page(context, request, std::nullopt);
}

} // namespace scaiflow::admin_api
