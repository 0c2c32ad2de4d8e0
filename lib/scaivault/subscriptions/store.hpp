// The tables of subscriptions and their buffers. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/events/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::subscriptions {

struct Subscription {
    std::string id, name, identity, identity_id, partner_id;
    std::vector<std::string> paths, events;
    scaivault::events::Filter filter;
    std::string delivery_type = "polling"; ///< polling, webhook
    std::int64_t buffer_size = 1000, dropped = 0;
    scaivault::events::store::Position position;
    std::string created_at, updated_at;
    std::string url;           ///< of a webhook delivery, else ""
    std::string webhook_state; ///< healthy, degraded, failing, disabled; "" without a webhook
    std::int64_t pending = 0;  ///< not acknowledged; of find() only
};

namespace store {

/// Of one owner, by id, after `after`.
std::vector<Subscription> list(scai::db::Reader& reader, std::string_view tenant_id,
                               std::string_view identity, std::string_view after, std::int64_t limit);
std::optional<Subscription> find(scai::db::Reader& reader, std::string_view tenant_id, std::string_view id);
/// created_at, and the position from which it hears.
void insert(scai::db::Tx& tx, std::string_view tenant_id, Subscription& subscription);
void update(scai::db::Tx& tx, std::string_view tenant_id, const Subscription& subscription);
bool remove(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id);

/// The owner as a caller without a request, with his groups and the generations of the policies that count.
struct Owner {
    std::vector<std::string> paths;
    Caller caller;
};
std::optional<Owner> find_owner(scai::db::Reader& reader, std::string_view tenant_id, std::string_view id);

/// Moves the position if it is still `from`, adds the events and drops the oldest beyond the buffer's size.
bool advance(scai::db::Tx& tx, std::string_view tenant_id, const Subscription& subscription,
             const scaivault::events::store::Position& to,
             const std::vector<const scaivault::events::Row*>& matching);

/// Not acknowledged, in order, after `since` when that event is known. Over all tenants: events of the
/// partner belong to another owner.
std::vector<scaivault::events::Row> pending(scai::db::Reader& reader, std::string_view tenant_id,
                                            std::string_view id, std::string_view since, std::int64_t limit);
std::int64_t ack(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id,
                 const std::vector<std::string>& event_ids);
/// Something of these owners lies behind the position.
bool any_after(scai::db::Reader& reader, std::string_view owner,
               const scaivault::events::store::Position& position);

} // namespace store

} // namespace scaivault::subscriptions
