// GET /v1/modules/scaibunker/quota-profiles/usage. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/scaigrid/bunkers/service.hpp"

namespace scaigrid {

Result<Response> get_bunker_usage(Context& context, const Request& request) {
    return ok(request, bunkers::usage_rows(context.pool, request.principal.tenant_id));
}

} // namespace scaigrid
