// GET /v1/scaibunker/bunkers (contract scaiflow-api.md 2.9 K3). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/lookups/handlers.hpp"
#include "lib/scaiflow/grid/lookups.hpp"

namespace scaiflow::lookups_api {

scai::Result<scai::web::Response> list_bunkers(Context& context, const scai::web::Request& request) {
    return grid::answer(
        context, request,
        {.path = "/v1/modules/scaibunker/bunkers", .make = grid::bunker_row, .id = "bunker_id"});
}

} // namespace scaiflow::lookups_api
