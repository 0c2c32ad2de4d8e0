// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

namespace scaivault::identity_api {

using scai::json::Value;

scai::Result<scai::web::Response> list_roles(Context& /*context*/, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    const bool partner = caller.has_role("partner_admin");
    const bool super = caller.has_role("super_admin");
    const auto role = [](const char* name, const char* description, bool assignable) {
        return Value::object({{"name", name}, {"description", description}, {"assignable", assignable}});
    };
    return scai::web::Response::json(Value::object(
        {{"roles",
          Value::array({role("tenant_admin", "manages policies and settings of one tenant", partner),
                        role("partner_admin", "the same in every tenant of the partner, and partner policies",
                             partner),
                        role("super_admin", "the same everywhere, and gives super_admin", super)})}}));
}

} // namespace scaivault::identity_api
