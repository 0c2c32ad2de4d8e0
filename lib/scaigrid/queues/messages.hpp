// Messages of ScaiQueue (contract scaigrid.md 6.4). All of it runs in the caller's transaction, in the scope
// of the tenant; nothing is written by a call that answers with an error. Time is the database's clock.
// `scope` and `queue` are ids or slugs. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaigrid/queues/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::queues {

/// The message's id. Same idempotency key and body: the id of the first. not_found "NOT_FOUND"; conflict
/// SCAIQUEUE_SCOPE_PAUSED, SCAIQUEUE_QUEUE_PAUSED, SCAIQUEUE_IDEMPOTENCY_CONFLICT; rate_limited
/// SCAIQUEUE_QUEUE_FULL; unprocessable for a hitl_spec that cannot be shown.
scai::Result<std::string> publish(scai::db::Tx& tx, std::string_view tenant_id, const Publication& message);

/// The message as the API shows it, wherever it lies; must be there.
scai::json::Value show(scai::db::Reader& db, std::string_view tenant_id, const std::string& id);

struct ClaimRequest {
    std::string scope, queue;
    std::int64_t batch_size = 1;
    std::string consumer = {}; ///< of a broadcast queue; "" = the actor's id
    std::optional<std::int64_t> visibility_timeout_s = {};
    Actor by;
};

/// The messages as the API shows them plus claim_id; empty when there is nothing to do. What is overdue in
/// the queue is put right first, so an expired claim is seen without waiting for the job. A message goes to
/// one claimer at a time. not_found; conflict when scope or queue is paused.
scai::Result<std::vector<scai::json::Value>> claim(scai::db::Tx& tx, std::string_view tenant_id,
                                                   const ClaimRequest& request);

/// A claimed message. Without claim_id whoever claimed it last is believed by name.
struct Held {
    std::string scope, queue, message;
    std::optional<std::string> claim_id = {};
    Actor by;
};

struct Completion {
    scai::json::Value message;
    /// The checkpoint that waits for this message and what to resolve it with; kept as work for the job until
    /// resumed() says it is done.
    std::optional<std::string> checkpoint_id;
    scai::json::Value resolution;
};

// not_found; conflict "SCAIQUEUE_NOT_CLAIMED" when the claim is over or somebody else's.
/// Again with the same claim_id and result: the message, once more. unprocessable when a HITL message is
/// answered with something its form does not offer.
scai::Result<Completion> complete(scai::db::Tx& tx, std::string_view tenant_id, const Held& held,
                                  const scai::json::Value& result);
/// Back to pending with backoff, or to _dead_letter: when attempts reach max_retries, or without `retry`.
scai::Result<scai::json::Value> fail(scai::db::Tx& tx, std::string_view tenant_id, const Held& held,
                                     const std::string& reason, bool retry = true);
/// Back to pending; it does not count as an attempt.
scai::Result<scai::json::Value> release(scai::db::Tx& tx, std::string_view tenant_id, const Held& held,
                                        std::int64_t delay_seconds = 0);
/// The claim holds for so many seconds from now.
scai::Result<scai::json::Value> extend(scai::db::Tx& tx, std::string_view tenant_id, const Held& held,
                                       std::int64_t seconds);

/// Takes the waiting request of a checkpoint that was settled in another way off its queue; how many.
std::int64_t withdraw(scai::db::Tx& tx, std::string_view tenant_id, std::string_view checkpoint_id,
                      const Actor& by);

/// What the clock did.
struct Swept {
    std::int64_t ready = 0, returned = 0, dead_lettered = 0, expired = 0;
    std::int64_t sum() const { return ready + returned + dead_lettered + expired; }
};
/// At most `limit` overdue messages of all tenants (Scope::all_tenants).
Swept sweep(scai::db::Tx& tx, std::int64_t limit);

struct Resume {
    std::string tenant_id, message_id, checkpoint_id, by;
    scai::json::Value resolution;
};
/// Checkpoints whose answer is there and that are not resolved; each is put off before it is handed out, so
/// that two who look do not take the same (Scope::all_tenants).
std::vector<Resume> take_resumes(scai::db::Tx& tx, std::int64_t limit);
/// The checkpoint needs nothing more from this message.
void resumed(scai::db::Tx& tx, std::string_view tenant_id, std::string_view message_id);

/// Removes finished messages older than so many days (Scope::all_tenants); at most `limit`.
std::int64_t purge(scai::db::Tx& tx, std::int64_t days, std::int64_t limit);

} // namespace scaigrid::queues
