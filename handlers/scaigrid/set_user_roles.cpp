// PUT /v1/users/{user_id}/roles: in place of what the user's tokens name; [] goes back to them.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/users/users.hpp"

namespace scaigrid {

Result<Response> set_user_roles(Context& context, const Request& request) {
    const auto& caller = request.principal;
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto roles = fields.optional_text_list("roles", {.max = 64}, 10);
    if (!body.get("roles").is_array())
        fields.reject("roles", "must be a list of roles");
    // Nobody gives what reaches further than he does himself.
    for (const auto& role : roles)
        if (!is_known_role(role))
            fields.reject("roles", "there is no such role: " + role);
        else if ((role == "super_admin" || role.starts_with("partner_")) &&
                 caller.admin_role != "super_admin" && caller.admin_role != role)
            fields.reject("roles", role + " is given by a super_admin only");
        else if (!covers(caller, permissions_of_role(role)))
            fields.reject("roles", role + " cannot be given by somebody who has less");
    if (auto error = fields.error())
        return *error;
    users::set_roles(context.pool, caller.tenant_id, request.param("user_id"), roles);
    return ok(request, users::view(*users::find(context.pool, caller.tenant_id, request.param("user_id"))));
}

} // namespace scaigrid
