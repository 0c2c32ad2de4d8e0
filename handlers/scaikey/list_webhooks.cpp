// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/webhooks/subscriptions.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_webhooks(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto paging, read_paging(request));
    SCAI_TRY(const auto page,
             webhooks::list(context.pool, Caller::from(request.principal), request.query_text("tenant_id"),
                            request.query_text("partner_id"), paging));
    return list_response(paging, page);
}

} // namespace scaikey
