// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/app/query.hpp"
#include "lib/scaikey/directory/partners.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_partners(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto paging, read_paging(request));
    directory::OrganizationFilter filter;
    SCAI_TRY(filter.status, query_choice(request, "status", {"ACTIVE", "SUSPENDED"}));
    filter.search = request.query_text("search").value_or("");
    SCAI_TRY(const auto page,
             directory::list_partners(context.pool, Caller::from(request.principal), filter, paging));
    return list_response(paging, page);
}

} // namespace scaikey
