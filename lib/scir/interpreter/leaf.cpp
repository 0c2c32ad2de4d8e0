// Blocks that do something: statements, LLM calls, pauses, calls of other Cores. SPDX-License-Identifier:
// Apache-2.0
#include "lib/scir/interpreter/run.hpp"
#include "lib/scir/types.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>

namespace scai::scir {

using json::Value;

namespace {

constexpr std::int64_t max_retries = 10;

/// [entry, fallbacks...] of the role, the first entry for no role.
Value models_of(const Value& module, const std::string& role) {
    Value out = Value::array();
    const Value models = module.get("models");
    for (std::size_t i = 0; i < models.size() && out.size() == 0; ++i) {
        const Value entry = models.at(i);
        if (!role.empty() && entry.member("role") != role)
            continue;
        Value first = Value::object();
        entry.each_member([&](std::string_view key, const Value& value) {
            if (key != "fallback" && key != "role" && key != "system_context")
                first.set(key, value);
        });
        out.push(std::move(first));
        entry.get("fallback").each_item([&](const Value& fallback) { out.push(fallback); });
    }
    return out;
}

Value entry_of(const Value& module, const std::string& role) {
    const Value models = module.get("models");
    for (std::size_t i = 0; i < models.size(); ++i)
        if (role.empty() || models.at(i).member("role") == role)
            return models.at(i);
    return {};
}

/// Keys that hold no template.
void copy_into(const Value& block, Value& request, std::initializer_list<const char*> keys) {
    for (const char* const key : keys)
        if (const Value value = block.get(key); value.present() && !value.is_null())
            request.set(key, value);
}

std::int64_t retries_of(const Value& block, const Value& handler) {
    const auto wanted = handler.get("retry").integer();
    return std::clamp<std::int64_t>(
        wanted ? *wanted : block.get("budget").get("max_retries").integer().value_or(0), 0, max_retries);
}

} // namespace

Flow Run::rigid(const Frame& frame) {
    const Value statements = frame.block.get("statements");
    Flow last;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        if (auto stop = i > 0 ? step(frame.node_id) : std::nullopt)
            return *stop;
        last = statement(frame, statements.at(i));
        if (last.stopped())
            return last;
    }
    return last.value();
}

Flow Run::statement(const Frame& frame, const Value& statement) {
    const std::string kind = statement.member("kind");
    if (kind == "expression")
        return expression(frame, statement.get("expression"), "expression");
    if (kind == "assign") {
        Flow value = expression(frame, statement.get("value"), "value");
        if (!value.stopped())
            if (auto stop = store(variables_, statement.member("name"), value.value(), frame))
                return *stop;
        return value;
    }
    if (kind == "emit")
        return emit(frame, statement);
    if (kind != "plugin_call")
        return failure(frame, "invalid_module", "unknown statement kind '" + kind + "'");
    Value request =
        Value::object({{"plugin", statement.member("plugin")}, {"method", statement.member("method")}});
    const Value args = statement.get("args");
    const Flow rendered_args = args.present() ? rendered(frame, args, "args") : Flow(Value::object());
    if (rendered_args.stopped())
        return rendered_args;
    request.set("args", rendered_args.value());
    if (const Value timeout = statement.get("timeout_s"); timeout.number())
        request.set("timeout_s", timeout);
    return call(frame, EffectKind::plugin, std::move(request));
}

Flow Run::emit(const Frame& frame, const Value& statement) {
    const Value source = statement.get("payload");
    Flow payload = source.present() ? rendered(frame, source, "payload") : Flow(Value::object());
    if (!payload.stopped())
        event("emit", frame, payload.value(), statement.member("event"));
    return payload;
}

Flow Run::llm_request(const Frame& frame) {
    const std::string role = frame.block.member("llm_role");
    const Value entry = entry_of(module_, role);
    Value request = Value::object({{"block_kind", frame.kind},
                                   {"role", entry.get("role").text_or(role)},
                                   {"models", models_of(module_, role)}});
    if (auto stop = render_into(frame, request, {"goal", "guidance", "constraints"}))
        return *stop;
    for (const auto& [key, name] : {std::pair{"input_bindings", "input"}, {"context_bindings", "context"}}) {
        const Value source = frame.block.get(key);
        const Flow value = source.is_object() ? rendered(frame, source, key) : Flow(Value::object());
        if (value.stopped())
            return value;
        request.set(name, value.value());
    }
    if (const Value context = entry.get("system_context"); context.is_string()) {
        const Flow value = rendered(frame, context, "system_context");
        if (value.stopped())
            return value;
        request.set("system_context", value.value());
    }
    copy_into(frame.block, request, {"output_type", "examples", "budget"});
    if (frame.block.get("identity_ref").boolean().value_or(false))
        request.set("identity", module_.get("identity"));
    return request;
}

