// Reconciliation: one query finds what group grants are missing or too many; in the steady state it finds
// nothing and nothing is written. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/roles/store.hpp"

#include "lib/db/sql.hpp"
#include "lib/scaiflow/roles/active.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace scaiflow::roles {

namespace {

using scai::json::Value;
using store::AuditRow;
using store::Shift;

// Open pending grants and whom their e-mail means now. With a home tenant an unpinned grant waits for it.
constexpr auto match_pending = R"(
SELECT p.id, p.email, p.role, p.source, p.requested_by, u.tenant_id, u.id
  FROM scaiflow.pending_grants p
  JOIN scaiflow.users u ON lower(u.email) = p.email AND u.deleted_at IS NULL
   AND u.tenant_id = coalesce(p.tenant_id, nullif(:p1, ''), u.tenant_id)
 WHERE p.applied_at IS NULL AND p.cancelled_at IS NULL
 ORDER BY p.id, u.tenant_id, u.id)";

constexpr auto find_home_tenant = R"(
SELECT id FROM scaiflow.tenants WHERE id = :p1 OR slug = :p1 ORDER BY id = :p1 DESC, id LIMIT 1)";

constexpr auto settle_pending = R"(
UPDATE scaiflow.pending_grants
   SET applied_at = now(), applied_tenant = :p2, applied_user = :p3
 WHERE id = :p1::bigint)";

// p1, p2: the groups that count. p3: every entry resolved, so a grant from another group is really too many.
// Grants of deleted users stay; members of frozen groups keep what they have and nobody joins them.
constexpr auto diff = R"(
WITH listed AS MATERIALIZED (SELECT DISTINCT * FROM unnest(:p1::text[], :p2::text[]) AS l(tenant_id, group_id)),
live AS MATERIALIZED (
  SELECT l.tenant_id, l.group_id
    FROM listed l
    JOIN scaiflow.groups g ON g.tenant_id = l.tenant_id AND g.id = l.group_id
   WHERE g.deleted_at IS NULL AND g.members_unknown_since IS NULL),
wanted AS (
  SELECT m.tenant_id, m.user_id, m.group_id
    FROM live l
    JOIN scaiflow.memberships m ON m.tenant_id = l.tenant_id AND m.group_id = l.group_id AND m.deleted_at IS NULL
    JOIN scaiflow.users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id AND u.deleted_at IS NULL),
held AS (
  SELECT r.tenant_id, r.user_id, r.group_id, r.granted_by, r.granted_at
    FROM scaiflow.role_grants r
    JOIN scaiflow.users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id AND u.deleted_at IS NULL
   WHERE r.source = 'group' AND r.role = 'super_admin')
SELECT true, w.tenant_id, w.user_id, w.group_id, '', ''
  FROM wanted w
 WHERE NOT EXISTS (SELECT FROM held h
                    WHERE h.tenant_id = w.tenant_id AND h.user_id = w.user_id AND h.group_id = w.group_id)
 UNION ALL
SELECT false, h.tenant_id, h.user_id, h.group_id, h.granted_by, h.granted_at::text
  FROM held h
 WHERE (EXISTS (SELECT FROM live l WHERE l.tenant_id = h.tenant_id AND l.group_id = h.group_id)
        AND NOT EXISTS (SELECT FROM wanted w
                         WHERE w.tenant_id = h.tenant_id AND w.user_id = h.user_id AND w.group_id = h.group_id))
    OR EXISTS (SELECT FROM scaiflow.groups g
                WHERE g.tenant_id = h.tenant_id AND g.id = h.group_id AND g.deleted_at IS NOT NULL)
    OR (:p3::boolean AND NOT EXISTS (SELECT FROM listed l
                                      WHERE l.tenant_id = h.tenant_id AND l.group_id = h.group_id))
 ORDER BY 2, 3, 4)";

constexpr auto add_group_grants = R"(
INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, group_id, granted_by)
SELECT t.tenant_id, t.user_id, 'super_admin', 'group', t.group_id, :p4
  FROM unnest(:p1::text[], :p2::text[], :p3::text[]) AS t(tenant_id, user_id, group_id)
ON CONFLICT DO NOTHING)";

constexpr auto remove_group_grants = R"(
DELETE FROM scaiflow.role_grants r
 USING unnest(:p1::text[], :p2::text[], :p3::text[]) AS t(tenant_id, user_id, group_id)
 WHERE r.tenant_id = t.tenant_id AND r.user_id = t.user_id AND r.role = 'super_admin' AND r.source = 'group'
   AND r.group_id = t.group_id)";

// Who of these was an active super_admin longest: the one the guard keeps.
constexpr char choose_keeper_among[] = R"(
SELECT t.n
  FROM unnest(:p1::text[], :p2::text[], :p3::text[]) WITH ORDINALITY AS t(tenant_id, user_id, granted_at, n)
  JOIN scaiflow.users u ON u.tenant_id = t.tenant_id AND u.id = t.user_id
 WHERE)";
constexpr char longest_first[] = R"(
 ORDER BY t.granted_at::timestamptz, t.tenant_id, t.user_id
 LIMIT 1)";
