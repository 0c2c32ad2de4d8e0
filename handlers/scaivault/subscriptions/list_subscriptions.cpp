// GET /v1/subscriptions: the caller's own. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/paging.hpp"
#include "lib/scaivault/subscriptions/service.hpp"

namespace scaivault::subscriptions_api {

using scai::json::Value;

scai::Result<Response> list_subscriptions(Context& context, const Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto after, cursor_of(request, "subscriptions", 1));
    auto reader = context.pool.read(scai::db::Scope::tenant(caller.tenant_id));
    auto rows = subscriptions::store::list(reader, caller.tenant_id, caller.identity,
                                           after.empty() ? "" : after.front(), limit + 1);
    const bool more = rows.size() > static_cast<std::size_t>(limit);
    if (more)
        rows.pop_back();
    auto list = Value::array();
    for (const auto& row : rows)
        list.push(subscriptions::to_json(row));
    return Response::json(Value::object(
        {{"subscriptions", list},
         {"cursor", more ? Value(make_cursor("subscriptions", {rows.back().id})) : Value(nullptr)},
         {"has_more", more}}));
}

} // namespace scaivault::subscriptions_api
