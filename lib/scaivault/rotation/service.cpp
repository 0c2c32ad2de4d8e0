// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/rotation/service.hpp"

#include "lib/log/log.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/audit/journal.hpp"
#include "lib/scaivault/rotation/generators.hpp"
#include "lib/scaivault/rotation/tell.hpp"

#include <stdexcept>

namespace scaivault::rotation {

using scai::Result;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr std::chrono::seconds lease{300}; ///< a rotation in hand; afterwards another run takes it up
constexpr std::int64_t batch = 50;

Caller scheduler(const Schedule& schedule) {
    return system_caller("rotation-scheduler", schedule.tenant_id, schedule.partner_id);
}

audit::Entry audit_entry(const Caller& who, const Schedule& schedule, bool success) {
    audit::Entry out;
    out.tenant_id = schedule.tenant_id;
    out.action = "rotate";
    out.identity_type = who.identity_type;
    out.identity_id = who.identity_id;
    out.secret_path = schedule.path;
    out.source_ip = who.source_ip;
    out.user_agent = who.user_agent;
    out.request_id = who.request_id;
    out.success = success;
    out.extra =
        Value::object({{"rotation_policy_id", schedule.policy.id}, {"history_id", schedule.open_history}});
    return out;
}

} // namespace

scai::Error rotation_policy_not_found(std::string_view id) {
    return not_found("rotation_policy_not_found", "there is no such rotation policy",
                     Value::object({{"rotation_policy_id", id}}));
}

scai::Error not_linked(std::string_view path) {
    return not_found("rotation_policy_not_found", "the secret is not attached to this rotation policy",
                     Value::object({{"path", path}}));
}

Result<scai::SecretText> Rotator::new_value(const Caller& who, const Schedule& schedule,
                                            scai::UtcTime now) const {
    SCAI_TRY(const auto current, secrets::read(pool_, keyring_, schedule.tenant_id, who.partner_id,
                                               schedule.path, std::nullopt, now));
    scai::SecretText fresh;
    if (schedule.policy.secret_policy_id) {
        auto reader = pool_.read(Scope::tenant(schedule.tenant_id));
        SCAI_TRY(fresh, generate_from(reader, schedule.tenant_id, *schedule.policy.secret_policy_id, now));
    } else {
        const auto fields = Value::array({Value::object({{"name", "value"}, {"generator", "random"}})});
        SCAI_TRY(fresh, generate(fields, now));
        const auto name = only_member(current.data.reveal());
        if (name != "value") { // {"value":"..."} under the name the secret has
            const auto text = fresh.reveal();
            const auto colon = text.find(':');
            fresh = scai::SecretText("{" + Value(name).dump() + std::string(text.substr(colon)));
        }
    }
    // What the recipe does not make (a user name, a host) stays.
    return merged(current.data.reveal(), fresh.reveal());
}

HistoryItem Rotator::generate_and_write(const Caller& who, const Schedule& schedule,
                                        scai::UtcTime now) const {
    const auto attempt = [&]() -> Result<HistoryItem> {
        SCAI_TRY(auto value, new_value(who, schedule, now));
        SCAI_TRY([[maybe_unused]] const auto ready,
                 secrets::prepare(keyring_, schedule.tenant_id, who.partner_id));
        secrets::Write write;
        write.data = std::move(value);
        const secrets::Cause cause{.is_rotation = true,
                                   .rotation_policy_id = schedule.policy.id,
                                   .rotation_policy_name = schedule.policy.name,
                                   .grace_period = schedule.policy.grace_length,
                                   .auto_generated = true};
        return scai::db::in_tx(pool_, Scope::tenant(schedule.tenant_id), [&](Tx& tx) -> Result<HistoryItem> {
            const auto held = store::lock(tx, schedule.tenant_id, schedule.path);
            if (held && held->open_history == schedule.open_history) {
                SCAI_TRY(const auto written, secrets::write(tx, keyring_, who, schedule.tenant_id,
                                                            schedule.path, write, cause, now));
                store::close_history(tx, schedule.tenant_id, schedule.open_history, "success",
                                     written.info.version, "", now);
                store::advance(tx, *held, now);
                tell_completed(tx, who, *held, held->version, written.info.version, /*auto_generated=*/true);
                audit::write(tx, audit_entry(who, schedule, /*success=*/true));
            }
            // Else a write has closed it, or the secret is not linked any more: what it became stands.
            return *store::find_history(tx, schedule.tenant_id, schedule.open_history);
        });
    };
    auto result = attempt();
    if (result)
        return std::move(*result);
    fail(who, schedule, result.error(), now);
    auto reader = pool_.read(Scope::tenant(schedule.tenant_id));
    return *store::find_history(reader, schedule.tenant_id, schedule.open_history);
}

