// PUT /v1/secrets/{path}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/rotation/generators.hpp"

namespace scaivault::secrets_api {

namespace {

/// If-None-Match: * asks for a path that holds nothing, as options.cas 0 does.
scai::Result<std::optional<secrets::Tag>> expectation_of(const Request& request) {
    const auto unless = scai::trim(request.header("if-none-match"));
    if (unless.empty())
        return expected_of(request);
    if (unless != "*" || !request.header("if-match").empty())
        return invalid_request("If-None-Match of a write must be *, without If-Match");
    return std::optional<secrets::Tag>(secrets::Tag{.version = 0, .revision = {}});
}

} // namespace

scai::Result<Response> write_secret(Context& context, const Request& request) {
    SCAI_TRY(const auto target, target_of(context, request, policies::Permission::write));
    SCAI_TRY(const auto expected, expectation_of(request));
    SCAI_TRY(auto write, secrets::parse_write(request.body, expected));
    const auto& caller = caller_of(request);
    const auto now = context.clock->now();
    secrets::Cause cause;
    auto& extra = exchange_of(request).audit.entry.extra;
    if (!write.generate_from.empty()) {
        auto reader = context.pool.read(scai::db::Scope::tenant(target.owner.id));
        SCAI_TRY(write.data, rotation::generate_from(reader, target.owner.id, write.generate_from, now));
        cause.auto_generated = true;
        extra.set("generate_from", write.generate_from);
    }
    SCAI_TRY([[maybe_unused]] const auto ready,
             secrets::prepare(context.keyring, target.owner.id, caller.partner_id));
    SCAI_TRY(const auto written,
             change(context, request, target.owner, [&](scai::db::Tx& tx) -> scai::Result<secrets::Written> {
                 SCAI_TRY(auto out, secrets::write(tx, context.keyring, caller, target.owner.id, target.path,
                                                   write, cause, now));
                 extra.set("version", out.info.version);
                 return out;
             }));
    context.metrics.add("scaivault_secret_writes_total", {{"tenant", caller.tenant_id}});
    return json_text(written_view(written.info), written.created ? 201 : 200)
        .header("ETag", secrets::etag(written.info.version, written.info.revision));
}

} // namespace scaivault::secrets_api
