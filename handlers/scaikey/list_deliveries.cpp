// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/app/query.hpp"
#include "lib/scaikey/webhooks/subscriptions.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_deliveries(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto paging, read_paging(request));
    SCAI_TRY(const auto status,
             query_choice(request, "status", {"pending", "delivered", "failed", "cancelled"}));
    SCAI_TRY(const auto page, webhooks::list_deliveries(context.pool, Caller::from(request.principal),
                                                        request.param("webhook_id"), status, paging));
    return list_response(paging, page);
}

} // namespace scaikey
