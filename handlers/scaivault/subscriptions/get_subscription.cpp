// GET /v1/subscriptions/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/subscriptions/service.hpp"

namespace scaivault::subscriptions_api {

scai::Result<Response> get_subscription(Context& context, const Request& request) {
    exchange_of(request).audit.entry.extra.set("subscription_id", request.param("id"));
    SCAI_TRY(const auto found,
             subscriptions::find_own(context.pool, caller_of(request), request.param("id")));
    return Response::json(subscriptions::to_json(found));
}

} // namespace scaivault::subscriptions_api