constexpr auto choose_keeper = scai::db::joined<choose_keeper_among, active_user, longest_first>;

constexpr auto restore_grant = R"(
INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, group_id, granted_by, granted_at)
VALUES (:p1, :p2, 'super_admin', 'group', :p3, :p4, :p5::timestamptz))";

// The guard speaks once, not on every run.
constexpr auto already_kept = R"(
SELECT action = 'role.kept_last_super_admin'
  FROM scaiflow.audit_log
 WHERE tenant_id = :p1 AND object_type = 'user' AND object_id = :p2 AND action LIKE 'role.%'
 ORDER BY id DESC
 LIMIT 1)";

constexpr auto ask_concerns = R"(
SELECT EXISTS (SELECT FROM scaiflow.users u
                 JOIN scaiflow.pending_grants p ON p.email = lower(u.email)
                WHERE u.tenant_id = :p1 AND u.id = :p2 AND p.applied_at IS NULL AND p.cancelled_at IS NULL)
    OR EXISTS (SELECT FROM scaiflow.role_grants r
                WHERE r.tenant_id = :p1 AND r.user_id = :p2 AND r.source = 'group')
    OR EXISTS (SELECT FROM scaiflow.memberships m
                 LEFT JOIN scaiflow.groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
                WHERE m.tenant_id = :p1 AND m.user_id = :p2 AND m.deleted_at IS NULL
                  AND (m.group_id = ANY (:p3::text[]) OR g.name = ANY (:p3::text[]))))";

struct GroupGrant {
    Target target;
    std::string group_id, granted_by, granted_at;
};

struct Columns {
    std::vector<std::string> tenants, users, groups, since;
};
Columns columns(const std::vector<GroupGrant>& grants) {
    Columns out;
    for (const GroupGrant& grant : grants) {
        out.tenants.push_back(grant.target.tenant_id);
        out.users.push_back(grant.target.user_id);
        out.groups.push_back(grant.group_id);
        out.since.push_back(grant.granted_at);
    }
    return out;
}

using UserKey = std::pair<std::string, std::string>;

class Reconciliation {
public:
    Reconciliation(scai::db::Tx& tx, const SuperAdminGroups& groups, const Cause& cause)
        : tx_(tx), groups_(groups), cause_(cause) {}

    Reconciled run() {
        apply_pending();
        out_.groups = resolve(tx_, groups_);
        find_differences();
        if (!add_.empty() || !remove_.empty())
            apply_differences();
        out_.super_admin_count = store::active_super_admins(tx_);
        return std::move(out_);
    }

private:
    struct PendingMatch {
        std::int64_t id;
        std::string email, role, source, requested_by;
        std::vector<Target> targets;
    };

    void apply_pending() {
        std::string home;
        if (!groups_.home_tenant.empty())
            home =
                tx_.maybe<std::string>(find_home_tenant, groups_.home_tenant).value_or(groups_.home_tenant);
        std::vector<PendingMatch> pending;
        for (auto& [id, email, role, source, by, tenant, user] :
             tx_.all<std::int64_t, std::string, std::string, std::string, std::string, std::string,
                     std::string>(match_pending, home)) {
            if (pending.empty() || pending.back().id != id)
                pending.push_back({id, email, role, source, by, {}});
            pending.back().targets.push_back({tenant, user});
        }
        for (const PendingMatch& match : pending) {
            if (match.targets.size() > 1)
                report_ambiguous(match);
            else
                apply_one(match, match.targets.front());
        }
    }

    void report_ambiguous(const PendingMatch& match) {
        PendingProblem problem;
        problem.email = match.email;
        problem.problem = "ambiguous";
        problem.text = "pending grant of " + match.role + " to " + match.email +
                       " was not applied: the e-mail belongs to";
        for (const Target& target : match.targets) {
            problem.text += (problem.tenants.empty() ? " " : ", ") + target.tenant_id + "/" + target.user_id;
            problem.tenants.push_back(target.tenant_id);
        }
        problem.text += "; say which with: scaiflow-admin grant " + match.email + " --role " + match.role +
                        " --tenant ID";
        out_.pending_problems.push_back(std::move(problem));
    }

    void apply_one(const PendingMatch& match, const Target& target) {
        store::add_grant(tx_, target, match.role, match.source, match.requested_by);
        tx_.run(settle_pending, match.id, target.tenant_id, target.user_id);
        Value before = nullptr;
        for (const Shift& shift : store::refresh(tx_, {target}))
            before = store::effective_json(shift.old_role, shift.old_source);
        store::audit(tx_, cause_,
                     {{target.tenant_id, "role.granted", "user", target.user_id, before,
                       Value::object({{"role", match.role},
                                      {"source", match.source},
                                      {"pending_grant", match.id},
                                      {"requested_by", match.requested_by}})}});
        out_.pending_applied.push_back(match.email);
    }

