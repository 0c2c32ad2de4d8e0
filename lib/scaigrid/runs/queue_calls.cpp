// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/queue_calls.hpp"

#include "lib/scaigrid/queues/messages.hpp"
#include "lib/scir/answers.hpp"

#include <algorithm>
#include <array>

namespace scaigrid::runs {

using scai::json::Value;
namespace scir = scai::scir;

namespace {

std::string key_of(const PluginCall& call) {
    return call.execution.id + ":" + call.effect.path;
}

queues::Publication publication(const PluginCall& call) {
    const Value args = call.args();
    queues::Publication message;
    message.scope = args.member("scope");
    message.queue = args.member("queue");
    message.correlation_id = args.get("correlation_id").text_or(call.execution.id);
    message.idempotency_key = args.get("idempotency_key").text_or(key_of(call));
    message.source_type = "scaicore";
    message.source_id = call.execution.core_id;
    message.by = {call.execution.core_id, "core"};
    if (const auto score = args.get("priority_score").integer(); score && *score >= 0 && *score <= 1000)
        message.priority_score = *score;
    if (args.get("deadline").is_string())
        message.deadline = args.member("deadline");
    args.get("labels").each_member([&](std::string_view key, const Value& value) {
        message.labels[std::string(key)] = value.is_string() ? *value.text() : value.dump();
    });
    if (const auto ttl = args.get("ttl_seconds").integer(); ttl && *ttl > 0)
        message.ttl_seconds = *ttl;
    constexpr std::array tiers{"critical", "high", "normal", "low", "background"};
    if (const std::string tier = args.member("priority_tier"); std::ranges::find(tiers, tier) != tiers.end())
        message.priority_tier = tier;
    return message;
}

scir::Outcome published(scai::db::Tx& tx, const PluginCall& call, const queues::Publication& message) {
    const auto id = queues::publish(tx, call.execution.tenant_id, message);
    if (!id)
        return scir::failed(id.error().code.empty() ? "queue_failed" : id.error().code, id.error().message);
    return scir::answered(Value::object(
        {{"message_id", *id}, {"scope", message.scope}, {"queue", message.queue}, {"status", "queued"}}));
}

/// What waits in the queue, taken off it for good: {messages}.
scir::Outcome consumed(scai::db::Tx& tx, const PluginCall& call) {
    const std::string& tenant = call.execution.tenant_id;
    const queues::Actor by{call.execution.core_id, "core"};
    const std::string scope = call.args().member("scope"), queue = call.args().member("queue");
    const auto most = call.args().get("max_messages").integer().value_or(1);
    const auto claimed = queues::claim(
        tx, tenant,
        {.scope = scope, .queue = queue, .batch_size = std::clamp<std::int64_t>(most, 1, 100), .by = by});
    if (!claimed)
        return scir::failed(claimed.error().code.empty() ? "queue_failed" : claimed.error().code,
                            claimed.error().message);
    Value messages = Value::array();
    for (const Value& message : *claimed) {
        const queues::Held held{.scope = scope,
                                .queue = queue,
                                .message = message.member("id"),
                                .claim_id = message.member("claim_id"),
                                .by = by};
        const Value result = Value::object({{"execution_id", call.execution.id}});
        if (queues::complete(tx, tenant, held, result)) {
            messages.push(message);
        } else if (const auto back = queues::release(tx, tenant, held); !back) {
            return scir::failed("queue_failed", back.error().message);
        }
    }
    return scir::answered(Value::object({{"messages", messages}}));
}

} // namespace

scir::Outcome queue_call(scai::db::Tx& tx, const PluginCall& call) {
    const Value args = call.args();
    queues::Publication message = publication(call);
    if (call.method() == "publish") {
        message.message_type = args.get("message_type").text_or("message");
        message.body = args.get("payload").present() ? args.get("payload") : Value::object();
        return published(tx, call, message);
    }
    if (call.method() == "escalate") {
        message.message_type = "escalation";
        message.body =
            Value::object({{"reason", args.get("reason").present() ? args.get("reason") : Value("")},
                           {"payload", args.get("payload").present() ? args.get("payload") : Value(nullptr)},
                           {"execution_id", call.execution.id}});
        if (!args.get("priority_tier").present())
            message.priority_tier = "high";
        return published(tx, call, message);
    }
    if (call.method() == "consume")
        return consumed(tx, call);
    return scir::failed("plugin_unknown", "scaiqueue has publish, escalate and consume, not '" +
                                              call.method().substr(0, 100) + "'");
}

std::chrono::milliseconds queue_wait(const PluginCall& call) {
    if (call.plugin() != "scaiqueue" || call.method() != "consume")
        return std::chrono::milliseconds(0);
    return std::min<std::chrono::milliseconds>(time_limit(call), std::chrono::seconds(30));
}

scai::Result<std::string> publish_review(scai::db::Tx& tx, const Execution& execution,
                                         const checkpoints::Checkpoint& checkpoint) {
    const Value target = checkpoint.request.get("hitl_target");
    queues::Publication message;
    message.scope = target.member("scope");
    message.queue = target.member("queue");
    message.message_type = "hitl_request";
    message.correlation_id = checkpoint.id;
    message.idempotency_key = checkpoint.id;
    message.hitl_spec = target.get("hitl_spec");
    message.source_type = "scaicore";
    message.source_id = execution.core_id;
    message.by = {execution.core_id, "core"};
    if (checkpoint.priority() != "normal")
        message.priority_tier = checkpoint.priority();
    message.body = Value::object(
        {{"checkpoint_id", checkpoint.id},
         {"execution_id", execution.id},
         {"core_id", execution.core_id},
         {"node_id", checkpoint.node_id},
         {"prompt",
          checkpoint.request.get("prompt").present() ? checkpoint.request.get("prompt") : Value(nullptr)}});
    return queues::publish(tx, execution.tenant_id, message);
}

} // namespace scaigrid::runs
