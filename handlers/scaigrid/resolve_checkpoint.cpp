// POST /v1/modules/scaicore/checkpoints/{checkpoint_id}/resolve: {resolution}, a text or an object; null for
// a checkpoint without options. The run goes on within this request. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/scaigrid/runs/runs.hpp"

namespace scaigrid {

Result<Response> resolve_checkpoint(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    const auto resolution = body.get("resolution");
    if (!resolution.present())
        return bad_field("body.resolution", "is required: a text or an object");
    SCAI_TRY(auto row, runs::resolve(context, request.principal.tenant_id, request.param("checkpoint_id"),
                                     resolution, request.principal.subject));
    return ok(request, std::move(row));
}

} // namespace scaigrid
