// SQL of scopes, queues and messages. Private to lib/scaigrid/queues. Objects are JSON texts as the API shows
// them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaigrid/queues/messages.hpp"
#include "lib/scaigrid/queues/rules.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scaigrid::queues::store {

/// One page of a list: JSON texts with the position each continues from.
using Page = std::vector<std::pair<std::string, std::int64_t>>;

// --- scopes, queues, patterns, trail (store_scopes.cpp) ---
struct ScopeRow {
    std::string id, state;
    std::string object; ///< as the API shows it
};
/// `ref` is an id or a slug.
std::optional<ScopeRow> find_scope(scai::db::Reader& db, std::string_view tenant, std::string_view ref);
/// Waits for whoever changes the scope, and makes others wait.
std::optional<ScopeRow> lock_scope(scai::db::Tx& tx, std::string_view tenant, std::string_view ref);
/// Ordered by slug; continues after `after`.
std::vector<std::pair<std::string, std::string>> list_scopes(scai::db::Reader& db, std::string_view tenant,
                                                             std::string_view after, std::int64_t limit);
/// nullopt when the slug is taken.
std::optional<std::string> insert_scope(scai::db::Tx& tx, std::string_view tenant, std::string_view id,
                                        const ScopeFields& fields, std::string_view by);
std::string update_scope(scai::db::Tx& tx, std::string_view tenant, std::string_view id,
                         const ScopeFields& fields);
std::string set_scope_state(scai::db::Tx& tx, std::string_view tenant, std::string_view id,
                            std::string_view state);
/// Messages that are pending or claimed anywhere in it.
std::int64_t open_messages_of_scope(scai::db::Reader& db, std::string_view tenant, std::string_view id);
void delete_scope(scai::db::Tx& tx, std::string_view tenant, std::string_view id);

struct QueueRow {
    std::string id, scope_id, slug, state, object;
    bool system = false;
};
std::optional<QueueRow> find_queue(scai::db::Reader& db, std::string_view tenant, std::string_view scope,
                                   std::string_view ref);
std::optional<QueueRow> lock_queue(scai::db::Tx& tx, std::string_view tenant, std::string_view scope,
                                   std::string_view ref);
std::vector<std::pair<std::string, std::string>> list_queues(scai::db::Reader& db, std::string_view tenant,
                                                             std::string_view scope_id,
                                                             std::string_view after, std::int64_t limit);
std::optional<std::string> insert_queue(scai::db::Tx& tx, std::string_view tenant, std::string_view scope_id,
                                        std::string_view id, const QueueFields& fields, bool system,
                                        std::string_view by);
std::string update_queue(scai::db::Tx& tx, std::string_view tenant, std::string_view id,
                         const QueueFields& fields);
std::string set_queue_state(scai::db::Tx& tx, std::string_view tenant, std::string_view id,
                            std::string_view state);
std::int64_t open_messages_of_queue(scai::db::Reader& db, std::string_view tenant, std::string_view id);
void delete_queue(scai::db::Tx& tx, std::string_view tenant, std::string_view id);

/// nullopt when this version is taken; version 0 takes the next one.
std::optional<std::string> insert_pattern(scai::db::Tx& tx, std::string_view tenant,
                                          std::string_view scope_id, std::string_view id,
                                          std::string_view name, std::int64_t version,
                                          const std::string& spec, std::string_view by);
/// Version 0 is the newest. The pattern as the API shows it.
std::optional<std::string> find_pattern(scai::db::Reader& db, std::string_view tenant,
                                        std::string_view scope_id, std::string_view name,
                                        std::int64_t version);
std::vector<std::string> list_patterns(scai::db::Reader& db, std::string_view tenant,
                                       std::string_view scope_id);

struct TrailEntry {
    std::string scope_id;
    std::optional<std::string> queue_id, message_id, correlation_id;
    std::string action;
    std::string actor;
    std::string detail = "{}"; ///< JSON object
};
void note(scai::db::Tx& tx, std::string_view tenant, const TrailEntry& entry);
/// Oldest first; "" for any scope or any chain.
Page list_trail(scai::db::Reader& db, std::string_view tenant, std::string_view scope_id,
                std::string_view correlation_id, std::int64_t after, std::int64_t limit);

// --- messages (store_messages.cpp; from due_in_queue on store_claims.cpp) ---
struct Target {
    std::string queue_id, scope_id, queue_slug, scope_slug;
    std::string ordering, consumer_mode, overflow_policy, queue_state, scope_state, dead_letter_id;
    std::int64_t max_retries = 0, visibility_timeout_s = 0;
    std::optional<std::int64_t> max_depth;
    bool broadcast() const { return consumer_mode == "broadcast"; }
};
std::optional<Target> find_target(scai::db::Reader& db, std::string_view tenant, std::string_view scope,
                                  std::string_view queue);
