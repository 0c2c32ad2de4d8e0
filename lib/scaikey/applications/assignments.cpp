// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/applications/assignments.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/directory/events.hpp"

namespace scaikey::applications {

using scai::Done;
using scai::Result;
using scai::Status;
using scai::db::Pool;
using scai::db::Reader;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr const char* application_sql = R"(
SELECT a.id, a.assign_all_users
  FROM scaikey.applications a
 WHERE (a.id = :p1 OR (:p1 = 'me' AND a.client_id = :p2))
   AND a.deleted_at IS NULL
   AND (a.scope = 'GLOBAL' OR a.tenant_id = :p3 OR a.partner_id = nullif(:p4, '')))";

constexpr const char* user_live_sql = R"(
SELECT u.id
  FROM scaikey.users u
 WHERE u.id = :p1 AND u.tenant_id = :p2 AND u.deleted_at IS NULL)";
constexpr const char* user_lock_sql = R"(
SELECT u.id
  FROM scaikey.users u
 WHERE u.id = :p1 AND u.tenant_id = :p2 AND u.deleted_at IS NULL
   FOR SHARE)";
constexpr const char* group_live_sql = R"(
SELECT g.id
  FROM scaikey.groups g
 WHERE g.id = :p1 AND g.tenant_id = :p2 AND g.deleted_at IS NULL)";
constexpr const char* group_lock_sql = R"(
SELECT g.id
  FROM scaikey.groups g
 WHERE g.id = :p1 AND g.tenant_id = :p2 AND g.deleted_at IS NULL
   FOR SHARE)";

constexpr const char* assigned_sql = R"(
SELECT coalesce(json_agg(json_build_object('application_id', a.id, 'client_id', a.client_id, 'name', a.name,
           'application_type', a.application_type, 'scope', a.scope, 'assigned_at', scaikey.iso(m.assigned_at))
           ORDER BY a.id)::text, '[]')
  FROM scaikey.app_assignments m
  JOIN scaikey.applications a ON a.id = m.application_id AND a.deleted_at IS NULL
 WHERE m.tenant_id = :p1 AND m.principal_id = :p2)";

constexpr const char* assign_sql = R"(
INSERT INTO scaikey.app_assignments (tenant_id, application_id, principal_id, principal_type, assigned_at)
VALUES (:p1, :p2, :p3, :p4, clock_timestamp())
    ON CONFLICT (tenant_id, application_id, principal_id) DO NOTHING)";

constexpr const char* one_assignment_sql = R"(
SELECT json_build_object('tenant_id', m.tenant_id, 'application_id', m.application_id,
           'user_id', CASE WHEN m.principal_type = 'user' THEN m.principal_id END,
           'group_id', CASE WHEN m.principal_type = 'group' THEN m.principal_id END,
           'assigned_at', scaikey.iso(m.assigned_at))::text
  FROM scaikey.app_assignments m
 WHERE m.tenant_id = :p1 AND m.application_id = :p2 AND m.principal_id = :p3)";

constexpr const char* unassign_sql = R"(
DELETE FROM scaikey.app_assignments m
 WHERE m.tenant_id = :p1 AND m.application_id = :p2 AND m.principal_id = :p3 AND m.principal_type = :p4)";

constexpr const char* assignees_sql = R"(
SELECT json_build_object(
    'users', (SELECT coalesce(json_agg(json_build_object('id', u.id, 'email', u.email, 'display_name', u.display_name,
                         'status', u.status, 'assigned_at', scaikey.iso(m.assigned_at)) ORDER BY u.id), '[]'::json)
                FROM scaikey.app_assignments m
                JOIN scaikey.users u ON u.id = m.principal_id
               WHERE m.tenant_id = :p1 AND m.application_id = :p2 AND m.principal_type = 'user'),
    'groups', (SELECT coalesce(json_agg(json_build_object('id', g.id, 'name', g.name, 'member_count', g.member_count,
                          'assigned_at', scaikey.iso(m.assigned_at)) ORDER BY g.id), '[]'::json)
                 FROM scaikey.app_assignments m
                 JOIN scaikey.groups g ON g.id = m.principal_id
                WHERE m.tenant_id = :p1 AND m.application_id = :p2 AND m.principal_type = 'group'))::text)";

