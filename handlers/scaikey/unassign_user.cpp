// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/applications/assignments.hpp"

namespace scaikey {

scai::Result<scai::web::Response> unassign_user(Context& context, const scai::web::Request& request) {
    SCAI_TRY([[maybe_unused]] auto done,
             applications::unassign(context.pool, Caller::from(request.principal), request.param("tenant_id"),
                                    applications::PrincipalType::user, request.param("user_id"),
                                    request.param("application_id")));
    return scai::web::Response::no_content();
}

} // namespace scaikey
