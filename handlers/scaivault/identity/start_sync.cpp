// POST /v1/identity/sync: the request is kept, and the job takes it at its next start: within a minute by
// cron. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/app/errors.hpp"

namespace scaivault::identity_api {

using scai::json::Value;

namespace {

/// A misspelt partner would be a run that reads nothing and says it is done.
scai::Status check_partner(Context& context, const identity::Extent& extent) {
    auto directory = context.pool.read(scai::db::Scope::none());
    if (identity::store::partners(directory, extent.partner_id, "", {}).total == 0) {
        auto error =
            not_found("identity_not_found", "no partner '" + extent.partner_id + "' in the directory copy");
        error.fix = "POST /v1/identity/sync without partner_id brings new ones";
        return error;
    }
    const auto partner = identity::store::partner_of(directory, extent.tenant_id);
    if (partner && *partner != extent.partner_id)
        return invalid_request("query.tenant_id is a tenant of another partner than query.partner_id");
    return scai::Done{};
}

} // namespace

scai::Result<scai::web::Response> start_sync(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    const identity::Extent extent{.partner_id = request.query_text("partner_id").value_or(""),
                                  .tenant_id = request.query_text("tenant_id").value_or("")};
    if (!extent.tenant_id.empty() && extent.tenant_id != caller.tenant_id &&
        caller.identity_type != "service_account") {
        SCAI_TRY([[maybe_unused]] const auto allowed, check_reach(context, caller, extent.tenant_id));
    }
    if (!extent.partner_id.empty() && extent.partner_id != caller.partner_id &&
        !caller.has_role("super_admin"))
        return tenant_access_denied(extent.partner_id);
    if (!extent.partner_id.empty()) {
        SCAI_TRY([[maybe_unused]] const auto known, check_partner(context, extent));
    }
    const auto row =
        scai::db::in_tx(context.pool, scai::db::Scope::tenant(extent.tenant_id), [&](scai::db::Tx& tx) {
            return identity::store::request(tx, "sync_" + scai::crypto::random_id(16), extent, "api",
                                            caller.identity_id);
        });
    return scai::web::Response::json(
        Value::object({{"sync_id", row.id},
                       {"status", row.status},
                       {"started_at", scai::to_iso8601(row.started_at.value_or(row.requested_at))}}),
        202);
}

} // namespace scaivault::identity_api
