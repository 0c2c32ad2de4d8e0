// POST /v1/modules/scaicore/checkpoints/{checkpoint_id}/cancel: the block that waits fails with
// checkpoint_cancelled. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/scaigrid/runs/runs.hpp"

namespace scaigrid {

Result<Response> cancel_checkpoint(Context& context, const Request& request) {
    SCAI_TRY([[maybe_unused]] const auto body, request.json_object(/*empty_allowed=*/true));
    SCAI_TRY(auto row, runs::cancel(context, request.principal.tenant_id, request.param("checkpoint_id"),
                                    request.principal.subject));
    return ok(request, std::move(row));
}

} // namespace scaigrid
