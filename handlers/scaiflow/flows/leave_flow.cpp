// DELETE /v1/flows/{id}/presence: the caller has closed it. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/flows/presence.hpp"

namespace scaiflow::flows_api {

scai::Result<scai::web::Response> leave_flow(Context& context, const scai::web::Request& request) {
    SCAI_TRY([[maybe_unused]] const auto done,
             flows::leave(context.pool, flows::caller_of(request), request.param("id")));
    return scai::web::Response::no_content();
}

} // namespace scaiflow::flows_api
