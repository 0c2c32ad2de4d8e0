// POST /v1/webhooks/{id}/deliveries/{delivery_id}/retry. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "handlers/scaivault/webhooks/views.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::webhooks_api {

scai::Result<Response> retry_delivery(Context& context, const Request& request) {
    auto& extra = exchange_of(request).audit.entry.extra;
    extra.set("webhook_id", request.param("id"));
    extra.set("delivery_id", request.param("delivery_id"));
    SCAI_TRY(const auto delivery, change(context, request, [&](scai::db::Tx& tx) {
                 return webhooks::retry(tx, caller_of(request), request.param("id"),
                                        request.param("delivery_id"));
             }));
    return Response::json(delivery_view(delivery), 202);
}

} // namespace scaivault::webhooks_api