/// One call and its checks, again when they fail; `answer` is the last one that came.
Flow Run::model_call(const Frame& frame, const Value& request, std::int64_t retries, const char* validate,
                     Value& answer) {
    for (std::int64_t left = retries;; --left) {
        const auto attempt = [&]() -> Flow {
            answer = Value();
            const Flow called = call(frame, EffectKind::llm, request);
            if (called.stopped())
                return called;
            answer = called.value();
            auto fitted = fit_output(answer, frame.block.get("output_type"));
            if (!fitted)
                return failure(frame, "output_type", fitted.error().message);
            answer = *fitted;
            const Value check = validate != nullptr ? frame.block.get(validate) : Value();
            if (!check.is_string())
                return answer;
            const Local local(*this, "result", answer);
            const Flow valid = expression(frame, check, validate);
            if (valid.stopped() || truthy(valid.value()))
                return valid.stopped() ? valid : Flow(answer);
            return failure(frame, "validation_failed", "the answer does not fulfil " + *check.text());
        };
        Flow flow = attempt();
        if (!flow.stopped() || flow.stop().fatal || left <= 0)
            return flow;
        if (auto stop = step(frame.node_id))
            return *stop;
    }
}

Flow Run::recover(const Frame& frame, const Value& handler, const Stop& stop, const Value& answer) {
    if (stop.fatal)
        return stop;
    const Local result(*this, "result", answer);
    if (handler.text_or("") == "continue")
        return answer.present() ? answer : Value(nullptr);
    if (const Value value = handler.get("value"); value.present())
        return rendered(frame, value, "value");
    if (const Value blocks = handler.get("body"); blocks.is_array()) {
        const Flow flow = body(blocks, frame.prefix);
        return flow.stopped() ? flow : Flow(flow.value());
    }
    return stop;
}

Flow Run::flexible(const Frame& frame) {
    const Flow request = llm_request(frame);
    if (request.stopped())
        return request;
    const Value handler = frame.block.get("on_failure");
    Value answer;
    Flow flow = model_call(frame, request.value(), retries_of(frame.block, handler), nullptr, answer);
    return flow.stopped() ? recover(frame, handler, flow.stop(), answer) : flow;
}

Flow Run::guarded(const Frame& frame) {
    if (const Value guard = frame.block.get("guard"); guard.is_string()) {
        const Flow open = expression(frame, guard, "guard");
        if (open.stopped())
            return open;
        if (!truthy(open.value()))
            return failure(frame, "guard_failed", "the guard does not hold: " + *guard.text());
    }
    const Flow request = llm_request(frame);
    if (request.stopped())
        return request;
    const Value handler = frame.block.get("on_validation_failure");
    Value answer;
    Flow flow = model_call(frame, request.value(), retries_of(frame.block, handler), "validate", answer);
    // The handler is for answers that were refused; a call that failed has none.
    return flow.stopped() && answer.present() ? recover(frame, handler, flow.stop(), answer) : flow;
}

Flow Run::checkpoint(const Frame& frame) {
    Value request =
        Value::object({{"checkpoint_type", frame.block.get("checkpoint_type").text_or("approval")}});
    if (auto stop = render_into(frame, request, {"prompt"}))
        return *stop;
    copy_into(frame.block, request,
              {"options", "timeout", "on_timeout", "assignee", "priority", "escalation_target",
               "reminder_interval_m"});
    if (const Value target = frame.block.get("hitl_target"); target.is_object()) {
        Value out = Value::object();
        copy_into(target, out, {"scope", "queue"});
        const Value spec = target.get("hitl_spec");
        const Flow filled = spec.present() ? rendered(frame, spec, "hitl_spec") : Flow(Value::object());
        if (filled.stopped())
            return filled;
        request.set("hitl_target", out.set("hitl_spec", filled.value()));
    }
    const Flow answer = call(frame, EffectKind::checkpoint, std::move(request));
    if (answer.stopped()) {
        const std::string otherwise = frame.block.get("on_timeout").text_or("fail");
        if (answer.stop().suspended || answer.stop().code != "timeout" || otherwise == "fail")
            return answer;
        return otherwise == "continue" ? Value(nullptr) : Value(otherwise);
    }
    const Value value = answer.value();
    if (!value.is_string() && !value.is_object() && !value.is_null())
        return failure(frame, "checkpoint_answer",
                       "the answer must be a text or an object, found " + std::string(type_name(value)));
    return value;
}

Flow Run::core_call(const Frame& frame) {
    Value request = Value::object();
    copy_into(frame.block, request, {"target", "flow_name", "version", "timeout"});
    if (auto stop = render_into(frame, request, {"input_bindings", "instance_key"}))
        return *stop;
    if (!request.get("input_bindings").present())
        request.set("input_bindings", Value::object());
    request.set("is_async", frame.block.get("is_async").boolean().value_or(false));
    return call(frame, EffectKind::core_call, std::move(request));
}

} // namespace scai::scir
