// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/events.hpp"

namespace scaikey {

using scai::db::Tx;

namespace {

constexpr const char* partner_event_sql = R"(
INSERT INTO scaikey.events (event_type, partner_id, resource_type, resource_id, actor_type, actor_id, data)
SELECT :p1, p.id, 'partner', p.id, :p2, nullif(:p3, ''),
       jsonb_build_object('id', p.id, 'partner_id', p.id, 'name', p.name, 'slug', p.slug, 'status', p.status)
  FROM scaikey.partners p
 WHERE p.id = :p4)";

constexpr const char* tenant_event_sql = R"(
INSERT INTO scaikey.events (event_type, tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id, data)
SELECT :p1, t.id, t.partner_id, 'tenant', t.id, :p2, nullif(:p3, ''),
       jsonb_build_object('id', t.id, 'tenant_id', t.id, 'name', t.name, 'slug', t.slug, 'status', t.status,
                          'partner_id', t.partner_id)
  FROM scaikey.tenants t
 WHERE t.id = :p4)";

constexpr const char* user_event_sql = R"(
INSERT INTO scaikey.events (event_type, tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id, data)
SELECT :p1, u.tenant_id, t.partner_id, 'user', u.id, :p2, nullif(:p3, ''), scaikey.user_event_data(u.id)
  FROM scaikey.users u
  JOIN scaikey.tenants t ON t.id = u.tenant_id
 WHERE u.id = :p4)";

constexpr const char* group_event_sql = R"(
INSERT INTO scaikey.events (event_type, tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id, data)
SELECT :p1, g.tenant_id, t.partner_id, 'group', g.id, :p2, nullif(:p3, ''),
       jsonb_build_object('id', g.id, 'group_id', g.id, 'tenant_id', g.tenant_id, 'name', g.name,
                          'description', g.description, 'group_type', g.group_type, 'status', g.status)
  FROM scaikey.groups g
  JOIN scaikey.tenants t ON t.id = g.tenant_id
 WHERE g.id = :p4)";

constexpr const char* application_event_sql = R"(
INSERT INTO scaikey.events (event_type, tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id, data)
SELECT :p1, a.tenant_id, coalesce(a.partner_id, t.partner_id), 'application', a.id, :p2, nullif(:p3, ''),
       jsonb_build_object('id', a.id, 'application_id', a.id, 'client_id', a.client_id, 'name', a.name,
                          'scope', a.scope, 'application_type', a.application_type)
  FROM scaikey.applications a
  LEFT JOIN scaikey.tenants t ON t.id = a.tenant_id
 WHERE a.id = :p4)";

constexpr const char* member_event_sql = R"(
INSERT INTO scaikey.events (event_type, tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id, data)
SELECT :p1, t.id, t.partner_id, 'group', :p5, :p2, nullif(:p3, ''),
       jsonb_build_object('group_id', :p5::text, 'tenant_id', t.id, 'member_id', :p6::text, 'member_type', :p7::text)
       || CASE WHEN :p7 = 'user' THEN jsonb_build_object('user_id', :p6::text) ELSE '{}'::jsonb END
  FROM scaikey.tenants t
 WHERE t.id = :p4)";

constexpr const char* assignment_event_sql = R"(
INSERT INTO scaikey.events (event_type, tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id, data)
SELECT :p1, t.id, t.partner_id, 'application', :p5, :p2, nullif(:p3, ''),
       jsonb_build_object('application_id', :p5::text, 'tenant_id', t.id, :p7 || '_id', :p6::text)
  FROM scaikey.tenants t
 WHERE t.id = :p4)";

constexpr const char* drop_memberships_sql = R"(
WITH gone AS (
    DELETE FROM scaikey.group_members m
     WHERE m.tenant_id = :p3 AND m.member_id = :p4
 RETURNING m.tenant_id, m.group_id, m.member_id, m.member_type)
INSERT INTO scaikey.events (event_type, tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id, data)
SELECT 'group.member_removed', t.id, t.partner_id, 'group', g.group_id, :p1, nullif(:p2, ''),
       jsonb_build_object('group_id', g.group_id, 'tenant_id', t.id, 'member_id', g.member_id,
                          'member_type', g.member_type)
       || CASE WHEN g.member_type = 'user' THEN jsonb_build_object('user_id', g.member_id) ELSE '{}'::jsonb END
  FROM gone g
  JOIN scaikey.tenants t ON t.id = g.tenant_id
 ORDER BY g.group_id)";

// What a deleted group contained: its group.deleted says it all.
constexpr const char* drop_members_sql = R"(
DELETE FROM scaikey.group_members m
 WHERE m.tenant_id = :p1 AND m.group_id = :p2)";

constexpr const char* drop_assignments_sql = R"(
WITH gone AS (
    DELETE FROM scaikey.app_assignments a
     WHERE a.tenant_id = :p3 AND a.principal_id = :p4
 RETURNING a.tenant_id, a.application_id, a.principal_id, a.principal_type)
INSERT INTO scaikey.events (event_type, tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id, data)
SELECT 'application.' || g.principal_type || '_unassigned', t.id, t.partner_id, 'application', g.application_id,
       :p1, nullif(:p2, ''),
       jsonb_build_object('application_id', g.application_id, 'tenant_id', t.id, g.principal_type || '_id', g.principal_id)
  FROM gone g
  JOIN scaikey.tenants t ON t.id = g.tenant_id
 ORDER BY g.application_id)";

} // namespace

void emit_partner(Tx& tx, const Caller& by, std::string_view event_type, std::string_view partner_id) {
    tx.run(partner_event_sql, event_type, by.actor_type, by.actor_id, partner_id);
}
void emit_tenant(Tx& tx, const Caller& by, std::string_view event_type, std::string_view tenant_id) {
    tx.run(tenant_event_sql, event_type, by.actor_type, by.actor_id, tenant_id);
}
void emit_user(Tx& tx, const Caller& by, std::string_view event_type, std::string_view user_id) {
    tx.run(user_event_sql, event_type, by.actor_type, by.actor_id, user_id);
}
void emit_group(Tx& tx, const Caller& by, std::string_view event_type, std::string_view group_id) {
    tx.run(group_event_sql, event_type, by.actor_type, by.actor_id, group_id);
}
void emit_application(Tx& tx, const Caller& by, std::string_view event_type, std::string_view id) {
    tx.run(application_event_sql, event_type, by.actor_type, by.actor_id, id);
}

void emit_member(Tx& tx, const Caller& by, std::string_view event_type, std::string_view tenant_id,
                 std::string_view group_id, std::string_view member_id, std::string_view member_type) {
    tx.run(member_event_sql, event_type, by.actor_type, by.actor_id, tenant_id, group_id, member_id,
           member_type);
}

void emit_assignment(Tx& tx, const Caller& by, bool assigned, std::string_view tenant_id,
                     std::string_view application_id, std::string_view principal_id,
                     std::string_view principal_type) {
    const std::string event_type =
        "application." + std::string(principal_type) + (assigned ? "_assigned" : "_unassigned");
    tx.run(assignment_event_sql, event_type, by.actor_type, by.actor_id, tenant_id, application_id,
           principal_id, principal_type);
}

void drop_relations(Tx& tx, const Caller& by, std::string_view tenant_id, std::string_view id) {
    tx.run(drop_memberships_sql, by.actor_type, by.actor_id, tenant_id, id);
    tx.run(drop_members_sql, tenant_id, id);
    tx.run(drop_assignments_sql, by.actor_type, by.actor_id, tenant_id, id);
}

} // namespace scaikey
