// queue_publish, queue_consume, queue_escalation: calls of plugin scaiqueue (contract scaiflow-model.md 2.6).
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"

namespace scaiflow::compiler {

using scai::json::Value;

Value lower_queue(const Context& context, const graph::Node& node) {
    Value args = Value::object({{"scope", context.scope(node)}, {"queue", node.text("queue")}});
    if (node.kind == graph::Kind::queue_consume) {
        context.copy_arguments(args, node, {"timeout_s", "max_messages"});
        return plugin_block(node, "scaiqueue", "consume", args, node.setting("timeout_s"));
    }
    if (node.kind == graph::Kind::queue_escalation) {
        context.copy_arguments(args, node, {"reason", "payload", "priority_tier"});
        return plugin_block(node, "scaiqueue", "escalate", args);
    }
    context.copy_arguments(args, node,
                           {"message_type", "payload", "correlation_id", "priority_tier", "priority_score",
                            "labels", "ttl_seconds", "deadline", "idempotency_key"});
    return plugin_block(node, "scaiqueue", "publish", args);
}

} // namespace scaiflow::compiler
