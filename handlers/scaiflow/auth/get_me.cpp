// GET /v1/me: the principal the gate made, as JSON. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/auth/handlers.hpp"

namespace scaiflow::auth_api {

using scai::json::Value;

namespace {

Value text_or_null(const std::string& text) {
    return text.empty() ? Value(nullptr) : Value(text);
}

} // namespace

scai::Result<scai::web::Response> get_me(Context&, const scai::web::Request& request) {
    const auto& who = request.principal;
    return scai::web::Response::json(
        Value::object({{"sub", who.subject},
                       {"tenant_id", text_or_null(who.tenant_id)},
                       {"email", text_or_null(who.email)},
                       {"display_name", text_or_null(who.name)},
                       {"permissions", Value::array_of(who.permissions)},
                       {"groups", Value::array_of(who.groups)},
                       {"admin_role", text_or_null(who.admin_role)},
                       {"admin_role_source", text_or_null(who.admin_role_source)},
                       {"mirrored", who.mirrored}}));
}

} // namespace scaiflow::auth_api
