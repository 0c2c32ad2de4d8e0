// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/policies/views.hpp"

#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/paging.hpp"
#include "lib/scaivault/policies/reach.hpp"
#include "lib/scaivault/secrets/rules.hpp"

namespace scaivault::policies_api {

using scai::json::Value;

namespace {

Value view(const policies::Reached& reached) {
    Value through = Value::array();
    for (const auto& grantee : reached.through)
        through.push(grantee_view(grantee));
    return Value::object({{"identity_type", reached.identity_type},
                          {"identity_id", reached.shown},
                          {"identity", reached.identity},
                          {"display_name", reached.display_name},
                          {"status", reached.status},
                          {"through", through}});
}

} // namespace

scai::Result<scai::web::Response> who_can(Context& context, const scai::web::Request& request) {
    const auto path = request.query_text("path");
    const auto wanted = request.query_text("permission");
    if (!path || !wanted)
        return invalid_request("path and permission are required: ?path=apps/login&permission=read");
    SCAI_TRY([[maybe_unused]] const auto good, secrets::check_path(*path));
    SCAI_TRY(const auto permission, permission_named(*wanted, "query.permission"));
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto key, cursor_of(request, "who-can", 1));
    const auto page =
        policies::who_can(context.evaluator, context.pool, caller_of(request), *path, permission,
                          key.empty() ? "" : key[0], static_cast<std::size_t>(limit));
    Value list = Value::array();
    for (const auto& reached : page.reached)
        list.push(view(reached));
    const bool more = page.more && !page.reached.empty();
    return scai::web::Response::json(Value::object(
        {{"path", *path},
         {"permission", *wanted},
         {"identities", list},
         {"cursor", more ? Value(make_cursor("who-can", {page.reached.back().identity})) : Value(nullptr)},
         {"has_more", more}}));
}

} // namespace scaivault::policies_api
