// GET /v1/me, GET /v1/auth/me: who the credential stands for and what it may. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"

namespace scaigrid {

using scai::json::Value;

Result<Response> get_me(Context&, const Request& request) {
    const auto& me = request.principal;
    const bool by_key = me.claims.member("credential") == "api_key";
    return ok(request, Value::object({{"id", me.subject},
                                      {"tenant_id", me.tenant_id},
                                      {"email", me.email},
                                      {"display_name", me.name},
                                      {"role", me.admin_role},
                                      {"service", me.service},
                                      {"credential", by_key ? "api_key" : "access_token"},
                                      {"permissions", Value::array_of(me.permissions)}}));
}

} // namespace scaigrid
