// GET /v1/scaiqueue/scopes/{scope_id}/queues (contract scaiflow-api.md 2.9 K2). SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/lookups/handlers.hpp"
#include "lib/scaiflow/grid/lookups.hpp"

namespace scaiflow::lookups_api {

scai::Result<scai::web::Response> list_queues(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto scope, grid::id_param(request, "scope_id"));
    return grid::answer(context, request,
                        {.path = "/v1/modules/scaiqueue/scopes/" + grid::segment(scope) + "/queues",
                         .make = grid::queue_row,
                         .id = "id",
                         .fill = {{"scope_id", scope}}});
}

} // namespace scaiflow::lookups_api
