// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/policies/views.hpp"

namespace scaivault::policies_api {

namespace {

/// Shown with the policy; GET .../bindings has them all.
constexpr std::int64_t bindings_shown = 100;

} // namespace

scai::Result<scai::web::Response> get_policy(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto row, policies::find(context.pool, caller, request.param("id")));
    SCAI_TRY(const auto bindings, policies::bindings(context.pool, caller, row, "", bindings_shown));
    auto body = policy_view(row);
    auto list = scai::json::Value::array();
    for (const auto& binding : bindings)
        list.push(binding_view(binding, context.clock->now()));
    body.set("bindings", list);
    auto response = scai::web::Response::json(body);
    response.header("ETag", "\"" + std::to_string(row.revision) + "\"");
    return response;
}

} // namespace scaivault::policies_api
