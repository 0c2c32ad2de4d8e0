// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

#include "lib/scaivault/app/errors.hpp"

namespace scaivault::identity_api {

using scai::json::Value;

scai::Result<scai::web::Response> resolve_identity(Context& context, const scai::web::Request& request) {
    const auto type = identity::type_of(request.param("identity_type"));
    if (!type)
        return invalid_request("identity_type must be user, group, service_account or system");
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto name, identity::parse_name(request.param("identity_id"), type, "identity_id"));
    SCAI_TRY(const auto who,
             identity::resolve(context.pool, identity::Where::tenant(caller.tenant_id), name, "identity_id"));
    auto out = Value::object({{"id", who.id},
                              {"type", name_of(who.type)},
                              {"identity", who.canonical},
                              {"identity_id", who.shown},
                              {"tenant_id", who.tenant_id},
                              {"display_name", who.display_name},
                              {"email", who.email.empty() ? Value(nullptr) : Value(who.email)},
                              {"status", who.status},
                              {"groups", Value::array_of(identity::groups_of(context.pool, who))}});
    if (who.type == identity::Type::user) {
        auto reader = context.pool.read(scai::db::Scope::tenant(who.tenant_id));
        out.set("roles", Value::array_of(identity::store::roles(reader, who.tenant_id, who.id)));
    }
    return scai::web::Response::json(out);
}

} // namespace scaivault::identity_api
