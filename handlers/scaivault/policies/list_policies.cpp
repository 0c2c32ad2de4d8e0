// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/policies/views.hpp"

#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/paging.hpp"

namespace scaivault::policies_api {

using scai::json::Value;

scai::Result<scai::web::Response> list_policies(Context& context, const scai::web::Request& request) {
    const auto scope = request.query_text("scope").value_or("");
    if (!scope.empty() && scope != "tenant" && scope != "partner")
        return invalid_request("scope must be tenant or partner");
    SCAI_TRY(const auto inactive_too, query_flag(request, "include_inactive"));
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto key, cursor_of(request, "policies", 2));
    const auto after = key.empty() ? std::nullopt : std::optional(std::pair(key[0], key[1]));
    const auto page = policies::list(context.pool, caller_of(request), scope, inactive_too, after, limit);
    Value rows = Value::array();
    for (const auto& row : page.policies)
        rows.push(summary_of(row));
    const Value cursor =
        page.next ? Value(make_cursor("policies", {page.next->first, page.next->second})) : Value(nullptr);
    return scai::web::Response::json(
        Value::object({{"policies", rows}, {"cursor", cursor}, {"has_more", page.next.has_value()}}));
}

} // namespace scaivault::policies_api
