// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/app/query.hpp"
#include "lib/scaikey/directory/tenants.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_tenants(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto paging, read_paging(request));
    directory::OrganizationFilter filter;
    SCAI_TRY(filter.status, query_choice(request, "status", {"ACTIVE", "SUSPENDED"}));
    filter.search = request.query_text("search").value_or("");
    filter.partner_id = request.query_text("partner_id");
    SCAI_TRY(const auto page,
             directory::list_tenants(context.pool, Caller::from(request.principal), filter, paging));
    return list_response(paging, page);
}

} // namespace scaikey
