// POST /v1/flows/compile (contract scaiflow-api.md 2.4 P1). What is wrong with the flow is an answer (200,
// `errors`); what is wrong with the request is not: 413 and 422 by the same rules as saving.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/preview/handlers.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/flows/rules.hpp"

namespace scaiflow::preview_api {

using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

Result<Response> compile_flow(Context&, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const Value content = fields.object("content");
    const auto name = fields.optional_text("format", {.one_of = {"yaml", "ir", "scai"}});
    if (auto error = fields.error())
        return *error;
    SCAI_TRY([[maybe_unused]] const auto size, flows::read_content(body, request.body));
    const auto format = compiler::format_of(name.value_or("yaml")).value_or(compiler::Format::yaml);
    const auto compiled = compiler::compile(content, format);
    std::string text = compiled.body.value_or("");
    if (format == compiler::Format::ir)
        text = scai::crypto::base64(text);
    Value errors = Value::array();
    for (const auto& diagnostic : compiled.diagnostics)
        if (diagnostic.severity == graph::Severity::error)
            errors.push(diagnostic.message);
    return Response::json(Value::object({{"format", compiler::name_of(format)},
                                         {"body", text},
                                         {"errors", errors},
                                         {"diagnostics", graph::to_json(compiled.diagnostics)}}));
}

} // namespace scaiflow::preview_api
