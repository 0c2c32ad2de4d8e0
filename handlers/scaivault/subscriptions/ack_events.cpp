// POST /v1/subscriptions/{id}/ack. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/subscriptions/service.hpp"

namespace scaivault::subscriptions_api {

using scai::json::Value;

scai::Result<Response> ack_events(Context& context, const Request& request) {
    const auto& id = request.param("id");
    exchange_of(request).audit.entry.extra.set("subscription_id", id);
    SCAI_TRY([[maybe_unused]] const auto mine, subscriptions::find_own(context.pool, caller_of(request), id));
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto ids = fields.optional_text_list("event_ids", {.max = 64}, 1000);
    if (ids.empty())
        fields.reject("event_ids", "must be a list of 1 to 1000 event ids");
    if (auto error = scaivault::events::refusal(fields))
        return *error;
    SCAI_TRY(const auto acked, change(context, request, [&](scai::db::Tx& tx) -> scai::Result<std::int64_t> {
                 return subscriptions::store::ack(tx, caller_of(request).tenant_id, id, ids);
             }));
    return Response::json(Value::object({{"acknowledged", acked}}));
}

} // namespace scaivault::subscriptions_api
