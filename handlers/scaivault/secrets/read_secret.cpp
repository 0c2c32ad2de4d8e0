// GET /v1/secrets/{path}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"

namespace scaivault::secrets_api {

scai::Result<Response> read_secret(Context& context, const Request& request) {
    SCAI_TRY(const auto target, target_of(context, request, policies::Permission::read));
    SCAI_TRY(const auto version, number_of(request, "version"));
    const auto& caller = caller_of(request);
    const auto now = context.clock->now();
    SCAI_TRY(const auto stored, secrets::find(context.pool, target.owner.id, target.path, version, now));
    exchange_of(request).audit.entry.extra.set("version", stored.version);
    const auto tag = secrets::etag(stored.version, stored.info.revision);
    Response out;
    if (secrets::names(request.header("if-none-match"), tag)) {
        out.status = 304;
    } else {
        SCAI_TRY(const auto data, secrets::open(context.keyring, target.owner.id, caller.partner_id, stored));
        out = json_text(read_view(stored, data));
    }
    context.accesses.note(target.owner.id, target.path, stored.info.last_accessed_at, now);
    context.metrics.add("scaivault_secret_reads_total",
                        {{"tenant", caller.tenant_id}, {"secret_type", stored.info.secret_type}});
    return out.header("ETag", tag);
}

} // namespace scaivault::secrets_api
