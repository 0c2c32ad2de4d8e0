// POST /v1/modules/scaibunker/bunkers. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/scaigrid/bunkers/service.hpp"

namespace scaigrid {

Result<Response> create_bunker(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    const auto& caller = request.principal;
    SCAI_TRY(auto bunker,
             bunkers::create(context.pool, caller.tenant_id, queue_caller(request).actor.id, body,
                             [&](std::string_view permission) { return may(caller, permission); }));
    return ok(request, std::move(bunker), 201);
}

} // namespace scaigrid
