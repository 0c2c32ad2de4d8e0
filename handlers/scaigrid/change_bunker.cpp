// POST /v1/modules/scaibunker/bunkers/{bunker_id}/pause, /resume, /snapshot. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/scaigrid/bunkers/service.hpp"

namespace scaigrid {

Result<Response> change_bunker(Context& context, const Request& request) {
    SCAI_TRY(auto bunker, bunkers::change(context.pool, request.principal.tenant_id,
                                          request.param("bunker_id"), verb_of(request)));
    return ok(request, std::move(bunker));
}

} // namespace scaigrid
