// POST /v1/auth/trust: whose tokens are believed in this tenant, and who their holders become.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/trust/rules.hpp"
#include "lib/scaivault/trust/store.hpp"

namespace scaivault::auth_api {

Answer create_trust(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    if (!caller.has_role("partner_admin")) // a service could make identities of more rights than its own
        return forbidden("trusts are for partner_admin and super_admin");
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto trust, trust::parse_trust(body, context.settings.flag("SCAIVAULT_WEBHOOK_ALLOW_PRIVATE")));
    trust.tenant_id = caller.tenant_id;
    trust.id = "trust_" + scai::crypto::random_id(20);
    trust.created_at = context.clock->now();
    trust.created_by = caller.identity_id;
    auto& draft = exchange_of(request).audit;
    draft.entry.extra.set("trust_id", trust.id).set("name", trust.name).set("identity", trust.identity);
    const bool made =
        scai::db::in_tx(context.pool, scai::db::Scope::tenant(caller.tenant_id), [&](scai::db::Tx& tx) {
            if (!trust::store::insert(tx, trust))
                return false;
            audit::write(tx, draft.entry);
            return true;
        });
    if (!made)
        return conflict("name_conflict", "this tenant has a trust of that name");
    draft.written = true;
    return scai::web::Response::json(trust::to_json(trust), 201);
}

} // namespace scaivault::auth_api
