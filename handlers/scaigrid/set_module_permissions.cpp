// PUT /v1/users/{user_id}/module-permissions: these in place of the set there was, beside those of the roles.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/users/users.hpp"

namespace scaigrid {

Result<Response> set_module_permissions(Context& context, const Request& request) {
    const auto& caller = request.principal;
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto permissions = fields.optional_text_list("permissions", {.max = 100}, 100);
    if (!body.get("permissions").is_array())
        fields.reject("permissions", "must be a list of permissions");
    for (const auto& permission : permissions)
        if (!may(caller, permission))
            fields.reject("permissions", permission + " is unknown, or not the caller's to give");
    if (auto error = fields.error())
        return *error;
    users::set_module_permissions(context.pool, caller.tenant_id, request.param("user_id"), permissions);
    return ok(request,
              scai::json::Value::object({{"permissions", scai::json::Value::array_of(permissions)}}));
}

} // namespace scaigrid
