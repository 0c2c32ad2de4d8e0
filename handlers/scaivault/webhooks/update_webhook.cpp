// PATCH /v1/webhooks/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "handlers/scaivault/webhooks/views.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::webhooks_api {

scai::Result<Response> update_webhook(Context& context, const Request& request) {
    const auto& id = request.param("id");
    auto& extra = exchange_of(request).audit.entry.extra;
    extra.set("webhook_id", id);
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto wanted,
             webhooks::parse_changes(body, context.settings.flag("SCAIVAULT_WEBHOOK_ALLOW_PRIVATE")));
    const auto& caller = caller_of(request);
    std::optional<webhooks::SealedSecret> secret;
    if (!wanted.secret.empty()) {
        SCAI_TRY(secret, webhooks::seal_secret(context.keyring, caller, id, wanted.secret.reveal(),
                                               context.clock->now()));
        extra.set("secret_changed", true);
    }
    SCAI_TRY(const auto webhook, change(context, request, [&](scai::db::Tx& tx) {
                 return webhooks::change(tx, caller, id, wanted, secret);
             }));
    return Response::json(webhook_view(webhook));
}

} // namespace scaivault::webhooks_api
