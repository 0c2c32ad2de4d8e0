// SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/flows/people.hpp"

namespace test {

std::string people_sql() {
    return R"(
INSERT INTO scaiflow.tenants (id) VALUES ('t1'), ('t2') ON CONFLICT DO NOTHING;
INSERT INTO scaiflow.users (tenant_id, id, email, display_name, seen_by, status, admin_role, admin_role_source, deleted_at)
SELECT v.t, v.u, v.u || '@x.test', initcap(v.u), 'webhook', v.s, v.r, CASE WHEN v.r IS NOT NULL THEN 'manual' END,
       CASE WHEN v.u = 'gone' THEN now() END
  FROM (VALUES ('t1', 'ann', 'ACTIVE', NULL), ('t1', 'bo', 'ACTIVE', NULL), ('t1', 'vic', 'ACTIVE', NULL),
               ('t1', 'ed', 'ACTIVE', NULL), ('t1', 'dep', 'ACTIVE', NULL), ('t1', 'adm', 'ACTIVE', NULL),
               ('t1', 'gview', 'ACTIVE', NULL), ('t1', 'gedit', 'ACTIVE', NULL), ('t1', 'gdeploy', 'ACTIVE', NULL),
               ('t1', 'gadmin', 'ACTIVE', NULL), ('t1', 'nview', 'ACTIVE', NULL), ('t1', 'nedit', 'ACTIVE', NULL),
               ('t1', 'ndeploy', 'ACTIVE', NULL), ('t1', 'nadmin', 'ACTIVE', NULL),
               ('t1', 'boss', 'ACTIVE', 'tenant_admin'), ('t1', 'off', 'SUSPENDED', NULL), ('t1', 'gone', 'ACTIVE', NULL),
               ('t2', 'boss2', 'ACTIVE', 'tenant_admin'), ('t2', 'root', 'ACTIVE', 'super_admin'),
               ('t2', 'stan', 'ACTIVE', NULL), ('t2', 'ann', 'ACTIVE', NULL)) AS v(t, u, s, r);
INSERT INTO scaiflow.groups (tenant_id, id, name)
SELECT t, 'grp_' || l, 'Group ' || l FROM unnest(ARRAY['view', 'edit', 'deploy', 'admin']) l, unnest(ARRAY['t1', 't2']) t;
INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id, direct)
SELECT 't1', 'grp_' || l, k || l, k = 'g'
  FROM unnest(ARRAY['view', 'edit', 'deploy', 'admin']) l, unnest(ARRAY['g', 'n']) k;
)";
}

std::string flow_sql(const std::string& id, const std::string& owner) {
    const std::string content =
        R"({"id":")" + id + R"(","name":"Invoice triage","version":"1.0.0","nodes":[],"edges":[]})";
    return R"(
INSERT INTO scaiflow.flows (tenant_id, id, name, owner_id, version, created_by, updated_by)
VALUES ('t1', ')" +
           id + "', 'Invoice triage', '" + owner + "', '1.0.0', '" + owner + "', '" + owner + R"(');
INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, content_sha256, created_by)
VALUES ('t1', ')" +
           id + "', 1, '1.0.0', '" + content + "', encode(sha256(convert_to('" + content +
           "', 'UTF8')), 'hex'), '" + owner + R"(');
INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, granted_by, listed_at)
SELECT 't1', 'acl_' || v.p || '_' || f.id, f.id, v.t, v.p, v.l, f.owner_id, f.updated_at
  FROM scaiflow.flows f,
       (VALUES ('user', 'vic', 1), ('user', 'ed', 2), ('user', 'dep', 3), ('user', 'adm', 4), ('user', 'off', 4),
               ('user', 'gone', 4), ('group', 'grp_view', 1), ('group', 'grp_edit', 2), ('group', 'grp_deploy', 3),
               ('group', 'grp_admin', 4)) AS v(t, p, l)
 WHERE f.tenant_id = 't1' AND f.id = ')" +
           id + "';\n";
}

} // namespace test
