// GET /v1/flows/{id}/acls (contract scaiflow-api.md 2.5 L1): explicit rows only. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"

namespace scaiflow::flows_api {

scai::Result<scai::web::Response> list_acls(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto rows, flows::list_acls(context.pool, flows::caller_of(request), request.param("id")));
    auto out = scai::json::Value::array();
    for (const auto& row : rows)
        out.push(to_json(row));
    return scai::web::Response::json(out);
}

} // namespace scaiflow::flows_api
