// POST /v1/api-keys: for the caller, or with users:manage for somebody else of the tenant.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"
#include "lib/scaigrid/keys/keys.hpp"

namespace scaigrid {

Result<Response> create_api_key(Context& context, const Request& request) {
    const auto& caller = request.principal;
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto wanted, keys::decode(body, context.clock->now()));
    if (wanted.assigned_user_id && *wanted.assigned_user_id != caller.subject) {
        SCAI_TRY([[maybe_unused]] const auto allowed, require(caller, "users:manage"));
        // The key may be an administrator's: whoever makes it must be able to do as much.
        if (!covers(caller, permissions_of_role("tenant_admin")))
            return refusal(scai::ErrorKind::forbidden, "AUTHZ_PERMISSION_DENIED",
                           "permission_denied: keys of others are made by administrators");
    }
    return ok(request, keys::create(context.pool, caller, wanted), 201);
}

} // namespace scaigrid
