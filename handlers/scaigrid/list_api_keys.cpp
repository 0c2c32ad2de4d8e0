// GET /v1/api-keys: the caller's keys. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"
#include "lib/scaigrid/keys/keys.hpp"

namespace scaigrid {

Result<Response> list_api_keys(Context& context, const Request& request) {
    const auto& caller = request.principal;
    return ok_page(request, keys::list(context.pool, caller.tenant_id, caller.subject), "");
}

} // namespace scaigrid
