// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/receiver.hpp"

namespace scaivault::subscriptions_api {

webhooks::New receiver_of(const subscriptions::Subscription& subscription) {
    webhooks::New out;
    out.name = subscription.name;
    out.url = subscription.url;
    out.events = subscription.events;
    out.filter = subscription.filter;
    return out;
}

void update_receiver(scai::db::Tx& tx, std::string_view tenant_id, std::string_view webhook_id,
                     const subscriptions::Subscription& subscription,
                     const std::optional<webhooks::SealedSecret>& secret) {
    webhooks::Webhook webhook; // enabled, with its failures forgotten: a new start
    webhook.id = webhook_id;
    webhook.name = subscription.name;
    webhook.url = subscription.url;
    webhook.events = subscription.events;
    webhook.filter = subscription.filter;
    webhooks::store::update(tx, tenant_id, webhook);
    constexpr std::int64_t overlap = 24 * 3600;
    if (secret)
        webhooks::store::replace_secret(tx, tenant_id, webhook_id, *secret, overlap);
}

} // namespace scaivault::subscriptions_api
