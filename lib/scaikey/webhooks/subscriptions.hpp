// Webhook subscriptions and what became of their deliveries (contract scaikey.md 11.5).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaikey/app/paging.hpp"
#include "lib/scaikey/directory/caller.hpp"

namespace scaikey::webhooks {

scai::Result<ListPage> list(scai::db::Pool& pool, const Caller& by,
                            const std::optional<std::string>& tenant_id,
                            const std::optional<std::string>& partner_id, const Paging& paging);
scai::Result<std::string> get(scai::db::Pool& pool, const Caller& by, const std::string& id);
/// The answer carries `secret`, once; a secret given by the client is used as it is.
scai::Result<std::string> create(scai::db::Pool& pool, const Caller& by, const scai::json::Value& body);
scai::Result<std::string> update(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                 const scai::json::Value& body);
/// Really deleted, deliveries included.
scai::Status remove(scai::db::Pool& pool, const Caller& by, const std::string& id);
/// A new secret, shown once; for 24 hours both secrets sign.
scai::Result<std::string> rotate_secret(scai::db::Pool& pool, const Caller& by, const std::string& id);

/// Queues a webhook.test event for this subscription alone; the answer is its delivery.
scai::Result<std::string> send_test(scai::db::Pool& pool, const Caller& by, const std::string& id);
scai::Result<ListPage> list_deliveries(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                       const std::string& status, const Paging& paging);
/// With `event` (the body as sent) and `log` (one entry per attempt).
scai::Result<std::string> get_delivery(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                       std::int64_t delivery);
/// A new delivery of the same event, due at once.
scai::Result<std::string> redeliver(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                    std::int64_t delivery);

} // namespace scaikey::webhooks
