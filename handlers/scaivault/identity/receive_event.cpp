// POST /v1/identity/webhooks/scaikey: nothing is parsed before its bytes are verified.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"

#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/identity/receive.hpp"

namespace scaivault::identity_api {

namespace events = scai::directory::events;

namespace {

constexpr std::chrono::seconds window{300};

} // namespace

scai::Result<scai::web::Response> receive_event(Context& context, const scai::web::Request& request) {
    const auto secrets = context.settings.secret("SCAIKEY_WEBHOOK_SECRET");
    if (secrets.reveal().find_first_not_of(", \t") == std::string_view::npos)
        return scai::Error{.kind = scai::ErrorKind::unavailable,
                           .code = "service_unavailable",
                           .message = "no webhook secret is configured: set SCAIKEY_WEBHOOK_SECRET"};
    const auto now = context.clock->now();
    auto& entry = exchange_of(request).audit.entry;
    entry.identity_type = "system";
    entry.identity_id = "system:scaikey";
    SCAI_TRY([[maybe_unused]] const auto genuine,
             events::check_signature(secrets.reveal(),
                                     {.signature = request.header("x-scaikey-signature"),
                                      .timestamp = request.header("x-scaikey-timestamp"),
                                      .body = request.body},
                                     now, window));
    SCAI_TRY(const auto body, scai::json::parse(request.body));
    SCAI_TRY(auto event, events::parse_event(body, request.body, request.header("x-scaikey-event-id"),
                                             request.header("x-scaikey-event-type")));
    entry.tenant_id = event.tenant_id;
    entry.extra.set("event_id", event.id);
    entry.extra.set("event_type", event.type);
    const auto receipt = identity::receive(context.pool, std::move(event),
                                           context.settings.text("SCAIKEY_TENANT_ID"), now, window);
    const auto outcome = receipt.duplicate ? std::string_view("duplicate") : name(receipt.outcome);
    entry.extra.set("outcome", outcome);
    return scai::web::Response::json(
        scai::json::Value::object({{"handled", receipt.handled}, {"outcome", outcome}}));
}

} // namespace scaivault::identity_api
