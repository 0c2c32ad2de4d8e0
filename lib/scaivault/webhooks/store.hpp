// The tables of webhooks and deliveries. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/webhooks/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::webhooks::store {

std::vector<Webhook> list(scai::db::Reader& reader, std::string_view tenant_id);
std::optional<Webhook> find(scai::db::Reader& reader, std::string_view tenant_id, std::string_view id);
std::optional<Webhook> lock(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id);
struct Inserted {
    std::string_view tenant_id, partner_id, created_by;
    std::string_view subscription_id; ///< "" = a webhook of its own
};
Webhook insert(scai::db::Tx& tx, const Inserted& how, const Webhook& webhook, const SealedSecret& secret);
/// Everything but the secret.
void update(scai::db::Tx& tx, std::string_view tenant_id, const Webhook& webhook);
/// The current secret becomes the previous one for `seconds` (0 = it is gone).
void replace_secret(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id,
                    const SealedSecret& secret, std::int64_t seconds);
bool remove(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id);
/// Receiver of a subscription.
std::optional<std::string> of_subscription(scai::db::Reader& reader, std::string_view tenant_id,
                                           std::string_view subscription_id);

Statistics statistics(scai::db::Reader& reader, std::string_view tenant_id, std::string_view id);
/// Newest first; `before` 0 = from the start, `status` "" = any.
std::vector<Delivery> list_deliveries(scai::db::Reader& reader, std::string_view tenant_id,
                                      std::string_view id, std::string_view status, std::int64_t before,
                                      std::int64_t limit);
std::optional<Delivery> find_delivery(scai::db::Reader& reader, std::string_view tenant_id,
                                      std::string_view id, std::string_view delivery_id);
struct Attempt {
    std::int64_t attempt, duration_ms;
    std::string at, error;
    std::optional<int> response_code;
};
std::vector<Attempt> attempts(scai::db::Reader& reader, std::string_view tenant_id,
                              std::string_view delivery_id);
/// Due at once and at the start of the ladder again. False when an attempt is pending anyway.
bool requeue(scai::db::Tx& tx, std::string_view tenant_id, std::string_view delivery_id);

/// What events are matched against.
struct Target {
    std::string tenant_id, partner_id, id, subscription_id;
    std::vector<std::string> events;
    scaivault::events::Filter filter;
};
/// Enabled ones of these tenants and of every tenant of these partners.
std::vector<Target> targets(scai::db::Reader& reader, const std::vector<std::string>& tenants,
                            const std::vector<std::string>& partners);
/// webhook_ids of rotation policies, as (tenant, policy, webhook).
struct Route {
    std::string tenant_id, policy_id, webhook_id;
};
std::vector<Route> routes(scai::db::Reader& reader, const std::vector<std::string>& tenants,
                          const std::vector<std::string>& policies);

/// Takes the position of the outbox for this transaction; nothing when another process has it.
struct Spread {
    std::string txid;
    std::int64_t seq;
};
std::optional<Spread> take_position(scai::db::Tx& tx);
void move_position(scai::db::Tx& tx, std::string_view txid, std::int64_t seq);
struct NewDelivery {
    std::string tenant_id, webhook_id;
    const scaivault::events::Row* event;
};
std::int64_t insert_deliveries(scai::db::Tx& tx, const std::vector<NewDelivery>& deliveries);
/// A test, begun by this process: nobody else attempts it before the lease is over.
std::string insert_test(scai::db::Tx& tx, std::string_view tenant_id, std::string_view webhook_id,
                        const scaivault::events::Row& event, std::int64_t lease_seconds);

/// Up to `limit` due deliveries, few of each webhook that is failing; each is this process's until the lease
/// is over.
std::vector<Claim> claim(scai::db::Tx& tx, std::int64_t limit, std::int64_t lease_seconds);
std::optional<Claim> claim_of(scai::db::Reader& reader, std::string_view tenant_id,
                              std::string_view delivery_id);
/// Attempts that were not made after all: due again in `seconds`.
void put_back(scai::db::Tx& tx, const std::vector<Settlement>& deliveries, std::int64_t seconds);
/// Deliveries, their log, and what it means for their webhooks. The number of webhooks it switched off.
std::int64_t settle(scai::db::Tx& tx, const std::vector<Settlement>& settlements,
                    std::int64_t failures_allowed);

struct Backlog {
    std::int64_t due = 0, pending = 0;
};
Backlog backlog(scai::db::Reader& reader);
/// One batch each; the rows removed.
std::int64_t purge_deliveries(scai::db::Tx& tx, std::int64_t days);
std::int64_t purge_buffers(scai::db::Tx& tx, std::int64_t days);
std::int64_t purge_events(scai::db::Tx& tx, std::int64_t days);

} // namespace scaivault::webhooks::store
