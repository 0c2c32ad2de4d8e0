// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/queues/messages.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaigrid/app/parsed.hpp"
#include "lib/scaigrid/app/refusal.hpp"
#include "lib/scaigrid/events/events.hpp"
#include "lib/scaigrid/queues/rules.hpp"
#include "lib/scaigrid/queues/store.hpp"

#include <algorithm>

namespace scaigrid::queues {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr std::size_t message_id_length = 20;
constexpr std::int64_t swept_per_claim = 100;
constexpr std::string_view dead_letter_slug = "_dead_letter";

Error no_queue(std::string_view scope, std::string_view queue) {
    return refusal(ErrorKind::not_found, "NOT_FOUND",
                   "there is no queue '" + std::string(queue) + "' in a scope '" + std::string(scope) + "'");
}

std::optional<Error> not_open(const store::Target& target) {
    if (target.scope_state != "active")
        return refusal(ErrorKind::conflict, "SCAIQUEUE_SCOPE_PAUSED",
                       "the scope '" + target.scope_slug + "' is " + target.scope_state);
    if (target.queue_state != "active")
        return refusal(ErrorKind::conflict, "SCAIQUEUE_QUEUE_PAUSED",
                       "the queue '" + target.queue_slug + "' is " + target.queue_state);
    return std::nullopt;
}

std::string hash_of(const Value& body) {
    return scai::crypto::to_hex(scai::crypto::sha256(body.present() ? body.dump(true) : "null"));
}

/// The message an earlier call with this key made; nothing when there was none.
Result<std::optional<std::string>> published_before(Tx& tx, std::string_view tenant_id,
                                                    const store::Target& target, const Publication& message) {
    if (!message.idempotency_key)
        return std::optional<std::string>();
    const auto known = store::find_key(tx, tenant_id, target.queue_id, *message.idempotency_key);
    if (!known)
        return std::optional<std::string>();
    if (known->second != hash_of(message.body))
        return refusal(ErrorKind::conflict, "SCAIQUEUE_IDEMPOTENCY_CONFLICT",
                       "this idempotency_key was used for another body");
    return std::optional<std::string>(known->first);
}

/// The form as it is shown, from a pattern when the spec names one; nothing when there is none.
Result<std::optional<std::string>> form_of(Tx& tx, std::string_view tenant_id, const std::string& scope_id,
                                           const Value& spec) {
    if (!spec.present() || spec.is_null())
        return std::optional<std::string>();
    Value form = spec;
    if (const std::string name = spec.member("pattern"); !name.empty()) {
        const auto pattern =
            store::find_pattern(tx, tenant_id, scope_id, name, spec.get("version").integer().value_or(0));
        if (!pattern) {
            Error error = refusal(ErrorKind::unprocessable, "", "there is no such HITL pattern");
            error.fields.push_back({"hitl_spec.pattern", "names no pattern of the scope"});
            return error;
        }
        SCAI_TRY(form, fill_pattern(parsed(*pattern).get("spec"), spec.get("parameters")));
    }
    SCAI_TRY([[maybe_unused]] const auto fine, check_hitl_spec(form, "hitl_spec"));
    return std::optional<std::string>(form.dump());
}

/// Room for one more, made when the queue's policy says so. True: the message goes to _dead_letter.
Result<bool> find_room(Tx& tx, std::string_view tenant_id, const store::Target& target) {
    if (!target.max_depth)
        return false;
    auto depth = store::depth(tx, tenant_id, target.queue_id);
    if (depth < *target.max_depth)
        return false;
    if (target.overflow_policy == "dead_letter")
        return true;
    while (target.overflow_policy == "drop_oldest" && depth >= *target.max_depth &&
           store::drop_first(tx, tenant_id, target))
        --depth;
    if (depth < *target.max_depth)
        return false;
    Error error = refusal(ErrorKind::rate_limited, "SCAIQUEUE_QUEUE_FULL",
                          "the queue '" + target.queue_slug + "' holds its " +
                              std::to_string(*target.max_depth) + " messages");
    error.retry_after_seconds = 1;
    return error;
}

void note(Tx& tx, std::string_view tenant_id, const store::Held& held, std::string_view action,
          const Actor& by, const Value& detail) {
    store::note(tx, tenant_id,
                {held.scope_id, held.queue_id, held.id, held.correlation_id, "message." + std::string(action),
                 by.id, detail.dump()});
}

Result<store::Held> lock(Tx& tx, std::string_view tenant_id, const Held& held) {
    auto row = store::lock_message(tx, tenant_id, held.scope, held.queue, held.message);
    if (!row)
        return refusal(ErrorKind::not_found, "NOT_FOUND",
                       "there is no message '" + held.message + "' in this queue");
    return std::move(*row);
}

bool names_claim(const store::Held& row, const Held& held) {
    return held.claim_id ? *held.claim_id == row.claim_id : held.by.id == row.claimed_by_id;
}

Result<store::Held> lock_claimed(Tx& tx, std::string_view tenant_id, const Held& held) {
    SCAI_TRY(auto row, lock(tx, tenant_id, held));
    if (row.state != "claimed")
        return refusal(ErrorKind::conflict, "SCAIQUEUE_NOT_CLAIMED", "the message is " + row.state);
    if (!row.claim_holds)
        return refusal(ErrorKind::conflict, "SCAIQUEUE_NOT_CLAIMED",
                       "the claim ran out; the message is pending again");
    if (!names_claim(row, held))
        return refusal(ErrorKind::conflict, "SCAIQUEUE_NOT_CLAIMED", "somebody else holds the message");
    return row;
}

/// What the feed of a Core says about an answered form (contract scaigrid.md 5.1).
void report(Tx& tx, std::string_view tenant_id, const Value& message) {
    events::Event event;
    event.type = "scaiqueue.message.completed";
    if (message.member("source_type") == "scaicore")
        event.core_id = message.member("source_id");
    event.timestamp = scai::parse_iso8601(message.member("finished_at")).value_or(scai::UtcTime{});
    event.payload = Value::object({{"message_id", message.get("id")},
                                   {"queue_id", message.get("queue_id")},
                                   {"scope_id", message.get("scope_id")},
                                   {"message_type", message.get("message_type")},
                                   {"correlation_id", message.get("correlation_id")},
                                   {"result", message.get("result")}});
    events::append(tx, tenant_id, {event});
}

Completion completion(const store::Held& row, Value message, const Value& result) {
    Completion out{std::move(message), std::nullopt, result};
    if (row.hitl_spec && row.correlation_id) {
        out.checkpoint_id = row.correlation_id;
        out.resolution = resolution_of(parsed(*row.hitl_spec), result);
    }
    return out;
}

} // namespace

