// POST .../bunkers/{bunker_id}/exec, PUT|GET|DELETE .../files: what only a worker could do.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/scaigrid/bunkers/service.hpp"

namespace scaigrid {

Result<Response> use_bunker(Context& context, const Request& request) {
    return bunkers::no_worker(context.pool, request.principal.tenant_id, request.param("bunker_id"));
}

} // namespace scaigrid
