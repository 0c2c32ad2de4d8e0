// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

namespace scaivault::identity_api {

using scai::json::Value;

scai::Result<scai::web::Response> get_user_roles(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto user, user_named(context, caller_of(request), request.param("user_id")));
    auto reader = context.pool.read(scai::db::Scope::tenant(user.tenant_id));
    return scai::web::Response::json(
        Value::object({{"user_id", user.id},
                       {"roles", Value::array_of(identity::store::roles(reader, user.tenant_id, user.id))}}));
}

} // namespace scaivault::identity_api