void Rotator::fail(const Caller& who, const Schedule& schedule, const scai::Error& error,
                   scai::UtcTime now) const {
    const auto code = error.code.empty() ? std::string("rotation_failed") : error.code;
    scai::log::warn("rotation_failed",
                    {{"tenant", schedule.tenant_id}, {"history", schedule.open_history}, {"code", code}});
    scai::db::in_tx(pool_, Scope::tenant(schedule.tenant_id), [&](Tx& tx) {
        auto held = store::lock(tx, schedule.tenant_id, schedule.path);
        if (!held || held->open_history != schedule.open_history)
            return;
        store::close_history(tx, schedule.tenant_id, schedule.open_history, "failed", std::nullopt,
                             code + ": " + error.message, now);
        ++held->failures;
        held->open_history.clear();
        const auto retry_at = now + retry_after(held->failures);
        store::save(tx, *held, retry_at);
        tell_failed(tx, who, *held, code, error.message, retry_at);
        audit::write(tx, audit_entry(who, schedule, /*success=*/false));
    });
}

Result<HistoryItem> Rotator::rotate(const Caller& who, std::string_view path, std::string_view policy_id,
                                    std::string_view cause, scai::UtcTime now) const {
    struct Begun {
        Schedule schedule;
        std::optional<HistoryItem> done; ///< the value comes from outside
    };
    auto begun = scai::db::in_tx(pool_, Scope::tenant(who.tenant_id), [&](Tx& tx) -> Result<Begun> {
        auto schedule = store::lock(tx, who.tenant_id, path);
        if (!schedule || (!policy_id.empty() && schedule->policy.id != policy_id))
            return not_linked(path);
        Begun out{std::move(*schedule), std::nullopt};
        const bool asks = !out.schedule.policy.auto_generate;
        if (out.schedule.open_history.empty() || !asks) { // what another began is abandoned: this one counts
            if (!out.schedule.open_history.empty())
                store::close_history(tx, who.tenant_id, out.schedule.open_history, "failed", std::nullopt,
                                     "superseded: rotation was asked for again", now);
            out.schedule.open_history = store::open_history(tx, out.schedule, cause, now);
        }
        if (asks) {
            tell_due(tx, who, out.schedule);
            out.schedule.due_sent = true;
        }
        store::save(tx, out.schedule, asks ? now : now + lease);
        if (asks)
            out.done = store::find_history(tx, who.tenant_id, out.schedule.open_history);
        return out;
    });
    if (!begun)
        return begun.error();
    if (begun->done)
        return std::move(*begun->done);
    return generate_and_write(who, begun->schedule, now);
}

bool Rotator::run_batch(scai::UtcTime now, Report& report, const std::function<bool()>& must_stop) const {
    struct Batch {
        std::size_t size = 0;
        std::vector<Schedule> rotations;
        Report done;
    };
    const auto found = scai::db::in_tx(pool_, Scope::all_tenants(), [&](Tx& tx) {
        Batch out;
        for (auto& schedule : store::lock_due(tx, now, batch)) {
            ++out.size;
            const auto who = scheduler(schedule);
            const auto step = next_step(schedule, now);
            auto look_at = step.look_at;
            switch (step.action) {
            case Action::nothing:
                break;
            case Action::warn:
                tell_warning(tx, who, schedule, threshold_text(schedule.policy, step.threshold));
                schedule.warned = step.threshold;
                ++out.done.warned;
                break;
            case Action::ask:
                if (schedule.open_history.empty())
                    schedule.open_history = store::open_history(tx, schedule, "schedule", now);
                tell_due(tx, who, schedule);
                schedule.due_sent = true;
                ++out.done.due;
                break;
            case Action::remind:
                tell_overdue(tx, who, schedule, now);
                schedule.overdue_sent = true;
                ++out.done.overdue;
                break;
            case Action::rotate: // what a killed run left open is taken up
                if (schedule.open_history.empty())
                    schedule.open_history = store::open_history(tx, schedule, "schedule", now);
                look_at = now + lease;
                out.rotations.push_back(schedule);
                break;
            }
            store::save(tx, schedule, look_at);
        }
        return out;
    });
    report.warned += found.done.warned;
    report.due += found.done.due;
    report.overdue += found.done.overdue;
    for (const auto& schedule : found.rotations) {
        if (must_stop())
            return false;
        const auto item = generate_and_write(scheduler(schedule), schedule, now);
        ++(item.status == "success" ? report.rotated : report.failed);
    }
    return found.size == static_cast<std::size_t>(batch);
}

Rotator::Report Rotator::run(scai::UtcTime now, const std::function<bool()>& must_stop) const {
    Report report;
    report.healed = scai::db::in_tx(pool_, Scope::all_tenants(), [&](Tx& tx) { return store::heal(tx); });
    while (!must_stop() && run_batch(now, report, must_stop)) {
    }
    return report;
}

} // namespace scaivault::rotation
