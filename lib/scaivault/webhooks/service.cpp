// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/webhooks/service.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/events/store.hpp"

namespace scaivault::webhooks {

using scai::Result;
using scai::db::Pool;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

scai::Error webhook_not_found(std::string_view id) {
    return not_found("webhook_not_found", "there is no such webhook", Value::object({{"webhook_id", id}}));
}

std::string new_webhook_id() {
    return "wh_" + scai::crypto::random_id(20);
}

Result<SealedSecret> seal_secret(seal::Keyring& keyring, const Caller& caller, std::string_view webhook_id,
                                 std::string_view secret, scai::UtcTime now) {
    SealedSecret out;
    out.number = now.time_since_epoch().count(); // another one for every change
    const std::string place = "webhooks/" + std::string(webhook_id);
    SCAI_TRY(out.sealed, keyring.seal({.tenant_id = caller.tenant_id,
                                       .partner_id = caller.partner_id,
                                       .secret_id = webhook_id,
                                       .path = place,
                                       .version = out.number},
                                      secret));
    return out;
}

Webhook create(Tx& tx, const Caller& caller, std::string id, const New& wanted, const SealedSecret& secret,
               std::string_view subscription_id) {
    Webhook webhook;
    webhook.id = std::move(id);
    webhook.name = wanted.name;
    webhook.url = wanted.url;
    webhook.events = wanted.events;
    webhook.filter = wanted.filter;
    webhook.enabled = wanted.enabled;
    return store::insert(tx,
                         {.tenant_id = caller.tenant_id,
                          .partner_id = caller.partner_id,
                          .created_by = caller.identity_id,
                          .subscription_id = subscription_id},
                         webhook, secret);
}

Result<Webhook> change(Tx& tx, const Caller& caller, std::string_view id, const Changes& wanted,
                       const std::optional<SealedSecret>& secret) {
    auto webhook = store::lock(tx, caller.tenant_id, id);
    if (!webhook)
        return webhook_not_found(id);
    webhook->name = wanted.name.value_or(webhook->name);
    webhook->url = wanted.url.value_or(webhook->url);
    webhook->events = wanted.events.value_or(webhook->events);
    webhook->filter = wanted.filter.value_or(webhook->filter);
    if (wanted.enabled) {
        webhook->enabled = *wanted.enabled;
        webhook->disabled_reason.clear();
        webhook->consecutive_failures = 0; // a new start
    }
    store::update(tx, caller.tenant_id, *webhook);
    if (secret)
        store::replace_secret(tx, caller.tenant_id, id, *secret, wanted.previous_ttl.count());
    return *store::find(tx, caller.tenant_id, id);
}

Result<Details> details(Pool& pool, const Caller& caller, std::string_view id) {
    auto reader = pool.read(Scope::tenant(caller.tenant_id));
    auto webhook = store::find(reader, caller.tenant_id, id);
    if (!webhook)
        return webhook_not_found(id);
    Details out{.webhook = std::move(*webhook),
                .statistics = store::statistics(reader, caller.tenant_id, id),
                .last = {}};
    auto newest = store::list_deliveries(reader, caller.tenant_id, id, "", 0, 1);
    if (!newest.empty())
        out.last = std::move(newest.front());
    return out;
}

Result<Claim> begin_test(Pool& pool, const Caller& caller, std::string_view id) {
    const std::int64_t lease = 3 * delivery_timeout.count();
    const auto delivery =
        scai::db::in_tx(pool, Scope::tenant(caller.tenant_id), [&](Tx& tx) -> Result<std::string> {
            if (!store::lock(tx, caller.tenant_id, id))
                return webhook_not_found(id);
            const auto event = scaivault::events::store::emit_test(tx, caller.tenant_id, caller.partner_id,
                                                                   caller.identity_id, caller.request_id, id);
            return store::insert_test(tx, caller.tenant_id, id, event, lease);
        });
    if (!delivery)
        return delivery.error();
    auto reader = pool.read(Scope::tenant(caller.tenant_id));
    auto claim = store::claim_of(reader, caller.tenant_id, *delivery);
    if (!claim)
        return webhook_not_found(id); // removed meanwhile
    return std::move(*claim);
}

Result<Delivery> retry(Tx& tx, const Caller& caller, std::string_view id, std::string_view delivery_id) {
    const auto webhook = store::lock(tx, caller.tenant_id, id);
    if (!webhook)
        return webhook_not_found(id);
    if (!webhook->enabled)
        return conflict("webhook_disabled", "the webhook is disabled; enable it first",
                        Value::object({{"webhook_id", id}}));
    if (!store::find_delivery(tx, caller.tenant_id, id, delivery_id))
        return not_found("delivery_not_found", "there is no such delivery of this webhook",
                         Value::object({{"delivery_id", delivery_id}}));
    store::requeue(tx, caller.tenant_id, delivery_id);
    return *store::find_delivery(tx, caller.tenant_id, id, delivery_id);
}

} // namespace scaivault::webhooks
