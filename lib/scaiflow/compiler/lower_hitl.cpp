// checkpoint, hitl_decision, hitl_review: all end as a checkpoint (contract scaiflow-model.md 2.5).
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"

namespace scaiflow::compiler {

using scai::json::Value;

namespace {

/// A section with its keys in the order of the queue's own documents; keys of its own come last.
Value section(const Value& from) {
    if (!from.is_object())
        return from;
    Value out = Value::object();
    for (const std::string_view key : {"type", "title", "content", "field", "kind", "required", "options"})
        if (const Value value = from.get(key); value.present())
            out.set(key, value);
    from.each_member([&](std::string_view key, const Value& value) {
        if (!out.get(key).present())
            out.set(key, value);
    });
    return out;
}

Value hitl_target(const Context& context, const graph::Node& node) {
    Value sections = Value::array();
    context.setting(node, "sections").each_item([&](const Value& each) { sections.push(section(each)); });
    Value spec = Value::object({{"sections", sections}});
    context.copy(spec, node, {"assignee"});
    if (const Value timeout = seconds(node.setting("timeout")); timeout.present())
        spec.set("timeout_s", timeout);
    return Value::object(
        {{"scope", context.scope(node)}, {"queue", node.text("queue")}, {"hitl_spec", spec}});
}

} // namespace

Value lower_hitl(const Context& context, const graph::Node& node) {
    const bool review = node.kind == graph::Kind::hitl_review;
    Value out = block("checkpoint", node);
    out.set("checkpoint_type", review ? "hitl_review" : node.text("type"));
    context.copy(out, node, {"prompt"});
    if (const Value options = node.setting("options"); !review && options.size() > 0)
        out.set("options", options);
    context.copy(out, node, {"timeout", "on_timeout"});
    if (review)
        out.set("hitl_target", hitl_target(context, node));
    return out;
}

} // namespace scaiflow::compiler
