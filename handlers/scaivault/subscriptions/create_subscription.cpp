// POST /v1/subscriptions. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "handlers/scaivault/subscriptions/receiver.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/subscriptions/service.hpp"

namespace scaivault::subscriptions_api {

using subscriptions::Subscription;

scai::Result<Response> create_subscription(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto wanted, subscriptions::parse(body, nullptr,
                                               context.settings.flag("SCAIVAULT_WEBHOOK_ALLOW_PRIVATE")));
    const auto& caller = caller_of(request);
    auto& subscription = wanted.subscription;
    subscription.id = "sub_" + scai::crypto::random_id(20);
    subscription.identity = caller.identity;
    subscription.identity_id = caller.identity_id;
    subscription.partner_id = caller.partner_id;
    exchange_of(request).audit.entry.extra.set("subscription_id", subscription.id);
    const bool posts = subscription.delivery_type == "webhook";
    const auto webhook_id = webhooks::new_webhook_id();
    webhooks::SealedSecret secret;
    if (posts) {
        SCAI_TRY(secret, webhooks::seal_secret(context.keyring, caller, webhook_id, wanted.secret.reveal(),
                                               context.clock->now()));
    }
    SCAI_TRY(const auto made, change(context, request, [&](scai::db::Tx& tx) -> scai::Result<Subscription> {
                 auto out = subscription;
                 subscriptions::store::insert(tx, caller.tenant_id, out);
                 if (posts)
                     webhooks::create(tx, caller, webhook_id, receiver_of(out), secret, out.id);
                 return out;
             }));
    return Response::json(subscriptions::to_json(made), 201);
}

} // namespace scaivault::subscriptions_api
