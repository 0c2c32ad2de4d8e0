// DELETE /v1/admin/users/{id}/role (contract scaiflow-api.md 2.8 U4): takes what was granted by hand or by
// bootstrap. A role that a group gives stays; a 204 has no body, so two headers say so.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/admin/views.hpp"

namespace scaiflow::admin_api {

scai::Result<scai::web::Response> revoke_role(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto given, choice_of(request, "role", {"tenant_admin", "super_admin"}));
    SCAI_TRY(const auto left, admin::revoke_role(context.pool, caller_of(request), user_ref(request),
                                                 given.empty() ? std::nullopt : std::optional(given)));
    auto response = scai::web::Response::no_content();
    if (!left.role.empty()) {
        response.header("X-ScaiFlow-Effective-Role", left.role);
        response.header("X-ScaiFlow-Effective-Role-Source", left.source);
    }
    return response;
}

} // namespace scaiflow::admin_api
