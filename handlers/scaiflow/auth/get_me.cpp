// GET /v1/me: the principal the gate made, as JSON. The most frequent request of all: written as text.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/auth/handlers.hpp"
#include "lib/json/rows.hpp"

namespace scaiflow::auth_api {

namespace {

std::optional<std::string_view> text_or_null(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

} // namespace

scai::Result<scai::web::Response> get_me(Context&, const scai::web::Request& request) {
    const auto& who = request.principal;
    scai::json::Members out;
    out.text("sub", who.subject)
        .text("tenant_id", text_or_null(who.tenant_id))
        .text("email", text_or_null(who.email))
        .text("display_name", text_or_null(who.name))
        .texts("permissions", who.permissions)
        .texts("groups", who.groups)
        .text("admin_role", text_or_null(who.admin_role))
        .text("admin_role_source", text_or_null(who.admin_role_source))
        .raw("mirrored", who.mirrored ? "true" : "false");
    return scai::web::Response::text(out.take(), "application/json");
}

} // namespace scaiflow::auth_api
