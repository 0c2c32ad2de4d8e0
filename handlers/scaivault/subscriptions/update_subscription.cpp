// PATCH /v1/subscriptions/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "handlers/scaivault/subscriptions/receiver.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/subscriptions/service.hpp"

namespace scaivault::subscriptions_api {

scai::Result<Response> update_subscription(Context& context, const Request& request) {
    const auto& id = request.param("id");
    exchange_of(request).audit.entry.extra.set("subscription_id", id);
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto before, subscriptions::find_own(context.pool, caller, id));
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(
        const auto wanted,
        subscriptions::parse(body, &before, context.settings.flag("SCAIVAULT_WEBHOOK_ALLOW_PRIVATE")));
    std::optional<std::string> webhook_id;
    if (before.delivery_type == "webhook") {
        auto reader = context.pool.read(scai::db::Scope::tenant(caller.tenant_id));
        webhook_id = webhooks::store::of_subscription(reader, caller.tenant_id, id);
    }
    std::optional<webhooks::SealedSecret> secret;
    if (webhook_id && !wanted.secret.empty()) {
        SCAI_TRY(secret, webhooks::seal_secret(context.keyring, caller, *webhook_id, wanted.secret.reveal(),
                                               context.clock->now()));
    }
    SCAI_TRY([[maybe_unused]] const auto done,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Status {
                 subscriptions::store::update(tx, caller.tenant_id, wanted.subscription);
                 if (webhook_id)
                     update_receiver(tx, caller.tenant_id, *webhook_id, wanted.subscription, secret);
                 return scai::Done{};
             }));
    SCAI_TRY(const auto after, subscriptions::find_own(context.pool, caller, id));
    return Response::json(subscriptions::to_json(after));
}

} // namespace scaivault::subscriptions_api
