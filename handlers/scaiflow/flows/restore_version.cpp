// POST /v1/flows/{id}/versions/{version}/restore: its content becomes the next version.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "handlers/scaiflow/flows/views.hpp"
#include "lib/scaiflow/app/idempotency.hpp"
#include "lib/scaiflow/flows/versions.hpp"

namespace scaiflow::flows_api {

using scai::Result;
using scai::web::Response;

Result<Response> restore_version(Context& context, const scai::web::Request& request) {
    SCAI_TRY([[maybe_unused]] const auto body, request.json_object(true));
    SCAI_TRY(const auto key, idempotency_key(request));
    const auto caller = flows::caller_of(request);
    return scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) {
        return once(tx, key, [&]() -> Result<Response> {
            SCAI_TRY(const auto detail,
                     flows::restore_version(tx, caller, request.param("id"), request.param("version"),
                                            request.header("if-match")));
            return detail_response(detail);
        });
    });
}

} // namespace scaiflow::flows_api
