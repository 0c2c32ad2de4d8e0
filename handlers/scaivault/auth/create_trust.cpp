// POST /v1/auth/trust: whose tokens are believed in this tenant, and who their holders become.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/http/address.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/trust/rules.hpp"
#include "lib/scaivault/trust/store.hpp"

namespace scaivault::auth_api {

namespace {

/// What is an address is known now; what a name leads to, when it is asked.
scai::Status check_place(const char* field, const std::string& url) {
    if (!url.empty() && scai::http::host_is_public(url) == false)
        return validation_error(field,
                                "must be at a public address unless SCAIVAULT_TRUST_ALLOW_PRIVATE is set");
    return scai::Done{};
}

} // namespace

Answer create_trust(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    if (!caller.has_role("partner_admin")) // a service could make identities of more rights than its own
        return forbidden("trusts are for partner_admin and super_admin");
    SCAI_TRY(const auto body, request.json_object());
    const bool private_too = context.settings.flag("SCAIVAULT_TRUST_ALLOW_PRIVATE");
    SCAI_TRY(auto trust, trust::parse_trust(body, private_too));
    if (!private_too) {
        SCAI_TRY([[maybe_unused]] const auto issuer, check_place("issuer", trust.issuer));
        SCAI_TRY([[maybe_unused]] const auto keys, check_place("jwks_url", trust.jwks_url));
    }
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
