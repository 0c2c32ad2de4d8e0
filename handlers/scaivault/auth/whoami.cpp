// GET /v1/auth/whoami. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/store_groups.hpp"

namespace scaivault::auth_api {

using scai::json::Value;

namespace {

constexpr std::string_view group_prefix = "group:";

/// "group:ops": as people know them. The ids are what policies are bound to.
Value group_names_of(Context& context, const Caller& caller) {
    auto out = Value::array();
    if (caller.groups.empty())
        return out;
    std::vector<std::string> ids;
    for (const auto& group : caller.groups)
        ids.push_back(group.substr(group_prefix.size()));
    for (const auto& name : group_names(context.pool, caller.home_tenant_id, ids))
        out.push(std::string(group_prefix) + name);
    return out;
}

} // namespace

Answer whoami(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    const auto text = [](const std::string& value) { return value.empty() ? Value(nullptr) : Value(value); };
    return scai::web::Response::json(Value::object(
        {{"identity_id", caller.identity_id},
         {"identity", caller.identity},
         {"identity_type", caller.identity_type},
         {"display_name", caller.display_name},
         {"tenant_id", text(caller.tenant_id)},
         {"home_tenant_id", text(caller.home_tenant_id)},
         {"partner_id", text(caller.partner_id)},
         {"scopes", Value::array_of(caller.scopes)},
         {"groups", group_names_of(context, caller)},
         {"group_ids", Value::array_of(caller.groups)},
         {"roles", Value::array_of(caller.roles)},
         {"mfa_verified_at",
          caller.mfa_verified_at ? Value(scai::to_iso8601(*caller.mfa_verified_at)) : Value(nullptr)},
         {"token_expires_at", scai::to_iso8601(caller.token_expires_at)}}));
}

} // namespace scaivault::auth_api
