// POST /v1/audit/export: notes what is to be written and where; scaivault-job-audit-export writes it. The
// secret with the credentials must be readable for the caller now; only its path is kept.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/audit/exports.hpp"
#include "lib/scaivault/secrets/service.hpp"

#include <algorithm>

namespace scaivault::audit_api {

using scai::json::Value;

namespace {

scai::Result<audit::Export> export_of(const Context& context, const Caller& caller, const Value& body) {
    audit::Export out;
    out.id = audit::make_export_id();
    out.tenant_id = caller.tenant_id;
    out.partner_id = caller.partner_id;
    out.requested_by = caller.identity_id;
    out.format = body.get("format").present() ? body.member("format") : "jsonl";
    if (out.format != "jsonl" && out.format != "csv")
        return invalid_request("body.format must be jsonl or csv");
    const auto filters = body.get("filters");
    if (filters.present() && !filters.is_null() && !filters.is_object())
        return invalid_request("body.filters must be an object");
    SCAI_TRY([[maybe_unused]] const auto known, audit::check_names(filters, "body.filters."));
    SCAI_TRY(out.filter, audit::filter_of(filters, "body.filters."));
    SCAI_TRY(const auto period, audit::filter_of(body, "body."));
    if (!period.from)
        return invalid_request("body.from is needed: an RFC 3339 time, 2026-05-01T00:00:00Z");
    out.filter.from = period.from;
    // What happens while the export waits is not in it: the period is fixed now.
    out.filter.to = std::min(period.to.value_or(context.clock->now()), context.clock->now());
    if (*out.filter.to < *out.filter.from)
        return invalid_request("body.from must not be in the future");
    SCAI_TRY(out.destination, audit::destination_of(body.get("destination")));
    return out;
}

/// The caller may read the secret, and it holds what is needed. The row of the export names it.
scai::Status check_credentials(Context& context, const Caller& caller, const audit::Export& row) {
    const auto& path = row.destination.credentials_path;
    SCAI_TRY([[maybe_unused]] const auto allowed,
             context.evaluator.allow(caller, path, policies::Permission::read));
    const auto secret = secrets::read(context.pool, context.keyring, caller.tenant_id, caller.partner_id,
                                      path, std::nullopt, context.clock->now());
    if (!secret)
        return secret.error();
    SCAI_TRY([[maybe_unused]] const auto keys, audit::storage_keys_of(secret->data));
    return scai::Done{};
}

} // namespace

Answer create_export(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    auto& trail = exchange_of(request).audit;
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto row, export_of(context, caller, body));
    trail.entry.secret_path = row.destination.credentials_path;
    trail.entry.extra.set("export_id", row.id).set("bucket", row.destination.bucket);
    if (!caller.has_scope("secrets:read"))
        return insufficient_scope("secrets:read");
    SCAI_TRY([[maybe_unused]] const auto usable, check_credentials(context, caller, row));
    row.estimated_records = audit::estimate(context.pool, caller.tenant_id, row.filter);
    trail.entry.duration_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(context.clock->now() - trail.started_at)
            .count();
    scai::db::in_tx(context.pool, scai::db::Scope::tenant(caller.tenant_id), [&](scai::db::Tx& tx) {
        audit::store_export(tx, row);
        audit::write(tx, trail.entry);
    });
    trail.written = true;
    return scai::web::Response::json(
        Value::object(
            {{"export_id", row.id}, {"status", "pending"}, {"estimated_records", row.estimated_records}}),
        202);
}

} // namespace scaivault::audit_api
