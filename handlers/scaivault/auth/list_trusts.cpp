// GET /v1/auth/trust. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/trust/rules.hpp"
#include "lib/scaivault/trust/store.hpp"

namespace scaivault::auth_api {

using scai::json::Value;

Answer list_trusts(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    if (!caller.has_role("partner_admin"))
        return forbidden("trusts are for partner_admin and super_admin");
    auto out = Value::array();
    for (const auto& trust : trust::store::list(context.pool, caller.tenant_id))
        out.push(trust::to_json(trust));
    return scai::web::Response::json(Value::object({{"trusts", out}}));
}

} // namespace scaivault::auth_api
