// GET /v1/rotation/due, and its older name /v1/rotation/pending. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/app/paging.hpp"
#include "lib/scaivault/rotation/service.hpp"

namespace scaivault::rotation_api {

using scai::json::Value;

scai::Result<Response> list_due(Context& context, const Request& request) {
    const auto& caller = caller_of(request);
    if (!caller.has_scope("secrets:rotate") && !caller.has_scope("admin"))
        return insufficient_scope("secrets:rotate");
    rotation::store::DueQuery query;
    const auto hours = scai::parse_int(request.query_text("within_hours").value_or("24"));
    if (!hours || *hours < 0 || *hours > 24 * 3660)
        return invalid_request("query.within_hours must be a number from 0 to 87840");
    const auto overdue = request.query_text("include_overdue").value_or("true");
    if (overdue != "true" && overdue != "false")
        return invalid_request("query.include_overdue must be true or false");
    query.within_hours = *hours;
    query.include_overdue = overdue == "true";
    query.policy_id = request.query_text("policy_id").value_or("");
    SCAI_TRY(const auto limit, limit_of(request));
    query.limit = limit + 1;
    SCAI_TRY(const auto after, cursor_of(request, "rotation_due", 2));
    if (!after.empty()) {
        query.after_us = scai::parse_int(after[0]).value_or(0);
        query.after_path = after[1];
    }
    auto reader = context.pool.read(scai::db::Scope::tenant(caller.tenant_id));
    if (!query.policy_id.empty() && !rotation::store::find_policy(reader, caller.tenant_id, query.policy_id))
        return rotation::rotation_policy_not_found(query.policy_id);
    auto rows = rotation::store::due(reader, caller.tenant_id, query, context.clock->now());
    const bool more = rows.size() > static_cast<std::size_t>(limit);
    if (more)
        rows.pop_back();
    auto list = Value::array();
    for (const auto& row : rows)
        list.push(rotation::to_json(row));
    return page(list,
                more ? make_cursor("rotation_due", {std::to_string(rows.back().due_us), rows.back().path})
                     : "");
}

} // namespace scaivault::rotation_api
