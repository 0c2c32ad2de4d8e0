// POST /v1/catalog/publish (contract scaiflow-api.md 2.6 C2). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/catalog/views.hpp"
#include "lib/scaiflow/app/idempotency.hpp"
#include "lib/scaiflow/catalog/package.hpp"
#include "lib/scaiflow/catalog/service.hpp"
#include "lib/scaiflow/graph/graph.hpp"

namespace scaiflow::catalog_api {

using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

namespace {

bool given(const Value& body, const char* key) {
    const Value value = body.get(key);
    return value.present() && !value.is_null();
}

/// Exactly one source.
void read_source(const Value& body, scai::json::Fields& fields, catalog::Draft& draft) {
    draft.flow_id = fields.optional_text("flow_id", {.max = 255});
    draft.content = fields.optional_object("content");
    if (draft.flow_id && draft.content.present())
        fields.reject("content", "must not be given together with flow_id");
    else if (!given(body, "flow_id") && !given(body, "content"))
        fields.reject("flow_id", "either flow_id or content must be given");
}

/// As for a flow that is saved.
scai::Error too_large() {
    return scai::Error{.kind = scai::ErrorKind::too_large,
                       .message = "content too large",
                       .fields = {{.path = "body.content",
                                   .message = "must be at most " + std::to_string(graph::max_content) +
                                              " bytes without white space",
                                   .type = "value_error.content.too_large"}}};
}

Result<catalog::Draft> draft_of(const Value& body) {
    scai::json::Fields fields(body, "body");
    catalog::Draft draft;
    draft.package_id = fields.text("package_id", {.max = 64});
    if (!draft.package_id.empty() &&
        (!catalog::valid_package_id(draft.package_id) || draft.package_id == "publish"))
        fields.reject("package_id",
                      "must be lower-case letters, digits and single dashes, start with a letter and not be "
                      "the word publish");
    draft.name = fields.text("name", {.max = catalog::max_name});
    draft.description =
        fields.optional_text("description", {.min = 0, .max = catalog::max_description}).value_or("");
    draft.version = fields.optional_text("version", {.max = catalog::max_version}).value_or("0.1.0");
    if (!graph::valid_semver(draft.version))
        fields.reject("version", "must be a semantic version such as 0.1.0");
    draft.readme = fields.optional_text("readme", {.min = 0, .max = catalog::max_readme});
    draft.visibility = visibility_of(fields, false);
    read_source(body, fields, draft);
    if (auto error = fields.error())
        return *error;
    if (draft.content.present() && draft.content.dump().size() > graph::max_content)
        return too_large();
    if (draft.visibility) {
        SCAI_TRY([[maybe_unused]] const auto named, check_visibility(*draft.visibility));
    }
    return draft;
}

/// 400 with all that is wrong, in the shape of every structured failure; `errors` are the bare messages.
Response compile_error(const graph::Diagnostics& diagnostics) {
    auto errors = Value::array();
    for (const auto& item : diagnostics)
        if (item.severity == graph::Severity::error)
            errors.push(item.message);
    return Response::json(
        Value::object(
            {{"detail", Value::object({{"error", "compile_error"},
                                       {"message", "the flow does not compile: " + errors.at(0).text_or("")},
                                       {"errors", errors},
                                       {"diagnostics", graph::to_json(diagnostics)}})}}),
        400);
}

} // namespace

Result<Response> publish_package(Context& context, const Request& request) {
    SCAI_TRY(const auto key, idempotency_key(request));
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto draft, draft_of(body));
    const auto caller = flows::caller_of(request);
    return scai::db::in_tx(context.pool, flows::scope_of(caller), [&](scai::db::Tx& tx) {
        return once(tx, key, [&]() -> Result<Response> {
            SCAI_TRY(const auto published, catalog::publish(tx, caller, draft));
            if (!published.listing)
                return compile_error(published.diagnostics);
            return Response::json(to_json(*published.listing), 201)
                .header("Location", "/api/v1/catalog/" + published.listing->package_id);
        });
    });
}

} // namespace scaiflow::catalog_api
