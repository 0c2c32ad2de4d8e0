// POST /v1/scaicore/cores/{core_id}/invoke (contract scaiflow-api.md 2.10 S4, 10-12). Never sent twice: a run
// has effects. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaiflow/grid/lookups.hpp"
#include "lib/scaiflow/grid/proxy.hpp"

namespace scaiflow::scaicore_api {

scai::Result<scai::web::Response> invoke_core(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto id, grid::id_param(request, "core_id"));
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    fields.object("input");
    fields.optional_text("instance_key", {.max = 500});
    fields.optional_text("flow_name", {.max = 500});
    if (auto error = fields.error())
        return *error;
    auto outcome = grid::forward(context, request,
                                 {.method = "POST",
                                  .path = "/v1/modules/scaicore/cores/" + grid::segment(id) + "/invoke",
                                  .body = request.body,
                                  .timeout = grid::run_limit(context)});
    if (!outcome && outcome.error().kind == scai::ErrorKind::timeout) {
        auto error = outcome.error();
        error.fix = "the run may go on: look at GET /v1/scaicore/events before you invoke again";
        return error;
    }
    return outcome;
}

} // namespace scaiflow::scaicore_api