Result<std::string> publish(Tx& tx, std::string_view tenant_id, const Publication& message) {
    const auto target = store::find_target(tx, tenant_id, message.scope, message.queue);
    if (!target)
        return no_queue(message.scope, message.queue);
    // In turn where order of commit or an exact depth matters; elsewhere publishers do not meet.
    if (target->broadcast() || target->max_depth)
        store::take_turn(tx, tenant_id, target->queue_id);
    SCAI_TRY(const auto before, published_before(tx, tenant_id, *target, message));
    if (before)
        return *before;
    if (auto error = not_open(*target))
        return std::move(*error);
    SCAI_TRY(const auto form, form_of(tx, tenant_id, target->scope_id, message.hitl_spec));
    SCAI_TRY(const bool aside, find_room(tx, tenant_id, *target));

    store::NewMessage row;
    row.id = "msg_" + scai::crypto::random_id(message_id_length);
    row.scope_id = target->scope_id;
    row.queue_id = aside ? target->dead_letter_id : target->queue_id;
    row.rank = aside ? 0 : rank_of(target->ordering, message);
    row.hitl_spec = form;
    if (aside)
        row.dead_lettered_from = target->queue_id;
    if (message.idempotency_key &&
        !store::insert_key(tx, tenant_id, target->queue_id, *message.idempotency_key, row.id,
                           hash_of(message.body))) {
        // Another call with this key committed in between; nothing but room was made until here.
        SCAI_TRY(const auto other, published_before(tx, tenant_id, *target, message));
        if (other)
            return *other;
    }
    store::insert_message(tx, tenant_id, row, message);
    return row.id;
}

Value show(scai::db::Reader& db, std::string_view tenant_id, const std::string& id) {
    return parsed(store::show(db, tenant_id, id));
}

