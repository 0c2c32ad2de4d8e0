// GET /v1/secrets/{path}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"
#include "lib/scaivault/app/confirm.hpp"
#include "lib/scaivault/seal/damaged.hpp"

#include <chrono>
#include <stdexcept>

namespace scaivault::secrets_api {

namespace {

/// Nothing: the caller is another than was remembered, or nobody can say.
using Answer = std::optional<scai::Result<Response>>;

Answer unless(const Exchange& exchange, scai::Error error) {
    return exchange.unconfirmed ? Answer() : Answer(std::move(error));
}

Answer read(Context& context, const Request& request) {
    auto& exchange = exchange_of(request);
    const auto target = target_of(context, request, policies::Permission::read);
    if (!target)
        return unless(exchange, target.error());
    const auto version = number_of(request, "version");
    if (!version)
        return unless(exchange, version.error());
    const auto& caller = caller_of(request);
    const auto now = context.clock->now();
    const auto asked = std::chrono::steady_clock::now();
    const auto stored = context.finder.find(
        target->owner.id,
        {.path = target->path, .version = *version, .now = now, .confirm = exchange.unconfirmed.get()});
    context.metrics.observe("scaivault_db_latency_seconds", {},
                            std::chrono::duration<double>(std::chrono::steady_clock::now() - asked).count());
    if (!stored)
        return unless(exchange, stored.error());
    if (exchange.unconfirmed && exchange.unconfirmed->lookup.version != stored->callers_version)
        return std::nullopt;
    exchange.audit.entry.extra.set("version", stored->version);
    const auto tag = secrets::etag(stored->version, stored->info.revision);
    Response out;
    if (secrets::names(request.header("if-none-match"), tag)) {
        out.status = 304;
    } else {
        try {
            const auto data = secrets::open(context.keyring, target->owner.id, caller.partner_id, *stored);
            if (!data)
                return data.error();
            out = json_text(read_view(*stored, *data));
        } catch (const seal::Damaged&) {
            return damaged_view(target->path, stored->version, request.request_id);
        }
    }
    context.accesses.note(target->owner.id, target->path, stored->info.last_accessed_at, now);
    context.metrics.add("scaivault_secret_reads_total",
                        {{"tenant", caller.tenant_id}, {"secret_type", stored->info.secret_type}});
    return out.header("ETag", tag);
}

} // namespace

scai::Result<Response> read_secret(Context& context, const Request& request) {
    if (auto answer = read(context, request))
        return std::move(*answer);
    SCAI_TRY([[maybe_unused]] const auto admitted, admit_anew(context, request, read_access));
    auto answer = read(context, request);
    if (!answer)
        throw std::logic_error("a confirmed caller needs no other answer");
    return std::move(*answer);
}

} // namespace scaivault::secrets_api
