// DELETE /v1/api-keys/{key_id}: the caller's own, or with users:manage any of the tenant.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"
#include "lib/scaigrid/keys/keys.hpp"

namespace scaigrid {

Result<Response> revoke_api_key(Context& context, const Request& request) {
    const auto& caller = request.principal;
    const auto& id = request.param("key_id");
    const auto owner = keys::owner_of(context.pool, caller.tenant_id, id);
    if (!owner || (*owner != caller.subject && !may(caller, "users:manage")))
        return not_found("API key");
    keys::revoke(context.pool, caller.tenant_id, id);
    return Response::no_content();
}

} // namespace scaigrid
