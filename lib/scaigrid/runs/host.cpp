// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/host.hpp"

#include "lib/scaigrid/checkpoints/store.hpp"
#include "lib/scaigrid/llm/answer.hpp"
#include "lib/scaigrid/runs/ids.hpp"
#include "lib/scaigrid/runs/payload.hpp"
#include "lib/scaigrid/runs/queue_calls.hpp"
#include "lib/scaigrid/runs/world.hpp"
#include "lib/scir/answers.hpp"

#include <thread>

namespace scaigrid::runs {

namespace db = scai::db;
namespace scir = scai::scir;
using scai::json::Value;
using scir::Effect;
using scir::EffectKind;
using scir::Outcome;

namespace {
constexpr std::chrono::milliseconds queue_pause{250};
} // namespace

RunHost::RunHost(Context& context, Execution& execution, const Module& module, Answers answers,
                 std::string checkpoint_mode, Time time)
    : context_(context), world_(*context.runs), execution_(execution), module_(module),
      answers_(std::move(answers)), checkpoint_mode_(std::move(checkpoint_mode)), time_(time) {}

Outcome RunHost::call(const Effect& effect) {
    ++calls_;
    if (stop_ != Stop::none)
        return scir::suspended();
    if (const auto found = answers_.find(effect.path); found != answers_.end()) {
        if (effect.kind == EffectKind::plugin)
            replay_files({execution_, *module_, effect}, files_);
        return found->second;
    }
    if (context_.clock->now() > time_.answer_by)
        return stop(Stop::handed_over);
    switch (effect.kind) {
    case EffectKind::llm:
        return llm(effect);
    case EffectKind::plugin:
        return plugin(effect);
    case EffectKind::checkpoint:
        return checkpoint(effect);
    case EffectKind::core_call:
        break;
    }
    return call_core(effect);
}

void RunHost::event(const scir::Event& event) {
    // What was told before the run was suspended is not told again: events come in the same order.
    if (++seen_ > execution_.events_reported)
        pending_.push_back(block_event(execution_, event, context_.clock->now()));
}

Outcome RunHost::stop(Stop why) {
    stop_ = why;
    return scir::suspended();
}

std::vector<events::Event> RunHost::take_events() {
    return std::exchange(pending_, {});
}

store::Progress RunHost::progress(std::int64_t steps) const {
    return {.events = std::max(seen_, execution_.events_reported), .steps = steps};
}

bool RunHost::write(std::chrono::milliseconds lease, const std::function<void(db::Tx&)>& work,
                    const std::function<void(db::Tx&)>& first) {
    const std::int64_t reported = progress().events;
    const bool held = db::in_tx(context_.pool, db::Scope::tenant(execution_.tenant_id), [&](db::Tx& tx) {
        Execution told = execution_;
        told.events_reported = reported;
        if (first)
            first(tx);
        if (!store::hold(tx, told, lease))
            return false;
        if (work)
            work(tx);
        events::append(tx, execution_.tenant_id, pending_);
        return true;
    });
    if (held) {
        execution_.events_reported = reported;
        pending_.clear();
    }
    return held;
}

bool RunHost::before(std::chrono::milliseconds longest) {
    return write(longest + world_.limits.lease, {});
}

Outcome RunHost::keep(const Effect& effect, Outcome outcome) {
    const bool held = write(world_.limits.lease, [&](db::Tx& tx) {
        store::add_answer(tx, execution_.tenant_id, execution_.id, effect.path, outcome);
    });
    return held ? outcome : stop(Stop::lost);
}

Outcome RunHost::llm(const Effect& effect) {
    llm::Provider& provider = *world_.llm;
    if (!provider.echo() && !before(2 * provider.longest(effect.request.get("models").size())))
        return stop(Stop::lost);
    return keep(effect, llm::answer(provider, effect.request));
}

Outcome RunHost::plugin(const Effect& effect) {
    const PluginCall call{execution_, *module_, effect};
    if (is_remote(call)) {
        if (!before(time_limit(call)))
            return stop(Stop::lost);
        return keep(effect, call_remote(*context_.http, call, world_.limits.allow_private));
    }
    const auto wait = std::min(queue_wait(call), world_.limits.queue_wait);
    const auto give_up = std::chrono::steady_clock::now() + wait;
    const std::size_t told = pending_.size();
    for (;;) {
        Outcome outcome;
        Files files;
        bool nothing_yet = false;
        const auto ask = [&](db::Tx& tx) {
            files = files_;
            pending_.resize(std::min(told, pending_.size())); // of an attempt before this one
            outcome = call_local(tx, *context_.clock, call, files, pending_);
            nothing_yet = wait.count() > 0 && outcome.kind == Outcome::Kind::value &&
                          outcome.value.get("messages").size() == 0 &&
                          std::chrono::steady_clock::now() < give_up;
            if (!nothing_yet)
                store::add_answer(tx, execution_.tenant_id, execution_.id, effect.path, outcome);
        };
        if (!write(world_.limits.lease, ask))
            return stop(Stop::lost);
        files_ = std::move(files);
        if (!nothing_yet)
            return outcome;
        if (context_.clock->now() > time_.answer_by)
            return stop(Stop::handed_over);
        std::this_thread::sleep_for(queue_pause);
    }
}

Outcome RunHost::checkpoint(const Effect& effect) {
    checkpoints::Checkpoint row{.id = make_uuid(),
                                .core_id = execution_.core_id,
                                .execution_id = execution_.id,
                                .path = effect.path,
                                .node_id = effect.node_id,
                                .flow_name = module_->get("flows").at(0).member("name"),
                                .block_index = calls_ - 1,
                                .instance_key = execution_.instance_key,
                                .request = effect.request};
    const bool routed = effect.request.get("hitl_target").is_object();
    std::optional<Outcome> unrouted, refused;
    if (checkpoint_mode_ == "routed" && !routed && row.assignee().type == "unrouted") {
        unrouted = scir::failed("checkpoint_cancelled", "the Core pauses only for somebody: no assignee");
        row.status = "cancelled";
    }
    const bool held = write(world_.limits.lease, [&](db::Tx& tx) {
        std::optional<std::string> message_id;
        refused = unrouted;
        if (routed) {
            auto published = publish_review(tx, execution_, row);
            if (published)
                message_id = *published;
            else
                refused = scir::failed("checkpoint_failed",
                                       "the review cannot be queued: " + published.error().message);
        }
        if (!refused || unrouted)
            checkpoints::store::insert(tx, execution_.tenant_id, row);
        if (message_id)
            checkpoints::store::set_message(tx, execution_.tenant_id, row.id, *message_id);
        if (refused)
            store::add_answer(tx, execution_.tenant_id, execution_.id, effect.path, *refused);
        else
            store::suspend(tx, execution_, progress());
    });
    if (!held)
        return stop(Stop::lost);
    if (refused)
        return *refused;
    waits_for_ = row.id;
    return stop(Stop::suspended);
}

State RunHost::conclude(const scir::RunResult& result) {
    State state{.execution_id = execution_.id, .status = "running"};
    const auto now = context_.clock->now();
    state.duration_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - execution_.started_at).count();
    if (stop_ == Stop::lost)
        return state;
    if (stop_ == Stop::suspended) {
        state.status = "suspended";
        state.checkpoint_id = waits_for_;
        return state;
    }
    const auto scope = db::Scope::tenant(execution_.tenant_id);
    if (stop_ == Stop::handed_over) {
        db::in_tx(context_.pool, scope, [&](db::Tx& tx) {
            if (store::hand_over(tx, execution_, progress(result.steps)))
                events::append(tx, execution_.tenant_id, pending_);
        });
        return state;
    }
    const bool failed = result.status == scir::RunResult::Status::failed;
    if (failed)
        state.error = Value::object(
            {{"code", result.error_code},
             {"message", result.error_message},
             {"node_id", result.error_node_id.empty() ? Value(nullptr) : Value(result.error_node_id)}});
    else
        state.output = result.output.present() ? result.output : Value(nullptr);
    pending_.push_back(ended_event(execution_, state.output, state.error, now));
    const bool settled = db::in_tx(context_.pool, scope, [&](db::Tx& tx) {
        if (!store::finish(tx, execution_, progress(result.steps), state.output, state.error))
            return false;
        events::append(tx, execution_.tenant_id, pending_);
        return true;
    });
    if (!settled)
        return {.execution_id = execution_.id, .status = "running", .duration_ms = state.duration_ms};
    state.status = failed ? "failed" : "completed";
    return state;
}

} // namespace scaigrid::runs
