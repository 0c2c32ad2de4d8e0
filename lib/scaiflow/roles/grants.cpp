// Grants by hand: add, remove, and those that wait for their user. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/roles/store.hpp"

#include "lib/db/sql.hpp"
#include "lib/scaiflow/roles/active.hpp"

namespace scaiflow::roles {

namespace {

using scai::Error;
using scai::ErrorKind;
using scai::json::Value;

// The row is locked: a sweep that marks the user deleted at this moment comes before or after, not between.
constexpr char select_user[] = R"(
SELECT u.deleted_at IS NOT NULL, coalesce(u.admin_role, ''), coalesce(u.admin_role_source, ''),)";
constexpr char for_update[] = R"(
  FROM scaiflow.users u
 WHERE u.tenant_id = :p1 AND u.id = :p2
   FOR UPDATE)";
constexpr auto find_user = scai::db::joined<select_user, active_user, for_update>;

constexpr auto keeps_super_admin = R"(
SELECT EXISTS (SELECT FROM scaiflow.role_grants
                WHERE tenant_id = :p1 AND user_id = :p2 AND role = 'super_admin'
                  AND (source = 'group' OR role <> coalesce(:p3, role))))";

constexpr auto delete_grants = R"(
DELETE FROM scaiflow.role_grants
 WHERE tenant_id = :p1 AND user_id = :p2 AND source IN ('manual', 'bootstrap') AND role = coalesce(:p3, role)
RETURNING role, source)";

constexpr auto read_effective = R"(
SELECT coalesce(admin_role, ''), coalesce(admin_role_source, '') FROM scaiflow.users WHERE tenant_id = :p1 AND id = :p2)";

constexpr auto insert_pending = R"(
INSERT INTO scaiflow.pending_grants (email, tenant_id, role, source, requested_by)
VALUES (lower(:p1), :p2, :p3, :p4, :p5)
ON CONFLICT DO NOTHING
RETURNING id)";

constexpr auto cancel_grants = R"(
UPDATE scaiflow.pending_grants
   SET cancelled_at = now()
 WHERE email = lower(:p1) AND role = coalesce(:p2, role) AND applied_at IS NULL AND cancelled_at IS NULL
RETURNING coalesce(tenant_id, ''), role, source)";

Error not_found() {
    return Error{ErrorKind::not_found, "user_not_found", "no such user in the mirror", "", {}, {}, {}};
}

std::optional<Error> check_role(const std::string& role, const std::string& source) {
    if (role != "tenant_admin" && role != "super_admin")
        return Error{ErrorKind::unprocessable,
                     "invalid_role",
                     "role must be tenant_admin or super_admin",
                     "",
                     {{"body.role", "must be tenant_admin or super_admin"}},
                     {},
                     {}};
    if (source != "manual" && source != "bootstrap")
        return Error{
            ErrorKind::unprocessable, "invalid_source", "source must be manual or bootstrap", "", {}, {}, {}};
    return std::nullopt;
}

Value grant_json(const std::string& role, const std::string& source) {
    return Value::object({{"role", role}, {"source", source}});
}

} // namespace

scai::Status grant(scai::db::Tx& tx, const Target& target, const std::string& role, const Cause& cause,
                   const std::string& source) {
    if (auto problem = check_role(role, source))
        return *problem;
    lock(tx);
    const auto user =
        tx.maybe<bool, std::string, std::string, bool>(find_user, target.tenant_id, target.user_id);
    if (!user || std::get<0>(*user))
        return not_found();
    if (!store::add_grant(tx, target, role, source, cause.actor))
        return scai::Done{};
    store::refresh(tx, {target});
    store::audit(tx, cause,
                 {{target.tenant_id, "role.granted", "user", target.user_id,
                   store::effective_json(std::get<1>(*user), std::get<2>(*user)), grant_json(role, source)}});
    return scai::Done{};
}

scai::Result<Effective> revoke(scai::db::Tx& tx, const Target& target, const std::optional<std::string>& role,
                               const Cause& cause, bool force) {
    if (role)
        if (auto problem = check_role(*role, "manual"))
            return *problem;
    lock(tx);
    const auto user =
        tx.maybe<bool, std::string, std::string, bool>(find_user, target.tenant_id, target.user_id);
    if (!user)
        return not_found();
    const auto& [deleted, old_role, old_source, active] = *user;
    if (old_role == "super_admin" && active && !force && store::active_super_admins(tx) == 1 &&
        !tx.one<bool>(keeps_super_admin, target.tenant_id, target.user_id, role))
        return Error{ErrorKind::conflict,
                     "last_super_admin",
                     "this user is the last active super_admin",
                     "grant super_admin to somebody else first, or use scaiflow-admin revoke --force",
                     {},
                     {},
                     {}};
    const auto removed =
        tx.all<std::string, std::string>(delete_grants, target.tenant_id, target.user_id, role);
    store::refresh(tx, {target});
    const auto [new_role, new_source] =
        tx.one<std::string, std::string>(read_effective, target.tenant_id, target.user_id);
    std::vector<store::AuditRow> rows;
    rows.reserve(removed.size());
    for (const auto& [gone_role, gone_source] : removed)
        rows.push_back({target.tenant_id, "role.revoked", "user", target.user_id,
                        grant_json(gone_role, gone_source), store::effective_json(new_role, new_source)});
    store::audit(tx, cause, rows);
    return Effective{new_role, new_source};
}

scai::Status grant_pending(scai::db::Tx& tx, const std::string& email,
                           const std::optional<std::string>& tenant_id, const std::string& role,
                           const std::string& source, const Cause& cause) {
    if (auto problem = check_role(role, source))
        return *problem;
    const auto at = email.find('@');
    if (at == 0 || at == std::string::npos || at + 1 == email.size() || email.size() > 320 ||
        email.find_first_of(" \t\r\n") != std::string::npos)
        return Error{ErrorKind::unprocessable,
                     "invalid_email",
                     "not an e-mail address",
                     "",
                     {{"body.email", "must be an e-mail address"}},
                     {},
                     {}};
    lock(tx);
    const auto id = tx.maybe<std::int64_t>(insert_pending, email, tenant_id, role, source, cause.actor);
    if (id)
        store::audit(tx, cause,
                     {{tenant_id.value_or(""), "role.pending", "pending_grant", std::to_string(*id), nullptr,
                       Value::object({{"email", email}, {"role", role}, {"source", source}})}});
    return scai::Done{};
}

std::int64_t cancel_pending(scai::db::Tx& tx, const std::string& email,
                            const std::optional<std::string>& role, const Cause& cause) {
    lock(tx);
    std::vector<store::AuditRow> rows;
    for (const auto& [tenant, gone_role, source] :
         tx.all<std::string, std::string, std::string>(cancel_grants, email, role))
        rows.push_back({tenant, "role.pending_cancelled", "pending_grant", email,
                        Value::object({{"email", email}, {"role", gone_role}, {"source", source}}), nullptr});
    store::audit(tx, cause, rows);
    return static_cast<std::int64_t>(rows.size());
}

} // namespace scaiflow::roles
