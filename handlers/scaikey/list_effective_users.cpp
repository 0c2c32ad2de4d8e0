// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/applications/assignments.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_effective_users(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto paging, read_paging(request));
    SCAI_TRY(const auto page, applications::effective_users(context.pool, Caller::from(request.principal),
                                                            request.param("tenant_id"),
                                                            request.param("application_id"), paging));
    return list_response(paging, page);
}

} // namespace scaikey
