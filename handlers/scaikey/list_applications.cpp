// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/app/query.hpp"
#include "lib/scaikey/applications/applications.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_applications(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto paging, read_paging(request));
    applications::Filter filter;
    filter.search = request.query_text("search").value_or("");
    filter.tenant_id = request.query_text("tenant_id");
    filter.partner_id = request.query_text("partner_id");
    SCAI_TRY(filter.scope, query_choice(request, "scope", {"GLOBAL", "PARTNER", "TENANT"}));
    SCAI_TRY(filter.type, query_choice(request, "application_type", {"WEB", "SERVICE", "SPA", "NATIVE"}));
    SCAI_TRY(const auto page,
             applications::list(context.pool, Caller::from(request.principal), filter, paging));
    return list_response(paging, page);
}

} // namespace scaikey
