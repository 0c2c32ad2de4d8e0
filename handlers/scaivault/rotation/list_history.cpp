// GET /v1/rotation/policies/{id}/history, newest first. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/app/paging.hpp"
#include "lib/scaivault/rotation/service.hpp"

namespace scaivault::rotation_api {

using scai::json::Value;

scai::Result<Response> list_history(Context& context, const Request& request) {
    const auto& id = request.param("id");
    const auto& tenant = caller_of(request).tenant_id;
    note(request, "rotation_policy_id", id);
    const auto status = request.query_text("status").value_or("");
    if (!status.empty() && status != "success" && status != "failed" && status != "pending")
        return invalid_request("query.status must be success, failed or pending");
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto before, number_cursor_of(request, "rotation_history"));
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    if (!rotation::store::find_policy(reader, tenant, id))
        return rotation::rotation_policy_not_found(id);
    auto rows = rotation::store::history(reader, tenant, id, status, before, limit + 1);
    const bool more = rows.size() > static_cast<std::size_t>(limit);
    if (more)
        rows.pop_back();
    auto list = Value::array();
    for (const auto& row : rows)
        list.push(rotation::to_json(row));
    return page(list, more ? make_cursor("rotation_history", {std::to_string(rows.back().seq)}) : "");
}

} // namespace scaivault::rotation_api
