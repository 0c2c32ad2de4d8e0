// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/runs.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/runs/host.hpp"
#include "lib/scaigrid/runs/payload.hpp"
#include "lib/scaigrid/runs/world.hpp"

#include <algorithm>
#include <array>
#include <thread>

namespace scaigrid::runs {

namespace db = scai::db;
using scai::json::Value;

namespace {

constexpr std::size_t max_key = 255;
constexpr std::chrono::milliseconds pause_for_instance{20};

bool takes_calls(const std::string& status) {
    constexpr std::array open{"created", "starting", "running", "restarting"};
    return std::ranges::find(open, status) != open.end();
}

bool has_trigger(const Value& module, const std::string& name) {
    bool found = name.empty();
    module.get("triggers").each_item([&](const Value& trigger) {
        found = found || trigger.member("name") == name;
    });
    return found;
}

bool has_flow(const Value& module, const std::string& name) {
    bool found = name.empty();
    module.get("flows").each_item([&](const Value& flow) { found = found || flow.member("name") == name; });
    return found;
}

/// The instance a call is for; "" for none.
scai::Result<std::string> instance_of(const cores::Runnable& core, const Invocation& invocation) {
    if (invocation.instance_key.size() > max_key)
        return bad_field("body.instance_key", "at most 255 bytes");
    if (core.concurrency_mode != "entity" || !invocation.instance_key.empty())
        return invocation.instance_key;
    const Value field = invocation.input.get(core.entity_key_field);
    std::string key = field.is_string() ? *field.text() : field.is_integer() ? field.dump() : "";
    if (key.empty() || key.size() > max_key)
        return bad_field("body.input." + core.entity_key_field,
                         "names the instance: a text of 1 to 255 bytes or an integer (or give instance_key)");
    return key;
}

scai::Error core_not_found() {
    return not_found("Core");
}

Time time_of(const Context& context, std::chrono::milliseconds answer_within) {
    return {.answer_by = context.clock->now() + answer_within, .longest = context.runs->limits.longest};
}

/// Begins it, waiting for its instance when that is busy; nothing when it has a run already.
scai::Result<bool> begin_waiting(Context& context, Execution& execution, const Value& module) {
    const auto give_up = std::chrono::steady_clock::now() + context.runs->limits.instance_wait;
    for (;;) {
        const Begun begun = db::in_tx(context.pool, db::Scope::tenant(execution.tenant_id),
                                      [&](db::Tx& tx) { return begin(tx, context, execution, module); });
        if (begun != Begun::busy)
            return begun == Begun::begun;
        if (std::chrono::steady_clock::now() > give_up) {
            auto error = refusal(scai::ErrorKind::conflict, "INSTANCE_BUSY",
                                 "another run of this instance is still under way");
            error.retry_after_seconds = 5;
            return error;
        }
        std::this_thread::sleep_for(pause_for_instance);
    }
}

/// The run this request began earlier.
State known_state(Context& context, const Execution& execution) {
    auto reader = context.pool.read(db::Scope::tenant(execution.tenant_id));
    const auto id = store::find_by_request(reader, execution);
    auto state = id ? store::find_state(reader, execution.tenant_id, *id) : std::nullopt;
    return state ? std::move(*state) : State{.execution_id = id.value_or(""), .status = "running"};
}

/// Ends a run that cannot go on.
State give_up(Context& context, Execution& execution, const std::string& code, const std::string& message) {
    State state{.execution_id = execution.id, .status = "failed"};
    state.error = Value::object({{"code", code}, {"message", message}, {"node_id", nullptr}});
    db::in_tx(context.pool, db::Scope::tenant(execution.tenant_id), [&](db::Tx& tx) {
        if (store::finish(tx, execution, {.events = execution.events_reported}, {}, state.error))
            events::append(tx, execution.tenant_id,
                           {ended_event(execution, {}, state.error, context.clock->now())});
    });
    return state;
}

Module module_of(Context& context, const Execution& execution, const cores::Runnable& core) {
    if (core.revision == execution.revision)
        return core.module;
    auto reader = context.pool.read(db::Scope::tenant(execution.tenant_id));
    const auto parsed = scai::json::parse(store::module_text(reader, execution));
    return parsed ? std::make_shared<const Value>(*parsed) : nullptr;
}

/// Goes on with a run whose lease was just taken.
State resume(Context& context, Execution& execution) {
    const auto core = cores::find_runnable(context, execution.tenant_id, execution.core_id);
    if (!core)
        return give_up(context, execution, "core_deleted", "its Core was deleted");
    if (execution.attempts > context.runs->limits.max_attempts)
        return give_up(context, execution, "abandoned",
                       "taken up " + std::to_string(execution.attempts - 1) + " times without an answer");
    const Module module = module_of(context, execution, *core);
    if (!module)
        return give_up(context, execution, "invalid_module", "its module cannot be read");
    Answers answers;
    {
        auto reader = context.pool.read(db::Scope::tenant(execution.tenant_id));
        answers = store::answers_of(reader, execution);
    }
    return go_on(context, execution, module, std::move(answers), core->checkpoint_mode,
                 time_of(context, context.runs->limits.longest));
}

} // namespace

Value to_json(const State& state) {
    std::string status = state.status;
    std::ranges::transform(status, status.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    Value out = Value::object({{"execution_id", state.execution_id},
                               {"status", status},
                               {"output", state.output.present() ? state.output : Value(nullptr)},
                               {"checkpoint_id", state.checkpoint_id},
                               {"duration_ms", state.duration_ms}});
    if (state.error.present())
        out.set("error", state.error);
    return out;
}

scai::Result<Execution> prepare(Context& context, const std::string& tenant_id, const Invocation& invocation,
                                const cores::Runnable& core) {
    const Value input = invocation.input.present() ? invocation.input : Value::object();
    if (!input.is_object())
        return bad_field("body.input", "must be an object");
    if (!core.module)
        return refusal(scai::ErrorKind::conflict, "INVALID_SOURCE_IR", "the Core has no source to run");
    if (!takes_calls(core.status))
        return refusal(scai::ErrorKind::conflict, "CORE_NOT_RUNNING",
                       "the Core is " + core.status + " and takes no calls");
    if (!has_trigger(*core.module, invocation.trigger))
        return bad_field("body.trigger", "the Core has no trigger of this name");
    if (!has_flow(*core.module, invocation.flow_name))
        return bad_field("body.flow_name", "the Core has no flow of this name");
    SCAI_TRY(const std::string key, instance_of(core, invocation));
    Execution out;
    out.tenant_id = tenant_id;
    out.id = "exec_" + scai::crypto::random_id(20);
    out.core_id = core.id;
    out.revision = core.revision;
    out.trigger = invocation.trigger;
    out.input = input;
    out.exclusive = core.concurrency_mode == "entity" || core.concurrency_mode == "singleton";
    if (!key.empty() || out.exclusive)
        out.instance_key = core.concurrency_mode == "singleton" ? "" : key;
    out.caused_by = invocation.caused_by;
    out.request_key = invocation.request_key;
    out.lease_token = scai::crypto::random_id(20);
    out.started_at = context.clock->now();
    return out;
}

Begun begin(db::Tx& tx, const Context& context, Execution& execution, const Value& module) {
    const bool takes = execution.exclusive && !execution.lease_token.empty();
    if (takes && !store::occupy(tx, execution))
        return Begun::busy;
    const auto lease = context.runs->limits.lease;
    if (!store::create(tx, execution, lease)) {
        store::keep_module(tx, execution, module);
        if (!store::create(tx, execution, lease)) {
            if (takes)
                store::leave(tx, execution);
            return Begun::known;
        }
    }
    events::append(tx, execution.tenant_id, {started_event(execution, execution.started_at)});
    return Begun::begun;
}

State go_on(Context& context, Execution& execution, const Module& module, Answers answers,
            const std::string& checkpoint_mode, const Time& time) {
    RunHost host(context, execution, module, std::move(answers), checkpoint_mode, time);
    const scai::scir::RunLimits limits{.max_steps = context.runs->limits.max_steps,
                                       .max_duration = time.longest};
    const auto result =
        scai::scir::run(*module, execution.trigger, execution.input, host, limits, *context.clock);
    return host.conclude(result);
}

scai::Result<State> invoke_state(Context& context, const std::string& tenant_id,
                                 const Invocation& invocation) {
    const auto core = cores::find_runnable(context, tenant_id, invocation.core_id);
    if (!core)
        return core_not_found();
    SCAI_TRY(Execution execution, prepare(context, tenant_id, invocation, *core));
    SCAI_TRY(const bool begun, begin_waiting(context, execution, *core->module));
    if (!begun)
        return known_state(context, execution);
    return go_on(context, execution, core->module, {}, core->checkpoint_mode,
                 time_of(context, context.runs->limits.answer_within));
}

scai::Result<Value> invoke(Context& context, const std::string& tenant_id, const Invocation& invocation) {
    SCAI_TRY(const State state, invoke_state(context, tenant_id, invocation));
    return to_json(state);
}

scai::Result<std::string> accept(Context& context, const std::string& tenant_id,
                                 const Invocation& invocation) {
    const auto core = cores::find_runnable(context, tenant_id, invocation.core_id);
    if (!core)
        return core_not_found();
    SCAI_TRY(Execution execution, prepare(context, tenant_id, invocation, *core));
    execution.lease_token.clear();
    const Begun begun = db::in_tx(context.pool, db::Scope::tenant(tenant_id),
                                  [&](db::Tx& tx) { return begin(tx, context, execution, *core->module); });
    return begun == Begun::begun ? execution.id : known_state(context, execution).execution_id;
}

bool take_up(Context& context, const std::string& tenant_id, const std::string& execution_id) {
    bool taken = false;
    for (std::optional<std::string> next = execution_id; next;) {
        auto execution = db::in_tx(context.pool, db::Scope::tenant(tenant_id), [&](db::Tx& tx) {
            return store::take(tx, tenant_id, *next, scai::crypto::random_id(20), context.runs->limits.lease);
        });
        next.reset();
        if (!execution)
            break;
        taken = true;
        const State state = resume(context, *execution);
        if (state.status == "completed" || state.status == "failed")
            next = execution->parent_id;
    }
    return taken;
}

} // namespace scaigrid::runs
