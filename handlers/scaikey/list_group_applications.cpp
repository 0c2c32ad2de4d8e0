// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/applications/assignments.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_group_applications(Context& context,
                                                          const scai::web::Request& request) {
    SCAI_TRY(const auto rows, applications::assigned_to(
                                  context.pool, Caller::from(request.principal), request.param("tenant_id"),
                                  applications::PrincipalType::group, request.param("group_id")));
    return data_response(rows);
}

} // namespace scaikey
