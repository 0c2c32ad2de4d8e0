// GET /v1/users/{user_id}/module-permissions. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"
#include "lib/scaigrid/users/users.hpp"

namespace scaigrid {

Result<Response> get_module_permissions(Context& context, const Request& request) {
    const auto user = users::find(context.pool, request.principal.tenant_id, request.param("user_id"));
    using scai::json::Value;
    return ok(request, Value::object({{"permissions",
                                       user ? Value::array_of(user->module_permissions) : Value::array()}}));
}

} // namespace scaigrid