    void find_differences() {
        std::vector<std::string> tenants, groups;
        bool all_resolved = true;
        for (const Resolved& entry : out_.groups) {
            if (!entry.group_id.empty()) {
                tenants.push_back(entry.tenant_id);
                groups.push_back(entry.group_id);
            } else {
                all_resolved = false;
            }
        }
        for (auto& [adding, tenant, user, group, by, at] :
             tx_.all<bool, std::string, std::string, std::string, std::string, std::string>(
                 diff, tenants, groups, all_resolved))
            (adding ? add_ : remove_).push_back({{tenant, user}, group, by, at});
    }

    void apply_differences() {
        const auto active_before = store::active_super_admins(tx_);
        const Columns removed = columns(remove_);
        const Columns added = columns(add_);
        tx_.run(remove_group_grants, removed.tenants, removed.users, removed.groups);
        tx_.run(add_group_grants, added.tenants, added.users, added.groups, cause_.actor);
        std::vector<Target> touched;
        for (const auto* list : {&remove_, &add_})
            for (const GroupGrant& grant : *list)
                touched.push_back(grant.target);
        std::map<UserKey, Shift> shifts;
        for (Shift& shift : store::refresh(tx_, touched))
            shifts.emplace(UserKey(shift.target.tenant_id, shift.target.user_id), shift);
        if (active_before > 0 && store::active_super_admins(tx_) == 0)
            keep_last(shifts);
        report(shifts);
    }

    /// Gives the longest-serving one his grant back: a sync never leaves the platform without a super_admin.
    void keep_last(std::map<UserKey, Shift>& shifts) {
        const Columns removed = columns(remove_);
        const auto chosen =
            tx_.maybe<std::int64_t>(choose_keeper, removed.tenants, removed.users, removed.since);
        if (!chosen)
            return;
        const auto index = static_cast<std::size_t>(*chosen - 1);
        const GroupGrant keeper = remove_[index];
        remove_.erase(remove_.begin() + static_cast<std::ptrdiff_t>(index));
        tx_.run(restore_grant, keeper.target.tenant_id, keeper.target.user_id, keeper.group_id,
                keeper.granted_by, keeper.granted_at);
        store::refresh(tx_, {keeper.target});
        shifts.erase(UserKey(keeper.target.tenant_id, keeper.target.user_id));
        out_.kept_last_super_admin = true;
        if (tx_.maybe<bool>(already_kept, keeper.target.tenant_id, keeper.target.user_id).value_or(false))
            return;
        const Value grant =
            Value::object({{"role", "super_admin"}, {"source", "group"}, {"group_id", keeper.group_id}});
        store::audit(tx_, cause_,
                     {{keeper.target.tenant_id, "role.kept_last_super_admin", "user", keeper.target.user_id,
                       grant, grant}});
    }

    void report(const std::map<UserKey, Shift>& shifts) {
        std::vector<AuditRow> rows;
        std::set<UserKey> told;
        const auto tell = [&](const std::vector<GroupGrant>& grants, const char* plain, const char* moved) {
            for (const GroupGrant& grant : grants) {
                const UserKey key(grant.target.tenant_id, grant.target.user_id);
                const auto shift = shifts.find(key);
                const bool to = shift != shifts.end() && shift->second.new_role == "super_admin";
                const bool from = shift != shifts.end() && shift->second.old_role == "super_admin";
                const bool changes_role = shift != shifts.end() && to != from && told.insert(key).second;
                Value before = shift == shifts.end()
                                   ? Value(nullptr)
                                   : store::effective_json(shift->second.old_role, shift->second.old_source);
                Value after = Value::object({{"grant", Value::object({{"role", "super_admin"},
                                                                      {"source", "group"},
                                                                      {"group_id", grant.group_id}})}});
                if (shift != shifts.end())
                    after.set("effective",
                              store::effective_json(shift->second.new_role, shift->second.new_source));
                rows.push_back({key.first, changes_role ? moved : plain, "user", key.second,
                                std::move(before), std::move(after)});
                if (changes_role) {
                    out_.changes.push_back({key.first, key.second, to ? "promoted" : "demoted"});
                    ++(to ? out_.promoted : out_.demoted);
                }
            }
        };
        tell(remove_, "role.revoked", "role.demoted");
        tell(add_, "role.granted", "role.promoted");
        store::audit(tx_, cause_, rows);
    }

    scai::db::Tx& tx_;
    const SuperAdminGroups& groups_;
    const Cause& cause_;
    std::vector<GroupGrant> add_, remove_;
    Reconciled out_;
};

} // namespace

bool concerns(scai::db::Reader& reader, const SuperAdminGroups& groups, const Target& target) {
    return reader.one<bool>(ask_concerns, target.tenant_id, target.user_id, groups.entries);
}

Reconciled reconcile(scai::db::Tx& tx, const SuperAdminGroups& groups, const Cause& cause, bool dry_run) {
    lock(tx);
    if (!dry_run)
        return Reconciliation(tx, groups, cause).run();
    tx.script("SAVEPOINT roles_dry_run");
    Reconciled out = Reconciliation(tx, groups, cause).run();
    tx.script("ROLLBACK TO SAVEPOINT roles_dry_run");
    tx.script("RELEASE SAVEPOINT roles_dry_run");
    return out;
}

} // namespace scaiflow::roles
