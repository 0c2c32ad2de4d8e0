// DELETE /v1/catalog/{package_id}: its versions stay. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/catalog/views.hpp"
#include "lib/scaiflow/catalog/service.hpp"

namespace scaiflow::catalog_api {

scai::Result<scai::web::Response> delete_package(Context& context, const scai::web::Request& request) {
    const auto caller = flows::caller_of(request);
    SCAI_TRY([[maybe_unused]] const auto done,
             scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) -> scai::Status {
                 return catalog::delete_package(tx, caller, ref_of(request));
             }));
    return scai::web::Response::no_content();
}

} // namespace scaiflow::catalog_api
