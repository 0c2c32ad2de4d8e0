// GET /v1/webhooks/{id}/deliveries/{delivery_id}: with one entry per attempt. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "handlers/scaivault/webhooks/views.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::webhooks_api {

using scai::json::Value;

scai::Result<Response> get_delivery(Context& context, const Request& request) {
    const auto& tenant = caller_of(request).tenant_id;
    const auto& delivery_id = request.param("delivery_id");
    exchange_of(request).audit.entry.extra.set("delivery_id", delivery_id);
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    if (!webhooks::store::find(reader, tenant, request.param("id")))
        return webhooks::webhook_not_found(request.param("id"));
    const auto found = webhooks::store::find_delivery(reader, tenant, request.param("id"), delivery_id);
    if (!found)
        return not_found("delivery_not_found", "there is no such delivery of this webhook",
                         Value::object({{"delivery_id", delivery_id}}));
    auto log = Value::array();
    for (const auto& each : webhooks::store::attempts(reader, tenant, delivery_id))
        log.push(Value::object({{"attempt", each.attempt},
                                {"timestamp", each.at},
                                {"response_code", each.response_code},
                                {"duration_ms", each.duration_ms},
                                {"error", each.error.empty() ? Value(nullptr) : Value(each.error)}}));
    auto out = delivery_view(*found);
    out.set("attempts", log);
    return Response::json(out);
}

} // namespace scaivault::webhooks_api
