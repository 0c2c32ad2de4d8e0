// GET /v1/flows/{id}/deployments (contract scaiflow-api.md 10-7): newest first. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/scaiflow/flows/deployments.hpp"

namespace scaiflow::flows_api {

using scai::json::Value;

scai::Result<scai::web::Response> list_deployments(Context& context, const scai::web::Request& request) {
    const std::string& id = request.param("id");
    const std::string list = "deployments/" + id;
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto before, number_cursor(request, list));
    SCAI_TRY(const auto page,
             flows::list_deployments(context.pool, flows::caller_of(request), id, before, limit));
    auto items = Value::array();
    for (const auto& row : page.items)
        items.push(flows::to_json(row));
    return scai::web::Response::json(Value::object(
        {{"items", items}, {"total", page.total}, {"next_cursor", next_cursor(list, page.next)}}));
}

} // namespace scaiflow::flows_api
