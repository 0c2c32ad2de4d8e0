// GET /v1/catalog/{package_id}: one package with its README. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/catalog/views.hpp"
#include "lib/scaiflow/catalog/service.hpp"
#include "lib/scaiflow/catalog/store.hpp"

namespace scaiflow::catalog_api {

scai::Result<scai::web::Response> get_package(Context& context, const scai::web::Request& request) {
    const auto caller = flows::caller_of(request);
    auto reader = context.pool.read(flows::scope_of(caller));
    SCAI_TRY(auto listing, catalog::open_package(reader, caller, ref_of(request)));
    const auto detail = catalog::store::detail(reader, std::move(listing));
    auto body = to_json(detail.listing);
    body.set("tenant_id", detail.listing.tenant_id)
        .set("readme", detail.readme)
        .set("versions", detail.versions)
        .set("sha256", detail.sha256)
        .set("size", detail.size)
        .set("can_manage", detail.listing.manageable);
    return scai::web::Response::json(body);
}

} // namespace scaiflow::catalog_api
