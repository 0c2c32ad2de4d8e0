// PATCH /v1/catalog/{package_id}/visibility (contract scaiflow-api.md 10-9). SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/catalog/views.hpp"
#include "lib/scaiflow/catalog/service.hpp"

namespace scaiflow::catalog_api {

using scai::Result;

Result<scai::web::Response> change_visibility(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto visibility = visibility_of(fields, true);
    if (auto error = fields.error())
        return *error;
    SCAI_TRY([[maybe_unused]] const auto named, check_visibility(*visibility));
    const auto caller = flows::caller_of(request);
    SCAI_TRY(const auto listing,
             scai::db::in_tx(context.pool, flows::scope_of(caller),
                             [&](scai::db::Tx& tx) -> Result<catalog::Listing> {
                                 return catalog::change_visibility(tx, caller, ref_of(request), *visibility);
                             }));
    return scai::web::Response::json(to_json(listing));
}

} // namespace scaiflow::catalog_api
