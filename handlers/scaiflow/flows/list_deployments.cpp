// GET /v1/flows/{id}/deployments (contract scaiflow-api.md 10-7): newest first. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/scaiflow/flows/deployments.hpp"

namespace scaiflow::flows_api {

using scai::json::Value;

namespace {

/// Our own stored JSON; a row that is none (it cannot be) shows as null rather than failing the page.
Value stored_json(const std::string& text) {
    auto value = scai::json::parse(text);
    return value ? std::move(value).value() : Value(nullptr);
}

Value deployment_json(const flows::Deployment& row) {
    return Value::object(
        {{"id", row.id},
         {"flow_id", row.flow_id},
         {"version", row.version},
         {"status", row.status},
         {"core_id", row.core_id},
         {"published_slug", row.published_slug},
         {"credential_kind", row.credential_kind},
         {"deployed_by", row.deployed_by},
         {"deployed_by_name", row.deployed_by_name},
         {"deployed_at", scai::to_iso8601(row.deployed_at)},
         {"finished_at", row.finished_at ? Value(scai::to_iso8601(*row.finished_at)) : Value(nullptr)},
         {"error", stored_json(row.error)}});
}

} // namespace

scai::Result<scai::web::Response> list_deployments(Context& context, const scai::web::Request& request) {
    const std::string& id = request.param("id");
    const std::string list = "deployments/" + id;
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto before, number_cursor(request, list));
    SCAI_TRY(const auto page,
             flows::list_deployments(context.pool, flows::caller_of(request), id, before, limit));
    auto items = Value::array();
    for (const auto& row : page.items)
        items.push(deployment_json(row));
    return scai::web::Response::json(Value::object(
        {{"items", items}, {"total", page.total}, {"next_cursor", next_cursor(list, page.next)}}));
}

} // namespace scaiflow::flows_api
