// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/roles/store.hpp"

#include "lib/db/sql.hpp"
#include "lib/scaiflow/roles/active.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace scaiflow::roles {

namespace {

using scai::json::Value;

constexpr auto take_lock = "SELECT pg_advisory_xact_lock(:p1::bigint)";

constexpr auto refresh_users = R"(
WITH wanted AS (
  SELECT k.tenant_id, k.user_id, e.role, e.source
    FROM (SELECT DISTINCT * FROM unnest(:p1::text[], :p2::text[]) AS t(tenant_id, user_id)) k
   CROSS JOIN LATERAL scaiflow.effective_grant(k.tenant_id, k.user_id) e),
stale AS (
  SELECT u.tenant_id, u.id, u.admin_role, u.admin_role_source, w.role, w.source
    FROM wanted w
    JOIN scaiflow.users u ON u.tenant_id = w.tenant_id AND u.id = w.user_id
   WHERE (u.admin_role, u.admin_role_source) IS DISTINCT FROM (w.role, w.source)
   ORDER BY u.tenant_id, u.id
     FOR UPDATE OF u)
UPDATE scaiflow.users u
   SET admin_role = s.role, admin_role_source = s.source
  FROM stale s
 WHERE u.tenant_id = s.tenant_id AND u.id = s.id
RETURNING u.tenant_id, u.id, coalesce(s.admin_role, ''), coalesce(s.admin_role_source, ''), coalesce(s.role, ''),
          coalesce(s.source, ''))";

constexpr auto count_active = scai::db::joined<count_super_admins, active_user>;

constexpr auto insert_grant = R"(
INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, granted_by)
VALUES (:p1, :p2, :p3, :p4, :p5)
ON CONFLICT DO NOTHING)";

constexpr auto insert_audit = R"(
INSERT INTO scaiflow.audit_log (tenant_id, actor, action, object_type, object_id, before, after, cause)
SELECT a.tenant_id, :p1, a.action, a.object_type, a.object_id, nullif(a.before, '')::jsonb, nullif(a.after, '')::jsonb,
       :p2::jsonb
  FROM unnest(:p3::text[], :p4::text[], :p5::text[], :p6::text[], :p7::text[], :p8::text[])
         WITH ORDINALITY AS a(tenant_id, action, object_type, object_id, before, after, n)
 ORDER BY a.n)";

} // namespace

void lock(scai::db::Tx& tx) {
    tx.run(take_lock, scai::db::lock_key("scaiflow/roles"));
}

namespace store {

std::vector<Shift> refresh(scai::db::Tx& tx, const std::vector<Target>& targets) {
    std::vector<std::string> tenants, users;
    for (const Target& target : targets) {
        tenants.push_back(target.tenant_id);
        users.push_back(target.user_id);
    }
    std::vector<Shift> out;
    for (auto& [tenant, user, old_role, old_source, new_role, new_source] :
         tx.all<std::string, std::string, std::string, std::string, std::string, std::string>(refresh_users,
                                                                                              tenants, users))
        out.push_back({{tenant, user}, old_role, old_source, new_role, new_source});
    return out;
}

std::int64_t active_super_admins(scai::db::Reader& reader) {
    return reader.one<std::int64_t>(count_active);
}

bool add_grant(scai::db::Tx& tx, const Target& target, std::string_view role, std::string_view source,
               std::string_view granted_by) {
    return tx.run(insert_grant, target.tenant_id, target.user_id, role, source, granted_by) != 0;
}

void audit(scai::db::Tx& tx, const Cause& cause, const std::vector<AuditRow>& rows) {
    if (rows.empty())
        return;
    std::vector<std::string> tenants, actions, types, objects, befores, afters;
    for (const AuditRow& row : rows) {
        tenants.push_back(row.tenant_id);
        actions.push_back(row.action);
        types.push_back(row.object_type);
        objects.push_back(row.object_id);
        befores.push_back(row.before.present() && !row.before.is_null() ? row.before.dump() : "");
        afters.push_back(row.after.present() && !row.after.is_null() ? row.after.dump() : "");
    }
    const std::string why = cause.why.present() ? cause.why.dump() : "{}";
    tx.run(insert_audit, cause.actor, why, tenants, actions, types, objects, befores, afters);
}

Value effective_json(const std::string& role, const std::string& source) {
    if (role.empty())
        return nullptr;
    return Value::object({{"role", role}, {"source", source}});
}

Value parsed(const std::string& text) {
    auto value = scai::json::parse(text);
    if (!value)
        throw std::logic_error("the database made no JSON");
    return std::move(value).value();
}

} // namespace store

} // namespace scaiflow::roles
