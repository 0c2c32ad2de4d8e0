// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/interpreter/run.hpp"

#include "lib/scir/values.hpp"

#include <algorithm>
#include <array>

namespace scai::scir {

using json::Value;

namespace {

constexpr std::size_t max_nesting = 220; ///< of blocks; the verifier allows 200

bool absent(const Value& value) {
    return !value.present() || value.is_null();
}

/// The trigger of that name, the first one for ""; absent when there is none.
Value find_trigger(const Value& triggers, const std::string& name) {
    for (std::size_t i = 0; i < triggers.size(); ++i)
        if (name.empty() || triggers.at(i).member("name") == name)
            return triggers.at(i);
    return {};
}

Value find_flow(const Value& flows, const std::string& name) {
    for (std::size_t i = 0; i < flows.size(); ++i)
        if (name.empty() || flows.at(i).member("name") == name)
            return flows.at(i);
    return {};
}

/// Names the blocks below `value` bind or assign, and variables declared beside a body.
void collect_names(const Value& value, std::set<std::string, std::less<>>& names) {
    if (!value.is_object())
        return;
    if (const std::string binding = value.member("result_binding"); !binding.empty())
        names.insert(binding);
    if (value.member("kind") == "assign")
        names.insert(value.member("name"));
    value.get("variables").each_item([&](const Value& variable) { names.insert(variable.member("name")); });
    for (const char* key : {"body", "statements", "arms", "otherwise", "branches"})
        value.get(key).each_item([&](const Value& inner) { collect_names(inner, names); });
    for (const char* key : {"on_failure", "on_validation_failure"})
        collect_names(value.get(key), names);
}

} // namespace

Run::Run(const Value& module, const Value& input, Host& host, const RunLimits& limits, const Clock& clock)
    : module_(module), input_(input), host_(host), limits_(limits), clock_(clock), started_(clock.now()) {}

RunResult Run::run(const std::string& trigger) {
    const auto fail = [&](std::string code, std::string message) {
        result_.status = RunResult::Status::failed;
        result_.error_code = std::move(code);
        result_.error_message = std::move(message);
        return result_;
    };
    const Value chosen = find_trigger(module_.get("triggers"), trigger);
    const Value flow = find_flow(module_.get("flows"), chosen.member("target_flow"));
    if (!flow.present() || (!chosen.present() && !trigger.empty()))
        return fail("unknown_trigger", "no trigger is called '" + trigger + "'");
    trigger_ = Value::object({{"kind", chosen.member("kind")}, {"name", chosen.member("name")}});
    if (const std::string node = chosen.member("node_id"); !node.empty())
        result_.visited.push_back(node);
    const Frame frame{flow, "flow", "", "", "", true};
    if (measure(input_, limits_.max_scope_bytes).bytes > limits_.max_scope_bytes)
        return fail("scope_limit", "the input is larger than the scope may be");
    const Value declared = flow.get("variables");
    collect_names(flow, own_names_);
    std::optional<Stop> stop;
    for (std::size_t i = 0; i < declared.size() && !stop; ++i) {
        const Value initial = declared.at(i).get("default");
        stop = store(variables_, declared.at(i).member("name"), absent(initial) ? Value(nullptr) : initial,
                     frame);
    }
    const Flow done = stop ? Flow(*stop) : body(flow.get("body"), "");
    result_.output = done.value();
    if (done.stopped() && done.stop().suspended) {
        result_.status = RunResult::Status::suspended;
    } else if (done.stopped()) {
        fail(done.stop().code, done.stop().message);
        result_.error_node_id = done.stop().node_id;
    }
    result_.scope = Value::object();
    for (const auto* names : {&bindings_, &variables_})
        for (const auto& [name, value] : *names)
            result_.scope.set(name, value);
    return result_;
}

Flow Run::body(const Value& blocks, const std::string& prefix) {
    Flow last;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        Flow flow = block(blocks.at(i), prefix);
        if (flow.stopped())
            return flow;
        if (flow.has_value())
            last = std::move(flow);
    }
    return last;
}

