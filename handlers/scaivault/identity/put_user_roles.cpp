// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/identity/roles.hpp"

namespace scaivault::identity_api {

using scai::json::Value;

scai::Result<scai::web::Response> put_user_roles(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto roles = fields.optional_text_list(
        "roles", {.one_of = {identity::admin_roles.begin(), identity::admin_roles.end()}}, 3);
    if (!body.get("roles").is_array())
        fields.reject("roles",
                      "is required: a list of tenant_admin, partner_admin, super_admin, or an empty one");
    if (auto error = fields.error())
        return std::move(*error);
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto user, user_named(context, caller, request.param("user_id")));
    auto& audit = exchange_of(request).audit;
    auto entry = audit.entry;
    entry.action = "identity_roles";
    entry.duration_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(context.clock->now() - audit.started_at)
            .count();
    SCAI_TRY(const auto now, identity::set_roles(context.pool, caller, user, roles, entry));
    audit.written = true;
    return scai::web::Response::json(Value::object({{"user_id", user.id}, {"roles", Value::array_of(now)}}));
}

} // namespace scaivault::identity_api
