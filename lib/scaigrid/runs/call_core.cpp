// A run that calls another Core of its tenant: a run of its own, tied to the call, so that it is begun once
// however often the caller is taken up. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/host.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/graph/formats.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/runs/world.hpp"
#include "lib/scir/answers.hpp"

#include <algorithm>
#include <thread>

namespace scaigrid::runs {

namespace db = scai::db;
namespace scir = scai::scir;
using scai::json::Value;
using scir::Effect;
using scir::Outcome;

namespace {

constexpr std::string_view scheme = "core://";
constexpr std::chrono::milliseconds pause_for_called{50};

std::chrono::milliseconds timeout_of(const Effect& effect, std::chrono::milliseconds most) {
    const auto seconds = scaiflow::graph::duration_seconds(effect.request.member("timeout"));
    return seconds ? std::min<std::chrono::milliseconds>(std::chrono::seconds(*seconds), most) : most;
}

Outcome outcome_of(const store::Called& called, const std::string& target) {
    if (called.status == "completed")
        return scir::answered(called.output.present() ? called.output : Value(nullptr));
    const std::string code = called.error.member("code");
    return scir::failed(code == "time_limit" ? "timeout" : "core_call_failed",
                        target + ": " + called.error.get("message").text_or("failed"));
}

} // namespace

scai::Result<cores::Runnable> RunHost::callee(const Effect& effect) {
    const auto refuse = [](std::string message) {
        return refusal(scai::ErrorKind::not_found, "core_call_failed", std::move(message));
    };
    const std::string target = effect.request.member("target");
    const std::string_view rest = std::string_view(target).substr(std::min(scheme.size(), target.size()));
    const std::size_t slash = rest.find('/');
    if (!target.starts_with(scheme) || slash == std::string_view::npos)
        return refuse("'" + target.substr(0, 200) + "' is no core://{tenant}/{slug}");
    const std::string tenant(rest.substr(0, slash)), slug(rest.substr(slash + 1));
    auto reader = context_.pool.read(db::Scope::tenant(execution_.tenant_id));
    const auto named = store::find_core(reader, execution_.tenant_id, slug);
    const bool foreign =
        named && named->tenant_slug && *named->tenant_slug != tenant && execution_.tenant_id != tenant;
    if (!named || foreign)
        return refuse("there is no Core " + target + " in this tenant");
    if (named->core_id == execution_.core_id ||
        std::ranges::find(execution_.chain, named->core_id) != execution_.chain.end())
        return refuse(target + " is being run already: Cores cannot call each other in a circle");
    if (execution_.chain.size() + 1 >= world_.limits.max_depth)
        return refuse("Cores call each other " + std::to_string(world_.limits.max_depth) + " deep at most");
    auto core = cores::find_runnable(context_, execution_.tenant_id, named->core_id);
    if (!core || !core->module)
        return refuse("there is no Core " + target + " in this tenant that can run");
    const std::string version = effect.request.member("version");
    if (!version.empty() && core->module->member("version") != version)
        return refuse(target + " has version " + core->module->member("version") + ", not " + version);
    return std::move(*core);
}

Outcome RunHost::call_core(const Effect& effect) {
    const auto fail = [&](const scai::Error& error) {
        std::string message = error.message;
        for (const auto& field : error.fields)
            message += (message.empty() ? "" : "; ") + field.path + " " + field.message;
        return keep(effect, scir::failed("core_call_failed", message));
    };
    const auto core = callee(effect);
    if (!core)
        return fail(core.error());
    const Value input = effect.request.get("input_bindings"), key = effect.request.get("instance_key");
    auto child = prepare(context_, execution_.tenant_id,
                         {.core_id = core->id,
                          .trigger = "",
                          .input = input,
                          .instance_key = key.is_null() || !key.present() ? ""
                                          : key.is_string()               ? *key.text()
                                                                          : key.dump(),
                          .caused_by = "execution:" + execution_.id,
                          .flow_name = effect.request.member("flow_name")},
                         *core);
    if (!child)
        return fail(child.error());
    child->parent_id = execution_.id;
    child->parent_path = effect.path;
    child->chain = execution_.chain;
    child->chain.push_back(execution_.core_id);
    if (!effect.request.get("is_async").boolean().value_or(false))
        return called(effect, std::move(*child), *core);
    // Not waited for: written down with the answer, and left to whoever looks for work.
    child->lease_token.clear();
    const Outcome outcome = scir::answered(Value::object({{"execution_id", child->id}}));
    const bool held = write(world_.limits.lease, [&](db::Tx& tx) {
        begin(tx, context_, *child, *core->module);
        store::add_answer(tx, execution_.tenant_id, execution_.id, effect.path, outcome);
    });
    return held ? outcome : stop(Stop::lost);
}

Outcome RunHost::called(const Effect& effect, Execution child, const cores::Runnable& core) {
    const auto timeout = timeout_of(effect, world_.limits.longest);
    const auto give_up = std::chrono::steady_clock::now() + world_.limits.instance_wait;
    for (;;) {
        Begun begun = Begun::known;
        bool known = false;
        const auto find = [&](db::Tx& tx) {
            known = store::find_called(tx, execution_, effect.path).has_value();
        };
        const auto start = [&](db::Tx& tx) {
            begun = known ? Begun::known : begin(tx, context_, child, *core.module);
        };
        if (!write(timeout + world_.limits.lease, start, find))
            return stop(Stop::lost);
        if (begun == Begun::known)
            return wait_for_called(effect);
        if (begun == Begun::begun)
            break;
        if (std::chrono::steady_clock::now() > give_up)
            return keep(effect, scir::failed("instance_busy", effect.request.member("target") +
                                                                  ": another run holds the instance"));
        std::this_thread::sleep_for(pause_for_called);
    }
    const State state = go_on(context_, child, core.module, {}, core.checkpoint_mode,
                              {.answer_by = time_.answer_by, .longest = timeout});
    if (state.status != "completed" && state.status != "failed") {
        waits_for_ = state.checkpoint_id;
        return wait_for_called(effect);
    }
    return keep(
        effect,
        outcome_of(
            {.id = state.execution_id, .status = state.status, .output = state.output, .error = state.error},
            effect.request.member("target")));
}

/// Suspends the run until the one it called has ended, unless that has happened by now.
Outcome RunHost::wait_for_called(const Effect& effect) {
    std::optional<Outcome> outcome;
    std::optional<store::Called> called;
    // Locked before the caller's row is: the called run wakes whom it finds suspended.
    const auto find = [&](db::Tx& tx) { called = store::find_called(tx, execution_, effect.path); };
    const auto settle = [&](db::Tx& tx) {
        outcome.reset();
        if (called && (called->status == "completed" || called->status == "failed")) {
            outcome = outcome_of(*called, effect.request.member("target"));
            store::add_answer(tx, execution_.tenant_id, execution_.id, effect.path, *outcome);
        } else {
            store::suspend(tx, execution_, progress());
        }
    };
    if (!write(world_.limits.lease, settle, find))
        return stop(Stop::lost);
    return outcome ? *outcome : stop(Stop::suspended);
}

} // namespace scaigrid::runs
