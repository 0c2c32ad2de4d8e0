// GET /v1/users/{user_id}: with users:manage, or oneself. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"
#include "lib/scaigrid/users/users.hpp"

namespace scaigrid {

Result<Response> get_user(Context& context, const Request& request) {
    const auto& caller = request.principal;
    const auto& id = request.param("user_id");
    if (id != caller.subject) {
        SCAI_TRY([[maybe_unused]] const auto allowed, require(caller, "users:manage"));
    }
    const auto user = users::find(context.pool, caller.tenant_id, id);
    if (!user)
        return not_found("User");
    return ok(request, users::view(*user));
}

} // namespace scaigrid
