// DELETE /v1/auth/trust/{id}: its tokens end within a minute. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/trust/store.hpp"

namespace scaivault::auth_api {

Answer delete_trust(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    if (!caller.has_role("partner_admin"))
        return forbidden("trusts are for partner_admin and super_admin");
    const auto& id = request.param("id");
    auto& draft = exchange_of(request).audit;
    draft.entry.extra.set("trust_id", id);
    const bool gone =
        scai::db::in_tx(context.pool, scai::db::Scope::tenant(caller.tenant_id), [&](scai::db::Tx& tx) {
            if (!trust::store::remove(tx, caller.tenant_id, id))
                return false;
            audit::write(tx, draft.entry);
            return true;
        });
    if (!gone)
        return not_found("trust_not_found", "there is no such trust");
    draft.written = true;
    return scai::web::Response::no_content();
}

} // namespace scaivault::auth_api
