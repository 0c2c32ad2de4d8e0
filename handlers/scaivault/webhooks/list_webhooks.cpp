// GET /v1/webhooks. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "handlers/scaivault/webhooks/views.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::webhooks_api {

using scai::json::Value;

scai::Result<Response> list_webhooks(Context& context, const Request& request) {
    const auto& tenant = caller_of(request).tenant_id;
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    auto list = Value::array();
    for (const auto& webhook : webhooks::store::list(reader, tenant))
        list.push(webhook_view(webhook));
    return Response::json(Value::object({{"webhooks", list}}));
}

} // namespace scaivault::webhooks_api
