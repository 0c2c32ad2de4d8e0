// POST /v1/flows (contract scaiflow-api.md 2.3 F2). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "handlers/scaiflow/flows/views.hpp"
#include "lib/scaiflow/app/idempotency.hpp"
#include "lib/scaiflow/flows/rules.hpp"
#include "lib/scaiflow/flows/service.hpp"

namespace scaiflow::flows_api {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

namespace {

Result<flows::Draft> draft_of(const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    flows::Draft draft;
    draft.name = fields.text("name", {.max = flows::longest_name * 4});
    check_name(fields, draft.name);
    draft.description = read_description(fields);
    [[maybe_unused]] const auto content = fields.object("content");
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(draft.content, flows::read_content(body, request.body));
    return draft;
}

} // namespace

Result<Response> create_flow(Context& context, const Request& request) {
    SCAI_TRY(const auto key, idempotency_key(request));
    SCAI_TRY(const auto draft, draft_of(request));
    const auto caller = flows::caller_of(request);
    return scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) {
        return once(tx, key, [&]() -> Result<Response> {
            SCAI_TRY(const auto made, flows::create(tx, caller, draft));
            auto response = detail_response(made, 201);
            response.header("Location", "/api/v1/flows/" + made.head.id);
            return response;
        });
    });
}

} // namespace scaiflow::flows_api