Flow Run::block(const Value& block, const std::string& prefix) {
    Frame frame{block, block.member("kind"), block.member("node_id"), "", prefix, false};
    frame.synthetic = block.get("synthetic").boolean().value_or(false);
    frame.path = prefix + frame.node_id + (frame.synthetic ? "~" + frame.kind : "");
    if (auto stop = step(frame.node_id))
        return *stop;
    if (depth_ >= max_nesting)
        return failure(frame, "invalid_module", "blocks are nested too deeply");
    const bool told = !frame.synthetic || frame.kind == "checkpoint";
    if (!frame.synthetic)
        result_.visited.push_back(frame.node_id);
    if (told)
        event("block.entered", frame, {}, "");
    ++depth_;
    Flow flow = dispatch(frame);
    --depth_;
    const std::string binding = block.member("result_binding");
    if (!flow.stopped() && !binding.empty())
        if (auto stop = store(bindings_, binding, flow.value(), frame))
            flow = Flow(*stop);
    if (flow.stopped()) {
        if (told && !flow.stop().suspended)
            event("block.failed", frame, {}, flow.stop().message);
        return flow;
    }
    if (told)
        event("block.exited", frame, flow.value(), "");
    // A match stands for what ran inside it; other synthetic blocks are no result of the flow.
    return frame.kind == "match" || !frame.synthetic ? flow : Flow();
}

Flow Run::dispatch(const Frame& frame) {
    static constexpr std::array<std::pair<std::string_view, Flow (Run::*)(const Frame&)>, 9> kinds{{
        {"rigid", &Run::rigid},
        {"flexible", &Run::flexible},
        {"guarded", &Run::guarded},
        {"match", &Run::match},
        {"foreach", &Run::foreach},
        {"while", &Run::while_loop},
        {"parallel", &Run::parallel},
        {"checkpoint", &Run::checkpoint},
        {"core_call", &Run::core_call},
    }};
    for (const auto& [kind, run] : kinds)
        if (frame.kind == kind)
            return (this->*run)(frame);
    return failure(frame, "invalid_module", "unknown block kind '" + frame.kind + "'");
}

std::optional<Stop> Run::step(const std::string& node_id) {
    if (result_.steps >= limits_.max_steps)
        return Stop{.fatal = true,
                    .code = "step_budget",
                    .message = "more than " + std::to_string(limits_.max_steps) + " steps",
                    .node_id = node_id};
    ++result_.steps;
    return in_time(node_id);
}

std::optional<Stop> Run::in_time(const std::string& node_id) const {
    if (clock_.now() - started_ <= limits_.max_duration)
        return std::nullopt;
    return Stop{.fatal = true,
                .code = "time_limit",
                .message = "longer than " + std::to_string(limits_.max_duration.count()) + " ms",
                .node_id = node_id};
}

std::optional<Stop> Run::collect(std::size_t& bytes, const Value& value, const Frame& frame) const {
    const Measure size = measure(value, limits_.max_scope_bytes);
    bytes += size.bytes;
    if (bytes <= limits_.max_scope_bytes && size.depth <= max_value_depth)
        return std::nullopt;
    return too_large(frame);
}

Stop Run::too_large(const Frame& frame) const {
    Stop stop = failure(frame, "scope_limit", "variables and results take too much room");
    stop.fatal = true;
    return stop;
}

std::optional<Stop> Run::store(std::map<std::string, Value, std::less<>>& into, const std::string& name,
                               const Value& value, const Frame& frame) {
    std::size_t& bytes = sizes_[(&into == &variables_ ? "v " : "b ") + name];
    scope_bytes_ -= bytes;
    bytes = 0;
    if (auto stop = collect(bytes, value, frame))
        return stop;
    scope_bytes_ += bytes;
    if (scope_bytes_ > limits_.max_scope_bytes)
        return too_large(frame);
    into[name] = value.present() ? value : Value(nullptr);
    return std::nullopt;
}

