// POST /v1/flows/{id}/deployments/{deployment_id}/rollback: the version of an earlier deployment is deployed
// again, as a deployment of its own. The flow itself stays as it is. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/deploy/handlers.hpp"
#include "handlers/scaiflow/deploy/views.hpp"

namespace scaiflow::deploy_api {

scai::Result<scai::web::Response> rollback_deployment(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto wish, wish_of(request));
    wish.rollback_of = request.param("deployment_id");
    return carry_out(context, request, wish);
}

} // namespace scaiflow::deploy_api
