// GET /v1/webhooks/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "handlers/scaivault/webhooks/views.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::webhooks_api {

scai::Result<Response> get_webhook(Context& context, const Request& request) {
    exchange_of(request).audit.entry.extra.set("webhook_id", request.param("id"));
    SCAI_TRY(const auto found, webhooks::details(context.pool, caller_of(request), request.param("id")));
    return Response::json(details_view(found));
}

} // namespace scaivault::webhooks_api
