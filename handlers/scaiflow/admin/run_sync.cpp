// POST /v1/admin/sync (contract scaiflow-api.md 2.8 U2, 6.2): one sweep, here and now, by the code of the
// cron job. A run that was skipped or stopped by the breaker is an answer (200); an upstream that could not
// be reached is not (502). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/admin/sweeps.hpp"
#include "lib/json/decode.hpp"

namespace scaiflow::admin_api {

scai::Result<scai::web::Response> run_sync(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object(true));
    scai::json::Fields fields(body, "body");
    // A mistyped dry_run must not become a sweep.
    body.each_member([&](std::string_view key, const scai::json::Value&) {
        if (key != "dry_run" && key != "force" && key != "tenant_id")
            fields.reject(key, "is not known here; there are dry_run, force and tenant_id");
    });
    mirror::SweepOptions options = sweep_options(request);
    options.dry_run = fields.optional_boolean("dry_run").value_or(false);
    options.force = fields.optional_boolean("force").value_or(false);
    options.tenant = fields.optional_text("tenant_id", {.max = 255});
    if (auto error = fields.error())
        return *error;
    const auto result = mirror::sweep(context, options);
    if (auto error = failure_of(result))
        return *error;
    return scai::web::Response::json(mirror::to_json(result, options.dry_run));
}

} // namespace scaiflow::admin_api