Value Run::lookup(std::string_view name) const {
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local)
        if (local->first == name)
            return local->second;
    if (name == "input")
        return input_;
    if (name == "trigger")
        return trigger_;
    for (const auto* names : {&variables_, &bindings_})
        if (const auto found = names->find(name); found != names->end())
            return found->second;
    // What the flow sets is never taken from the caller, not even before it is set: a field called like a
    // review would pass for its answer. An underscore first is a flag of the compiler.
    return own_names_.contains(name) || name.starts_with('_') ? Value() : input_.get(name);
}

Stop Run::failure(const Frame& frame, std::string code, std::string message) const {
    return {.code = std::move(code), .message = std::move(message), .node_id = frame.node_id};
}

void Run::event(const char* type, const Frame& frame, Value value, std::string message) {
    host_.event({.type = type,
                 .node_id = frame.node_id,
                 .block_kind = frame.kind,
                 .path = frame.path,
                 .result_binding = frame.block.member("result_binding"),
                 .value = std::move(value),
                 .message = std::move(message)});
}

Flow Run::expression(const Frame& frame, const Value& text, std::string_view key) {
    if (auto stop = in_time(frame.node_id))
        return *stop;
    auto found = expressions_.find(text.raw());
    if (found == expressions_.end()) {
        auto parsed = Expression::parse(text.text_or(""), Dialect::scaicore);
        if (!parsed)
            return failure(frame, "expression", std::string(key) + ": " + parsed.error().message);
        found = expressions_.emplace(text.raw(), std::move(*parsed)).first;
    }
    auto value = found->second.evaluate([this](std::string_view name) { return lookup(name); });
    if (!value)
        return failure(frame, "expression", std::string(key) + ": " + value.error().message);
    return std::move(*value);
}

Flow Run::rendered(const Frame& frame, const Value& source, std::string_view key) {
    if (auto stop = in_time(frame.node_id))
        return *stop;
    auto found = templates_.find(source.raw());
    if (found == templates_.end()) {
        auto parsed = Template::parse(source, Dialect::scaicore);
        if (!parsed)
            return failure(frame, "expression", std::string(key) + ": " + parsed.error().message);
        found = templates_.emplace(source.raw(), std::move(*parsed)).first;
    }
    auto value = found->second.render([this](std::string_view name) { return lookup(name); });
    if (!value)
        return failure(frame, "expression", std::string(key) + ": " + value.error().message);
    return std::move(*value);
}

std::optional<Stop> Run::render_into(const Frame& frame, Value& request,
                                     std::initializer_list<const char*> keys) {
    for (const char* const key : keys) {
        const Value source = frame.block.get(key);
        if (absent(source))
            continue;
        const Flow value = rendered(frame, source, key);
        if (value.stopped())
            return value.stop();
        request.set(key, value.value());
    }
    return std::nullopt;
}

Flow Run::call(const Frame& frame, EffectKind kind, Value request) {
    std::size_t& count = calls_[frame.path];
    std::string path = frame.path;
    // A second call of a block is "node#2"; a node that is called so itself gets a later number.
    while (++count > 1 ? !paths_.insert(path = frame.path + "#" + std::to_string(count)).second
                       : !paths_.insert(path).second) {
    }
    Outcome outcome = host_.call({kind, frame.node_id, path, std::move(request)});
    switch (outcome.kind) {
    case Outcome::Kind::suspended:
        return Stop{.suspended = true, .fatal = true, .node_id = frame.node_id};
    case Outcome::Kind::failed:
        return failure(frame, outcome.code.empty() ? "call_failed" : outcome.code, outcome.message);
    case Outcome::Kind::value:
        break;
    }
    return outcome.value.present() ? outcome.value : Value(nullptr);
}

RunResult run(const Value& module, const std::string& trigger, const Value& input, Host& host,
              const RunLimits& limits, const Clock& clock) {
    return Run(module, input.present() ? input : Value::object(), host, limits, clock).run(trigger);
}

} // namespace scai::scir
