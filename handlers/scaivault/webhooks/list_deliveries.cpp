// GET /v1/webhooks/{id}/deliveries. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "handlers/scaivault/webhooks/views.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/app/paging.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::webhooks_api {

using scai::json::Value;

scai::Result<Response> list_deliveries(Context& context, const Request& request) {
    const auto& tenant = caller_of(request).tenant_id;
    const auto& id = request.param("id");
    exchange_of(request).audit.entry.extra.set("webhook_id", id);
    const auto status = request.query_text("status").value_or("");
    if (!status.empty() && status != "success" && status != "failed" && status != "pending")
        return invalid_request("query.status must be success, failed or pending");
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto before, number_cursor_of(request, "deliveries"));
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    if (!webhooks::store::find(reader, tenant, id))
        return webhooks::webhook_not_found(id);
    auto rows = webhooks::store::list_deliveries(reader, tenant, id, status, before, limit + 1);
    const bool more = rows.size() > static_cast<std::size_t>(limit);
    if (more)
        rows.pop_back();
    auto list = Value::array();
    for (const auto& row : rows)
        list.push(delivery_view(row));
    return Response::json(
        Value::object({{"deliveries", list},
                       {"cursor", more ? Value(make_cursor("deliveries", {std::to_string(rows.back().seq)}))
                                       : Value(nullptr)},
                       {"has_more", more}}));
}

} // namespace scaivault::webhooks_api
