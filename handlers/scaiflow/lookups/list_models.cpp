// GET /v1/scaigrid/models (contract scaiflow-api.md 2.9 K4). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/lookups/handlers.hpp"
#include "lib/scaiflow/grid/lookups.hpp"

namespace scaiflow::lookups_api {

scai::Result<scai::web::Response> list_models(Context& context, const scai::web::Request& request) {
    return grid::answer(context, request, {.path = "/v1/models", .make = grid::model_row, .id = "slug"});
}

} // namespace scaiflow::lookups_api
