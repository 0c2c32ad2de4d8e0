// POST /v1/scaicore/checkpoints/{checkpoint_id}/resolve (contract scaiflow-api.md 2.10 S3, 10-11). The
// execution goes on within the call, as far as ScaiGrid likes. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaiflow/grid/lookups.hpp"
#include "lib/scaiflow/grid/proxy.hpp"

namespace scaiflow::scaicore_api {

scai::Result<scai::web::Response> resolve_checkpoint(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto id, grid::id_param(request, "checkpoint_id"));
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto resolution = body.get("resolution");
    if (!resolution.is_object() && resolution.size_of_text() == 0)
        fields.reject("resolution",
                      "must be the chosen option, or an object such as {\"decision\":\"approve\"}");
    fields.optional_text("comment", {.min = 0, .max = 10000});
    if (auto error = fields.error())
        return *error;
    return grid::forward(
        context, request,
        {.method = "POST",
         .path = std::string(grid::checkpoints_path).append("/").append(grid::segment(id)).append("/resolve"),
         .body = request.body,
         .timeout = grid::run_limit(context)});
}

} // namespace scaiflow::scaicore_api
