// GET /v1/secret-policies. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/app/paging.hpp"

namespace scaivault::rotation_api {

using scai::json::Value;

scai::Result<Response> list_recipes(Context& context, const Request& request) {
    const auto& tenant = caller_of(request).tenant_id;
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto after, cursor_of(request, "secret_policies", 1));
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    auto rows = rotation::store::list_recipes(reader, tenant, after.empty() ? "" : after.front(), limit + 1);
    const bool more = rows.size() > static_cast<std::size_t>(limit);
    if (more)
        rows.pop_back();
    auto list = Value::array();
    for (const auto& row : rows)
        list.push(rotation::to_json(row));
    return page(list, more ? make_cursor("secret_policies", {rows.back().id}) : "");
}

} // namespace scaivault::rotation_api
