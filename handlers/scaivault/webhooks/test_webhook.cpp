// POST /v1/webhooks/{id}/test. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/webhooks/delivery.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::webhooks_api {

using scai::json::Value;

scai::Result<Response> test_webhook(Context& context, const Request& request) {
    auto& entry = exchange_of(request).audit.entry;
    auto& extra = entry.extra;
    extra.set("webhook_id", request.param("id"));
    SCAI_TRY(const auto claim, webhooks::begin_test(context.pool, caller_of(request), request.param("id")));
    extra.set("delivery_id", claim.delivery_id);
    webhooks::DeliverSettings settings;
    settings.allow_private = context.settings.flag("SCAIVAULT_WEBHOOK_ALLOW_PRIVATE");
    SCAI_TRY(const auto message,
             webhooks::request_of(context.keyring, claim, context.clock->now(), settings));
    const auto start = std::chrono::steady_clock::now();
    const auto answer = context.http->send(message);
    const auto outcome = scai::webhook::outcome_of(
        answer,
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start));
    const auto settlement = webhooks::settlement_of(claim, outcome);
    SCAI_TRY([[maybe_unused]] const auto written,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Status {
                 extra.set("status", settlement.status);
                 entry.success = outcome.ok();
                 webhooks::store::settle(tx, {settlement}, webhooks::failures_until_disabled);
                 return scai::Done{};
             }));
    auto out = Value::object({{"delivery_id", claim.delivery_id},
                              {"status", settlement.status},
                              {"response_code", outcome.status},
                              {"duration_ms", settlement.duration_ms}});
    if (!settlement.error.empty())
        out.set("error", settlement.error);
    return Response::json(out);
}

} // namespace scaivault::webhooks_api
