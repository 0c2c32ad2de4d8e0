// GET /v1/scaicore/checkpoints/{checkpoint_id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "lib/scaiflow/grid/lookups.hpp"
#include "lib/scaiflow/grid/proxy.hpp"

namespace scaiflow::scaicore_api {

scai::Result<scai::web::Response> get_checkpoint(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto id, grid::id_param(request, "checkpoint_id"));
    return grid::forward(context, request,
                         {.path = std::string(grid::checkpoints_path).append("/").append(grid::segment(id))});
}

} // namespace scaiflow::scaicore_api
