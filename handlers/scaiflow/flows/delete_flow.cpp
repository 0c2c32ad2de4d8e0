// DELETE /v1/flows/{id}: soft (contract scaiflow-api.md 2.3 F5). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/flows/service.hpp"

namespace scaiflow::flows_api {

scai::Result<scai::web::Response> delete_flow(Context& context, const scai::web::Request& request) {
    const auto caller = flows::caller_of(request);
    SCAI_TRY([[maybe_unused]] const auto done,
             scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) {
                 return flows::remove(tx, caller, request.param("id"), request.header("if-match"));
             }));
    return scai::web::Response::no_content();
}

} // namespace scaiflow::flows_api
