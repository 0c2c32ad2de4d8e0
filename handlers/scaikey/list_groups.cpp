// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/app/query.hpp"
#include "lib/scaikey/directory/groups.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_groups(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto paging, read_paging(request));
    directory::PrincipalFilter filter;
    filter.search = request.query_text("search").value_or("");
    filter.tenant_id = request.query_text("tenant_id");
    filter.partner_id = request.query_text("partner_id");
    SCAI_TRY(filter.only, query_choice(request, "group_type", {"SECURITY", "DISTRIBUTION_LIST"}));
    SCAI_TRY(const auto page, directory::list_groups(context.pool, Caller::from(request.principal), filter,
                                                     paging, context.page_anchors));
    return list_response(paging, page);
}

} // namespace scaikey
