// llm_rigid, llm_guarded, llm_flexible (contract scaiflow-model.md 2.2). SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"

namespace scaiflow::compiler {

using scai::json::Value;

namespace {

Value or_null(const Value& value) {
    return value.present() ? value : Value(nullptr);
}

/// What becomes of a refused or failed answer: `value` is a template, the rest is kept as it is.
Value handler(const Context& context, const Value& setting) {
    if (!setting.get("value").present())
        return or_null(setting);
    Value out = Value::object();
    setting.each_member([&](std::string_view key, const Value& value) {
        out.set(key, key == "value" ? context.templates(value) : value);
    });
    return out;
}

Value lower_prompt(const Context& context, const graph::Node& node) {
    const bool guarded = node.kind == graph::Kind::llm_guarded;
    Value out = block(guarded ? "guarded" : "flexible", node);
    out.set("goal", context.setting(node, "goal"))
        .set("output_type", types(node.setting("output_schema")))
        .set("llm_role", context.role(node));
    if (guarded)
        context.copy(out, node, {"guard", "validate"});
    context.copy(out, node, {"input_bindings", "context_bindings", "guidance", "constraints"});
    if (guarded)
        return out.set("on_validation_failure", handler(context, node.setting("on_validation_failure")));
    return out.set("identity_ref", node.setting("identity_ref"))
        .set("examples", node.setting("examples"))
        .set("on_failure", handler(context, node.setting("on_failure")))
        .set("budget", or_null(node.setting("budget")));
}

} // namespace

Value lower_llm(const Context& context, const graph::Node& node) {
    if (node.kind != graph::Kind::llm_rigid)
        return lower_prompt(context, node);
    Value statement = Value::object(
        {{"kind", "expression"}, {"expression", context.template_expression(node.setting("template"))}});
    return block("rigid", node).set("statements", Value::array({statement}));
}

} // namespace scaiflow::compiler
