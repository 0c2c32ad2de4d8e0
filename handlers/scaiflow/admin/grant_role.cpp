// POST /v1/admin/users/{id}/role (contract scaiflow-api.md 2.8 U3). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/admin/views.hpp"
#include "lib/json/decode.hpp"

namespace scaiflow::admin_api {

scai::Result<scai::web::Response> grant_role(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto role = fields.text("role", {.max = 32, .one_of = {"tenant_admin", "super_admin"}});
    // Seed 003 sends it; nothing else can be granted by hand.
    [[maybe_unused]] const auto source = fields.optional_text("source", {.max = 32, .one_of = {"manual"}});
    if (auto error = fields.error())
        return *error;
    SCAI_TRY([[maybe_unused]] const auto done,
             admin::grant_role(context.pool, caller_of(request), user_ref(request), role));
    return scai::web::Response::no_content();
}

} // namespace scaiflow::admin_api
