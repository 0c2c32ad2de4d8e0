// POST /v1/flows/validate (contract scaiflow-api.md 2.4 P2). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/preview/handlers.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaiflow/flows/rules.hpp"
#include "lib/scaiflow/graph/validate.hpp"

namespace scaiflow::preview_api {

using scai::json::Value;

scai::Result<scai::web::Response> validate_flow(Context&, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const Value content = fields.object("content");
    if (auto error = fields.error())
        return *error;
    SCAI_TRY([[maybe_unused]] const auto size, flows::read_content(body, request.body));
    const auto diagnostics = graph::validate(content);
    return scai::web::Response::json(Value::object(
        {{"valid", !graph::has_errors(diagnostics)}, {"diagnostics", graph::to_json(diagnostics)}}));
}

} // namespace scaiflow::preview_api
