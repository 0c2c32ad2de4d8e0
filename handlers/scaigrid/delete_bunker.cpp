// DELETE /v1/modules/scaibunker/bunkers/{bunker_id}?snapshot=true. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/scaigrid/bunkers/service.hpp"

namespace scaigrid {

Result<Response> delete_bunker(Context& context, const Request& request) {
    const auto snapshot = query_choice(request, "snapshot", {"true", "false"});
    if (!snapshot)
        return snapshot.error();
    SCAI_TRY([[maybe_unused]] const auto done,
             bunkers::remove(context.pool, request.principal.tenant_id, request.param("bunker_id"),
                             *snapshot == "true"));
    return Response::no_content();
}

} // namespace scaigrid
