// GET /v1/flows/{id}/versions (contract scaiflow-api.md 10-5): newest first. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/scaiflow/flows/versions.hpp"

namespace scaiflow::flows_api {

using scai::json::Value;

namespace {

Value version_json(const flows::Version& version) {
    return Value::object({{"version", version.version},
                          {"number", version.number},
                          {"created_at", scai::to_iso8601(version.created_at)},
                          {"created_by", version.created_by},
                          {"created_by_name", version.created_by_name},
                          {"restored_from", version.restored_from},
                          {"is_current", version.is_current},
                          {"size", version.size}});
}

} // namespace

scai::Result<scai::web::Response> list_versions(Context& context, const scai::web::Request& request) {
    const std::string& id = request.param("id");
    const std::string list = "versions/" + id;
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto before, number_cursor(request, list));
    SCAI_TRY(const auto page,
             flows::list_versions(context.pool, flows::caller_of(request), id, before, limit));
    auto items = Value::array();
    for (const auto& version : page.items)
        items.push(version_json(version));
    return scai::web::Response::json(Value::object(
        {{"items", items}, {"total", page.total}, {"next_cursor", next_cursor(list, page.next)}}));
}

} // namespace scaiflow::flows_api
