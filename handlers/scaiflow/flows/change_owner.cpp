// POST /v1/flows/{id}/owner: gives a flow to somebody else of its tenant. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "handlers/scaiflow/flows/views.hpp"
#include "lib/scaiflow/app/idempotency.hpp"
#include "lib/scaiflow/flows/service.hpp"

namespace scaiflow::flows_api {

using scai::Result;
using scai::web::Response;

Result<Response> change_owner(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto owner = fields.text("owner_id", {.max = 255});
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(const auto key, idempotency_key(request));
    const auto caller = flows::caller_of(request);
    return scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) {
        return once(tx, key, [&]() -> Result<Response> {
            SCAI_TRY(const auto moved, flows::transfer(tx, caller, request.param("id"), owner));
            return detail_response(moved);
        });
    });
}

} // namespace scaiflow::flows_api
