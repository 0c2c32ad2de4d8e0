// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/policies/views.hpp"

namespace scaivault::policies_api {

scai::Result<scai::web::Response> lint_policy(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto row, policies::find(context.pool, caller_of(request), request.param("id")));
    return scai::web::Response::json(
        scai::json::Value::object({{"policy_id", row.id}, {"findings", findings_of(row)}}));
}

} // namespace scaivault::policies_api
