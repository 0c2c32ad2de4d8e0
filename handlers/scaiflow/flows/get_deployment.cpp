// GET /v1/flows/{id}/deployments/{deployment_id}: one deployment with its steps, what was meant and what came
// of it. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/flows/deployments.hpp"

namespace scaiflow::flows_api {

using scai::json::Value;

scai::Result<scai::web::Response> get_deployment(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto found, flows::read_deployment(context.pool, flows::caller_of(request),
                                                      request.param("id"), request.param("deployment_id")));
    auto steps = Value::array();
    for (const auto& step : found.steps)
        steps.push(flows::to_json(step));
    return scai::web::Response::json(flows::to_json(found.deployment).set("steps", steps));
}

} // namespace scaiflow::flows_api