/// Publishers of this queue take turns until the transaction ends.
void take_turn(scai::db::Tx& tx, std::string_view tenant, std::string_view queue_id);
std::int64_t depth(scai::db::Reader& db, std::string_view tenant, std::string_view queue_id);
/// Message id and body hash kept for a key.
std::optional<std::pair<std::string, std::string>> find_key(scai::db::Reader& db, std::string_view tenant,
                                                            std::string_view queue_id, std::string_view key);
bool insert_key(scai::db::Tx& tx, std::string_view tenant, std::string_view queue_id, std::string_view key,
                std::string_view message_id, std::string_view body_hash);

struct NewMessage {
    std::string id, scope_id, queue_id;
    std::int64_t rank = 0;
    std::optional<std::string> hitl_spec;          ///< JSON
    std::optional<std::string> dead_lettered_from; ///< a queue's id when it goes to _dead_letter at once
};
void insert_message(scai::db::Tx& tx, std::string_view tenant, const NewMessage& row,
                    const Publication& message);
/// Moves the pending message that would be claimed first to _dead_letter; its id.
std::optional<std::string> drop_first(scai::db::Tx& tx, std::string_view tenant, const Target& target);

/// Copies for a consumer what a broadcast queue got since it last asked.
void copy_for(scai::db::Tx& tx, std::string_view tenant, std::string_view queue_id,
              std::string_view consumer);
struct Backlog {
    std::int64_t messages = 0, checkpoints = 0, bunkers = 0;
};
Backlog count_due(scai::db::Reader& db);

struct Claiming {
    std::string queue_id, consumer, claim_id;
    std::int64_t batch_size = 1, seconds = 60;
    Actor by;
};
std::vector<std::string> claim(scai::db::Tx& tx, std::string_view tenant, const Claiming& claiming);

struct Due {
    std::vector<std::string> tenants, ids;
};
Due due_in_queue(scai::db::Tx& tx, std::string_view tenant, std::string_view queue_id, std::int64_t limit);
Due due_anywhere(scai::db::Tx& tx, std::int64_t limit);
Swept settle_due(scai::db::Tx& tx, const Due& due);

/// A message locked for a change of hands.
struct Held {
    std::string id, scope_id, queue_id, queue_slug, dead_letter_id, state, claim_id, claimed_by_id, consumer;
    std::string object; ///< as the API shows it
    std::optional<std::string> correlation_id, parent_id, hitl_spec, result;
    std::int64_t attempts = 0, max_retries = 0;
    bool claim_holds = false;
};
std::optional<Held> lock_message(scai::db::Tx& tx, std::string_view tenant, std::string_view scope,
                                 std::string_view queue, std::string_view id);
std::string complete(scai::db::Tx& tx, std::string_view tenant, std::string_view id,
                     const std::string& result, bool resumes);
std::string retry(scai::db::Tx& tx, std::string_view tenant, std::string_view id, std::string_view reason,
                  std::int64_t seconds);
std::string dead_letter(scai::db::Tx& tx, std::string_view tenant, std::string_view id,
                        std::string_view dead_letter_id, std::string_view reason);
std::string release(scai::db::Tx& tx, std::string_view tenant, std::string_view id, std::int64_t seconds);
std::string extend(scai::db::Tx& tx, std::string_view tenant, std::string_view id, std::int64_t seconds);
/// A broadcast message all of whose consumers are done is completed.
void finish_parent(scai::db::Tx& tx, std::string_view tenant, std::string_view id);
std::int64_t withdraw(scai::db::Tx& tx, std::string_view tenant, std::string_view correlation_id,
                      std::string_view by);

std::string show(scai::db::Reader& db, std::string_view tenant, std::string_view id);
std::optional<std::string> find_message(scai::db::Reader& db, std::string_view tenant, std::string_view scope,
                                        std::string_view queue, std::string_view id);
/// Oldest first; `state` "" is any.
Page list_messages(scai::db::Reader& db, std::string_view tenant, std::string_view queue_id,
                   std::string_view state, std::int64_t after, std::int64_t limit);
Page list_chain(scai::db::Reader& db, std::string_view tenant, std::string_view scope_id,
                std::string_view correlation_id, std::int64_t after, std::int64_t limit);

std::vector<Resume> take_resumes(scai::db::Tx& tx, std::int64_t limit);
void resumed(scai::db::Tx& tx, std::string_view tenant, std::string_view id);
std::int64_t purge(scai::db::Tx& tx, std::int64_t days, std::int64_t limit);

} // namespace scaigrid::queues::store
