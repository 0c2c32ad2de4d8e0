// POST /v1/flows/{id}/deploy (contract scaiflow-api.md 2.3 F6, 8.1). Compiles first: a flow that does not
// compile leaves nothing behind. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/deploy/handlers.hpp"
#include "handlers/scaiflow/deploy/views.hpp"

namespace scaiflow::deploy_api {

scai::Result<scai::web::Response> deploy_flow(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto wish, wish_of(request));
    return carry_out(context, request, wish);
}

} // namespace scaiflow::deploy_api
