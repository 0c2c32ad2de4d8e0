// GET /v1/flows/{id}/presence (contract scaiflow-api.md 10-6): who has it open. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/flows/presence.hpp"

namespace scaiflow::flows_api {

using scai::json::Value;

scai::Result<scai::web::Response> list_presence(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto people, flows::present(context.pool, flows::caller_of(request), request.param("id")));
    auto users = Value::array();
    for (const auto& person : people)
        users.push(Value::object({{"user_id", person.user_id},
                                  {"display_name", person.display_name},
                                  {"last_seen_at", scai::to_iso8601(person.last_seen_at)}}));
    return scai::web::Response::json(Value::object({{"users", users}}));
}

} // namespace scaiflow::flows_api
