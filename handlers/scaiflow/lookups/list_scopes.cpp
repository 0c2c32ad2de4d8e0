// GET /v1/scaiqueue/scopes (contract scaiflow-api.md 2.9 K1). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/lookups/handlers.hpp"
#include "lib/scaiflow/grid/lookups.hpp"

namespace scaiflow::lookups_api {

scai::Result<scai::web::Response> list_scopes(Context& context, const scai::web::Request& request) {
    return grid::answer(context, request,
                        {.path = "/v1/modules/scaiqueue/scopes", .make = grid::scope_row, .id = "id"});
}

} // namespace scaiflow::lookups_api
