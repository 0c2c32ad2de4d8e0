// PATCH /v1/flows/{id}/acls/{acl_id}: another level for the same principal. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/json/decode.hpp"

namespace scaiflow::flows_api {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

Result<Response> change_access(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto name = fields.text("level");
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(const auto level, read_level(name));
    const auto caller = flows::caller_of(request);
    SCAI_TRY(const auto row, scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) {
                 return flows::change_access(tx, caller, request.param("id"), request.param("acl_id"), level);
             }));
    return Response::json(to_json(row));
}

} // namespace scaiflow::flows_api