Result<std::vector<Value>> claim(Tx& tx, std::string_view tenant_id, const ClaimRequest& request) {
    const auto target = store::find_target(tx, tenant_id, request.scope, request.queue);
    if (!target)
        return no_queue(request.scope, request.queue);
    if (auto error = not_open(*target))
        return std::move(*error);
    store::settle_due(tx, store::due_in_queue(tx, tenant_id, target->queue_id, swept_per_claim));
    store::Claiming claiming;
    claiming.queue_id = target->queue_id;
    claiming.claim_id = "clm_" + scai::crypto::random_id(message_id_length);
    claiming.batch_size = request.batch_size;
    claiming.seconds = request.visibility_timeout_s.value_or(target->visibility_timeout_s);
    claiming.by = request.by;
    if (target->broadcast()) {
        claiming.consumer = request.consumer.empty() ? request.by.id : request.consumer;
        store::copy_for(tx, tenant_id, target->queue_id, claiming.consumer);
    }
    std::vector<Value> out;
    for (const auto& object : store::claim(tx, tenant_id, claiming)) {
        out.push_back(parsed(object));
        out.back().set("claim_id", claiming.claim_id);
    }
    return out;
}

Result<Completion> complete(Tx& tx, std::string_view tenant_id, const Held& held, const Value& result) {
    SCAI_TRY(auto row, lock(tx, tenant_id, held));
    const std::string text = result.present() ? result.dump() : "null";
    const Value answer = result.present() ? result : Value(nullptr);
    if (row.state == "completed" && held.claim_id && *held.claim_id == row.claim_id &&
        parsed("[" + row.result.value_or("null") + "]").at(0).dump(true) == answer.dump(true))
        return completion(row, parsed(row.object), answer);
    SCAI_TRY(row, lock_claimed(tx, tenant_id, held));
    if (row.hitl_spec) {
        SCAI_TRY([[maybe_unused]] const auto fine, check_answer(parsed(*row.hitl_spec), answer));
    }
    const bool resumes = row.hitl_spec && row.correlation_id;
    Value message = parsed(store::complete(tx, tenant_id, row.id, text, resumes));
    note(tx, tenant_id, row, "completed", held.by, Value::object());
    if (!row.consumer.empty() && row.parent_id)
        store::finish_parent(tx, tenant_id, *row.parent_id);
    if (resumes)
        report(tx, tenant_id, message);
    return completion(row, std::move(message), answer);
}

Result<Value> fail(Tx& tx, std::string_view tenant_id, const Held& held, const std::string& reason,
                   bool retry) {
    SCAI_TRY(const auto row, lock_claimed(tx, tenant_id, held));
    const Value detail = Value::object({{"reason", reason}, {"attempt", row.attempts}});
    // What lies in _dead_letter has nowhere else to go.
    if (row.queue_slug == dead_letter_slug || (retry && row.attempts < row.max_retries)) {
        note(tx, tenant_id, row, "failed", held.by, detail);
        return parsed(store::retry(tx, tenant_id, row.id, reason, backoff_seconds(row.attempts)));
    }
    note(tx, tenant_id, row, "dead_lettered", held.by, detail);
    Value message = parsed(store::dead_letter(tx, tenant_id, row.id, row.dead_letter_id, reason));
    if (!row.consumer.empty() && row.parent_id)
        store::finish_parent(tx, tenant_id, *row.parent_id);
    return message;
}

Result<Value> release(Tx& tx, std::string_view tenant_id, const Held& held, std::int64_t delay_seconds) {
    SCAI_TRY(const auto row, lock_claimed(tx, tenant_id, held));
    note(tx, tenant_id, row, "released", held.by, Value::object());
    return parsed(store::release(tx, tenant_id, row.id, delay_seconds));
}

Result<Value> extend(Tx& tx, std::string_view tenant_id, const Held& held, std::int64_t seconds) {
    SCAI_TRY(const auto row, lock_claimed(tx, tenant_id, held));
    note(tx, tenant_id, row, "extended", held.by, Value::object({{"seconds", seconds}}));
    return parsed(store::extend(tx, tenant_id, row.id, seconds));
}

std::int64_t withdraw(Tx& tx, std::string_view tenant_id, std::string_view checkpoint_id, const Actor& by) {
    return store::withdraw(tx, tenant_id, checkpoint_id, by.id);
}

Swept sweep(Tx& tx, std::int64_t limit) {
    return store::settle_due(tx, store::due_anywhere(tx, limit));
}

std::vector<Resume> take_resumes(Tx& tx, std::int64_t limit) {
    return store::take_resumes(tx, limit);
}

void resumed(Tx& tx, std::string_view tenant_id, std::string_view message_id) {
    store::resumed(tx, tenant_id, message_id);
}

std::int64_t purge(Tx& tx, std::int64_t days, std::int64_t limit) {
    return store::purge(tx, days, limit);
}

} // namespace scaigrid::queues
