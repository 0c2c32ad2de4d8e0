// GET /v1/flows/{id}/versions/{a}/diff/{b}: what leads from a to b, node- and edge-wise.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/flows/versions.hpp"

namespace scaiflow::flows_api {

scai::Result<scai::web::Response> diff_versions(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto story,
             flows::diff_versions(context.pool, flows::caller_of(request), request.param("id"),
                                  request.param("a"), request.param("b")));
    return immutable_response(request, story.dump());
}

} // namespace scaiflow::flows_api
