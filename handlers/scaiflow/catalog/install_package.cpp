// POST /v1/catalog/{package_id}/install: a copy to open unsaved (contract scaiflow-api.md 10-9).
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/catalog/views.hpp"
#include "lib/scaiflow/catalog/package.hpp"
#include "lib/scaiflow/catalog/service.hpp"

namespace scaiflow::catalog_api {

scai::Result<scai::web::Response> install_package(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object(true));
    scai::json::Fields fields(body, "body");
    const auto version = fields.optional_text("version", {.max = catalog::max_version});
    if (auto error = fields.error())
        return *error;
    const auto caller = flows::caller_of(request);
    auto reader = context.pool.read(flows::scope_of(caller));
    SCAI_TRY(const auto content, catalog::install(reader, caller, ref_of(request), version));
    return scai::web::Response::json(scai::json::Value::object({{"content", content}}));
}

} // namespace scaiflow::catalog_api
