// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/applications/assignments.hpp"

namespace scaikey {

scai::Result<scai::web::Response> assign_user(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto assigned,
             applications::assign(context.pool, Caller::from(request.principal), request.param("tenant_id"),
                                  applications::PrincipalType::user, request.param("user_id"), body));
    return data_response(assigned.row, assigned.created ? 201 : 200);
}

} // namespace scaikey
