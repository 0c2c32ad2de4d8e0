// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/groups.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_group_members(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto paging, read_paging(request));
    SCAI_TRY(const auto page,
             directory::list_members(context.pool, Caller::from(request.principal), request.param("group_id"),
                                     paging, context.page_anchors));
    return list_response(paging, page);
}

} // namespace scaikey
