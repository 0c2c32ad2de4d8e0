// POST /v1/flows/{id}/acls (contract scaiflow-api.md 2.5 L2). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaiflow/app/idempotency.hpp"

namespace scaiflow::flows_api {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

namespace {

constexpr std::size_t longest_principal_id = 255;

Result<flows::NewAcl> wanted_of(const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    flows::NewAcl wanted;
    wanted.principal_type = fields.text("principal_type");
    wanted.principal_id = fields.text("principal_id", {.max = longest_principal_id});
    const auto level = fields.text("level");
    if (auto error = fields.error())
        return *error;
    if (wanted.principal_type != "user" && wanted.principal_type != "group")
        return scai::Error{.kind = scai::ErrorKind::bad_request,
                           .message = "invalid principal_type",
                           .fields = {{.path = "body.principal_type",
                                       .message = "must be one of: user, group",
                                       .type = "value_error.enum"}}};
    SCAI_TRY(wanted.level, read_level(level));
    return wanted;
}

} // namespace

Result<Response> grant_access(Context& context, const Request& request) {
    SCAI_TRY(const auto wanted, wanted_of(request));
    SCAI_TRY(const auto key, idempotency_key(request));
    const auto caller = flows::caller_of(request);
    return scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) {
        return once(tx, key, [&]() -> Result<Response> {
            SCAI_TRY(const auto row, flows::grant_access(tx, caller, request.param("id"), wanted));
            auto response = Response::json(to_json(row), 201);
            response.header("Location", "/api/v1/flows/" + row.flow_id + "/acls/" + row.id);
            return response;
        });
    });
}

} // namespace scaiflow::flows_api
