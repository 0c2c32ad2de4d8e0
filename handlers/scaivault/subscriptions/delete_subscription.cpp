// DELETE /v1/subscriptions/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/subscriptions/service.hpp"

namespace scaivault::subscriptions_api {

scai::Result<Response> delete_subscription(Context& context, const Request& request) {
    const auto& id = request.param("id");
    exchange_of(request).audit.entry.extra.set("subscription_id", id);
    SCAI_TRY([[maybe_unused]] const auto mine, subscriptions::find_own(context.pool, caller_of(request), id));
    SCAI_TRY([[maybe_unused]] const auto gone,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Status {
                 if (!subscriptions::store::remove(tx, caller_of(request).tenant_id, id))
                     return subscriptions::subscription_not_found(id);
                 return scai::Done{};
             }));
    return Response::no_content();
}

} // namespace scaivault::subscriptions_api