const char* type_name(PrincipalType type) {
    return type == PrincipalType::user ? "user" : "group";
}

/// Tenant within reach, application usable there, principal alive there.
struct Place {
    TenantRef tenant;
    ApplicationRef application;
};

Status principal_exists(Reader& reader, PrincipalType type, const std::string& id, const std::string& tenant,
                        bool lock) {
    const bool user = type == PrincipalType::user;
    const auto found = user ? (lock ? reader.maybe<std::string>(user_lock_sql, id, tenant)
                                    : reader.maybe<std::string>(user_live_sql, id, tenant))
                            : (lock ? reader.maybe<std::string>(group_lock_sql, id, tenant)
                                    : reader.maybe<std::string>(group_live_sql, id, tenant));
    if (!found)
        return not_found(user ? "User" : "Group");
    return Done{};
}

Result<Place> find_place(Reader& reader, const Caller& by, const std::string& tenant_id, PrincipalType type,
                         const std::string& principal_id, const std::string& application_id) {
    SCAI_TRY(auto tenant, find_tenant_ref(reader, by.reach, tenant_id));
    SCAI_TRY([[maybe_unused]] auto exists,
             principal_exists(reader, type, principal_id, tenant.id, /*lock=*/true));
    SCAI_TRY(auto application, find_for_tenant(reader, by, tenant, application_id));
    return Place{std::move(tenant), std::move(application)};
}

} // namespace

Result<ApplicationRef> find_for_tenant(Reader& reader, const Caller& by, const TenantRef& tenant,
                                       const std::string& id) {
    auto row =
        reader.maybe<std::string, bool>(application_sql, id, by.client_id, tenant.id, tenant.partner_id);
    if (!row)
        return not_found("Application");
    return ApplicationRef{std::get<0>(std::move(*row)), std::get<1>(*row)};
}

Result<std::string> assigned_to(Pool& pool, const Caller& by, const std::string& tenant_id,
                                PrincipalType type, const std::string& principal_id) {
    auto reader = pool.read(scope_of(by.reach));
    SCAI_TRY(const auto tenant, find_tenant_ref(reader, by.reach, tenant_id));
    SCAI_TRY([[maybe_unused]] auto exists,
             principal_exists(reader, type, principal_id, tenant.id, /*lock=*/false));
    return reader.one<std::string>(assigned_sql, tenant.id, principal_id);
}

Result<Assigned> assign(Pool& pool, const Caller& by, const std::string& tenant_id, PrincipalType type,
                        const std::string& principal_id, const Value& body) {
    scai::json::Fields fields(body, "body");
    const auto application_id = fields.text("application_id", {.max = 64});
    if (auto error = fields.error())
        return *error;
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Result<Assigned> {
        SCAI_TRY(const auto place, find_place(tx, by, tenant_id, type, principal_id, application_id));
        const bool created =
            tx.run(assign_sql, place.tenant.id, place.application.id, principal_id, type_name(type)) > 0;
        if (created)
            emit_assignment(tx, by, /*assigned=*/true, place.tenant.id, place.application.id, principal_id,
                            type_name(type));
        return Assigned{created, tx.one<std::string>(one_assignment_sql, place.tenant.id,
                                                     place.application.id, principal_id)};
    });
}

Status unassign(Pool& pool, const Caller& by, const std::string& tenant_id, PrincipalType type,
                const std::string& principal_id, const std::string& application_id) {
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Status {
        SCAI_TRY(const auto place, find_place(tx, by, tenant_id, type, principal_id, application_id));
        if (tx.run(unassign_sql, place.tenant.id, place.application.id, principal_id, type_name(type)) == 0)
            return not_found("Assignment");
        emit_assignment(tx, by, /*assigned=*/false, place.tenant.id, place.application.id, principal_id,
                        type_name(type));
        return Done{};
    });
}

Result<std::string> assignees(Pool& pool, const Caller& by, const std::string& tenant_id,
                              const std::string& application_id) {
    auto reader = pool.read(scope_of(by.reach));
    SCAI_TRY(const auto tenant, find_tenant_ref(reader, by.reach, tenant_id));
    SCAI_TRY(const auto application, find_for_tenant(reader, by, tenant, application_id));
    return reader.one<std::string>(assignees_sql, tenant.id, application.id);
}

} // namespace scaikey::applications
