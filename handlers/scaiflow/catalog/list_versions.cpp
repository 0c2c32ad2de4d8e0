// GET /v1/catalog/{package_id}/versions, newest first. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/catalog/views.hpp"
#include "lib/scaiflow/app/cursor.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/scaiflow/catalog/service.hpp"
#include "lib/scaiflow/catalog/store.hpp"

namespace scaiflow::catalog_api {

using scai::json::Value;

scai::Result<scai::web::Response> list_versions(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto limit, limit_of(request));
    const auto ref = ref_of(request);
    const auto list_name = "catalog/" + ref.package_id;
    std::optional<std::int64_t> before;
    if (const auto cursor = request.query_text("cursor")) {
        SCAI_TRY(before, read_number_cursor(list_name, *cursor));
    }
    const auto caller = flows::caller_of(request);
    auto reader = context.pool.read(flows::scope_of(caller));
    SCAI_TRY(const auto listing, catalog::open_package(reader, caller, ref));
    const auto page = catalog::store::versions(reader, listing, before, limit);
    auto items = Value::array();
    for (const auto& item : page.versions)
        items.push(Value::object({{"version", item.version},
                                  {"name", item.name},
                                  {"description", item.description},
                                  {"created_at", scai::to_iso8601(item.created_at)},
                                  {"created_by", item.created_by},
                                  {"sha256", item.sha256},
                                  {"size", item.size},
                                  {"is_current", item.version == listing.version}}));
    return scai::web::Response::json(
        Value::object({{"items", items},
                       {"total", page.total},
                       {"next_cursor", page.next ? Value(make_cursor(list_name, {std::to_string(*page.next)}))
                                                 : Value(nullptr)}}));
}

} // namespace scaiflow::catalog_api
