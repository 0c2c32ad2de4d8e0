// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/applications/assignments.hpp"

namespace scaikey {

scai::Result<scai::web::Response> unassign_group(Context& context, const scai::web::Request& request) {
    SCAI_TRY([[maybe_unused]] auto done,
             applications::unassign(context.pool, Caller::from(request.principal), request.param("tenant_id"),
                                    applications::PrincipalType::group, request.param("group_id"),
                                    request.param("application_id")));
    return scai::web::Response::no_content();
}

} // namespace scaikey
