// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/policies/views.hpp"

#include "lib/scaivault/app/paging.hpp"

namespace scaivault::policies_api {

using scai::json::Value;

scai::Result<scai::web::Response> list_bindings(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto key, cursor_of(request, "bindings", 1));
    SCAI_TRY(const auto policy, policies::find(context.pool, caller, request.param("id")));
    SCAI_TRY(auto rows,
             policies::bindings(context.pool, caller, policy, key.empty() ? "" : key[0], limit + 1));
    const bool more = static_cast<std::int64_t>(rows.size()) > limit;
    if (more)
        rows.pop_back();
    Value list = Value::array();
    for (const auto& row : rows)
        list.push(binding_view(row, context.clock->now()));
    return scai::web::Response::json(
        Value::object({{"bindings", list},
                       {"cursor", more ? Value(make_cursor("bindings", {rows.back().id})) : Value(nullptr)},
                       {"has_more", more}}));
}

} // namespace scaivault::policies_api
