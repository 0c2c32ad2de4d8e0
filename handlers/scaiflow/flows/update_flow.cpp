// PUT /v1/flows/{id}: partial, what is absent stays (contract scaiflow-api.md 2.3 F4).
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "handlers/scaiflow/flows/views.hpp"
#include "lib/scaiflow/flows/rules.hpp"
#include "lib/scaiflow/flows/service.hpp"

namespace scaiflow::flows_api {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

namespace {

Result<flows::Change> change_of(const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    flows::Change change;
    for (const char* kept : {"name", "content"})
        if (body.get(kept).is_null())
            fields.reject(kept, "must not be null; what is absent stays");
    if (fields.has("name") && !body.get("name").is_null()) {
        change.name = fields.text("name", {.max = flows::longest_name * 4});
        check_name(fields, change.name);
    }
    if (fields.has("description"))
        change.description = read_description(fields);
    if (fields.has("content") && !body.get("content").is_null()) [[maybe_unused]]
        const auto content = fields.object("content");
    if (auto error = fields.error())
        return *error;
    if (!change.name && !change.description && !fields.has("content"))
        return scai::Error{
            .kind = scai::ErrorKind::unprocessable,
            .message = "nothing to change",
            .fields = {{.path = "body", .message = "must have at least one of name, description, content"}}};
    if (fields.has("content")) {
        SCAI_TRY(change.content, flows::read_content(body, request.body));
    }
    return change;
}

} // namespace

Result<Response> update_flow(Context& context, const Request& request) {
    SCAI_TRY(const auto change, change_of(request));
    const auto caller = flows::caller_of(request);
    SCAI_TRY(const auto changed,
             scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) {
                 return flows::change(tx, caller, request.param("id"), change, request.header("if-match"));
             }));
    return detail_response(changed);
}

} // namespace scaiflow::flows_api
