// POST /v1/modules/scaicore/checkpoints/{checkpoint_id}/reassign: {assignee}, "user:<e-mail or id>",
// "group:<id>" or "role:<role>". SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/runs/runs.hpp"

namespace scaigrid {

Result<Response> reassign_checkpoint(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const std::string assignee = fields.text("assignee", {.max = 320});
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(auto row,
             runs::reassign(context, request.principal.tenant_id, request.param("checkpoint_id"), assignee));
    return ok(request, std::move(row));
}

} // namespace scaigrid
