// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/closing.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/mirror/tenant.hpp"

#include <utility>

namespace scaiflow::mirror {

namespace {

using scai::db::Tx;

void say(std::vector<scai::directory::Message>& to, const char* level, const char* code, std::string text) {
    to.push_back({level, code, std::move(text)});
}

/// Fencing: while this transaction lives, no later run can close ours and start its own.
void hold(Tx& tx, const store::RunRow& run) {
    store::prepare_session(tx);
    if (!store::hold_run(tx, run.number))
        throw Stopped("another sweep has taken over");
}

void list_role_change(Tx& tx, const store::RunRow& run, const roles::Reconciled::Change& change) {
    const auto held =
        scai::json::Value::object({{"admin_role", "super_admin"}, {"admin_role_source", "group"}});
    const bool promoted = change.change == "promoted";
    store::list_role_change(tx, run,
                            {change.tenant_id, "role", change.user_id, change.change,
                             promoted ? scai::json::Value() : held, promoted ? held : scai::json::Value()});
}

void report_roles(const roles::Reconciled& roles, SweepResult& result) {
    result.super_admin_count = roles.super_admin_count;
    result.super_admins_group_promoted = roles.promoted;
    result.super_admins_group_demoted = roles.demoted;
    for (const auto& entry : roles.groups) {
        if (!entry.problem.empty())
            say(result.messages, "warning", "super_admin_group", entry.text);
    }
    for (const auto& pending : roles.pending_problems)
        say(result.messages, "warning", "pending_grant", pending.text);
    for (const auto& email : roles.pending_applied)
        say(result.messages, "info", "pending_grant_applied",
            "the grant waiting for " + email + " is applied");
    if (roles.kept_last_super_admin) {
        say(result.messages, "warning", "last_super_admin_kept",
            "the last super_admin has left SCAIFLOW_SUPER_ADMIN_GROUPS and is kept, so that somebody can "
            "still administrate; grant somebody else the role to let go of it: scaiflow-admin grant <email> "
            "--role super_admin");
    }
}

} // namespace

void remove_missing(Tx& tx, const store::RunRow& run, const scai::directory::Directory::Tenants& listed,
                    const Limits& limits, Closing& closing) {
    hold(tx, run);
    std::vector<std::string> present;
    for (const auto& tenant : listed.tenants)
        present.push_back(tenant.id);
    const auto missing = store::missing_tenants(tx, present);
    if (missing.empty())
        return;
    for (const std::string& tenant : missing)
        store::lock_mirror(tx, tenant);
    const std::string names = scai::join(missing, ", ");
    const auto tallies = store::tally_tenants(tx, missing, run);
    if (const auto stop = judge_missing_tenants(tallies, static_cast<std::int64_t>(present.size()), limits)) {
        closing.breaker = Breaker{stop->kind, stop->would_remove, stop->limit};
        for (const std::string& line : stop->lines) {
            say(closing.messages, "error", stop->kind == "deletes" ? "breaker" : "empty_upstream",
                line + " (" + names + ")");
        }
        return;
    }
    store::remove_tenants(tx, missing, run, closing.removed);
    say(closing.messages, "warning", "tenants_gone",
        "ScaiKey no longer lists these tenants, their users and groups are soft-deleted: " + names);
}

void reconcile_roles(Tx& tx, const store::RunRow& run, const std::string& run_id,
                     const roles::SuperAdminGroups& groups, Closing& closing) {
    hold(tx, run);
    roles::lock(tx);
    const auto moved = let_grants_follow(tx, run, run_id);
    closing.messages.insert(closing.messages.end(), moved.begin(), moved.end());
    closing.roles =
        roles::reconcile(tx, groups, {"sync:" + run_id, scai::json::Value::object({{"run_id", run_id}})});
    for (const auto& change : closing.roles->changes)
        list_role_change(tx, run, change);
}

std::vector<scai::directory::Message> let_grants_follow(Tx& tx, const store::RunRow& run,
                                                        const std::string& run_id) {
    std::vector<scai::directory::Message> messages;
    for (const auto& move : store::move_grants(tx, run, run_id)) {
        say(messages, "info", "role_moved",
            "user " + move.user_id + " moved from tenant " + move.from + " to " + move.to +
                " and keeps the " + move.source + " grant of " + move.role);
    }
    return messages;
}

void report(const Closing& closing, SweepResult& result) {
    sum(result.counters, closing.removed);
    result.breaker = closing.breaker;
    result.messages.insert(result.messages.end(), closing.messages.begin(), closing.messages.end());
    if (closing.roles)
        report_roles(*closing.roles, result);
}

void sum(Counters& total, const Counters& part) {
    total.users_seen += part.users_seen;
    total.users_added += part.users_added;
    total.users_undeleted += part.users_undeleted;
    total.users_soft_deleted += part.users_soft_deleted;
    total.users_updated += part.users_updated;
    total.users_unverified += part.users_unverified;
    total.groups_seen += part.groups_seen;
    total.groups_added += part.groups_added;
    total.groups_undeleted += part.groups_undeleted;
    total.groups_soft_deleted += part.groups_soft_deleted;
    total.groups_updated += part.groups_updated;
    total.memberships_seen += part.memberships_seen;
    total.memberships_added += part.memberships_added;
    total.memberships_soft_deleted += part.memberships_soft_deleted;
}

} // namespace scaiflow::mirror
