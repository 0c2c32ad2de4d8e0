// Roles: grants with sources, reconciliation of SCAIFLOW_SUPER_ADMIN_GROUPS, the last-super_admin guard,
// pending grants, "why has this user this role". Every change writes its audit row in the same transaction.
// Seeds 000 and 003. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaiflow::roles {

/// Who did it and because of what; lands in role_grants.granted_by and audit_log.
struct Cause {
    std::string actor;     ///< user id, "cli:<login>", "sync:<run id>", "webhook:<event id>"
    scai::json::Value why; ///< {"run_id"} | {"event_id"} | {"request_id"} | {"command"}
};

struct SuperAdminGroups {
    std::vector<std::string> entries; ///< SCAIFLOW_SUPER_ADMIN_GROUPS
    std::string home_tenant;          ///< SCAIFLOW_HOME_TENANT
};

struct Resolved {
    std::string entry, tenant_id, group_id; ///< ids "" when it did not resolve
    std::string problem;                    ///< "", unknown, ambiguous, home_tenant_required, deleted
    std::string text;                       ///< the line for the admin
};

/// A pending grant that cannot be applied yet although somebody has its e-mail.
struct PendingProblem {
    std::string email, problem; ///< ambiguous
    std::vector<std::string> tenants;
    std::string text; ///< the line for the admin
};

/// Serialises everything that changes roles, until the transaction ends. A transaction that writes users
/// before it reconciles takes this lock FIRST: otherwise it may deadlock with a grant.
void lock(scai::db::Tx& tx);

/// What each entry stands for in the mirror now. `reader` must have all-tenants scope.
std::vector<Resolved> resolve(scai::db::Reader& reader, const SuperAdminGroups& groups);

struct Reconciled {
    std::int64_t promoted = 0, demoted = 0, super_admin_count = 0;
    bool kept_last_super_admin = false;
    std::vector<Resolved> groups;
    std::vector<std::string> pending_applied; ///< e-mails
    std::vector<PendingProblem> pending_problems;
    struct Change {
        std::string tenant_id, user_id, change; ///< promoted | demoted
    };
    std::vector<Change> changes;
};

/// Names resolve only in the home tenant (id or slug); without one, only while exactly one tenant is
/// mirrored. Ids anywhere. Members of a frozen group (members_unknown_since) keep what they have; a group
/// whose row says deleted has no members. While an entry does not resolve, grants from groups that no entry
/// names are kept: one of them may be what the entry meant. Deleted users keep their grants but count for
/// nothing. Applies pending grants first. A dry run does the same and takes it back. `tx` must have
/// all-tenants scope. Idempotent; set-based; takes a transaction-level advisory lock, so concurrent
/// reconciliations queue up.
Reconciled reconcile(scai::db::Tx& tx, const SuperAdminGroups& groups, const Cause& cause,
                     bool dry_run = false);

struct Target {
    std::string tenant_id, user_id;
};

/// Whether reconcile() could change anything for this user: an open pending grant for the e-mail, a grant
/// from a group, or membership of a group whose id or name is listed. Asked by whoever changed one user only,
/// so that the many who are no administrators do not queue up for the lock. Errs towards yes.
bool concerns(scai::db::Reader& reader, const SuperAdminGroups& groups, const Target& target);

/// Adds a manual grant; idempotent. not_found when the user is unknown or deleted.
scai::Status grant(scai::db::Tx& tx, const Target& target, const std::string& role, const Cause& cause,
                   const std::string& source = "manual");
/// Removes manual and bootstrap grants (of `role`, or all); group grants stay. conflict "last_super_admin"
/// unless `force`. Returns what is still effective afterwards ("" or role/source), so the caller can say
/// "still super_admin through group X".
struct Effective {
    std::string role, source;
};
scai::Result<Effective> revoke(scai::db::Tx& tx, const Target& target, const std::optional<std::string>& role,
                               const Cause& cause, bool force = false);

/// For an e-mail nobody in the mirror has: kept until the user appears.
scai::Status grant_pending(scai::db::Tx& tx, const std::string& email,
                           const std::optional<std::string>& tenant_id, const std::string& role,
                           const std::string& source, const Cause& cause);

/// Cancels open pending grants of an e-mail (of `role`, or all); returns how many.
std::int64_t cancel_pending(scai::db::Tx& tx, const std::string& email,
                            const std::optional<std::string>& role, const Cause& cause);

/// {user, effective{role,source}, grants[{role,source,group{id,name},granted_by,granted_at}],
/// groups[{id,name,direct,path[]}],
///  super_admin_groups[{entry,tenant_id,group_id,problem,text}], pending[...], history[last audit rows]}
/// With a reader of one tenant, super_admin_groups holds only entries that stand for a group of that tenant.
std::optional<scai::json::Value> why(scai::db::Reader& reader, const Target& target,
                                     const SuperAdminGroups& groups);

} // namespace scaiflow::roles
