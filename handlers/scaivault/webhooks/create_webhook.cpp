// POST /v1/webhooks. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "handlers/scaivault/webhooks/views.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::webhooks_api {

scai::Result<Response> create_webhook(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto wanted,
             webhooks::parse_new(body, context.settings.flag("SCAIVAULT_WEBHOOK_ALLOW_PRIVATE")));
    const auto& caller = caller_of(request);
    const auto id = webhooks::new_webhook_id();
    SCAI_TRY(const auto secret, webhooks::seal_secret(context.keyring, caller, id, wanted.secret.reveal(),
                                                      context.clock->now()));
    exchange_of(request).audit.entry.extra.set("webhook_id", id);
    SCAI_TRY(const auto webhook,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Result<webhooks::Webhook> {
                 return webhooks::create(tx, caller, id, wanted, secret);
             }));
    return Response::json(webhook_view(webhook), 201);
}

} // namespace scaivault::webhooks_api
