// Two tenants, people with every way to hold a level, and shorthands. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaiflow/flows/handlers.hpp"
#include "tests/support/mirrored_api.hpp"

#include <string>

namespace test {

/// Users of t1: ann, ben, cat, dan (no role), boss (tenant_admin), root (super_admin); far of t2, boss2 its
/// tenant_admin. Groups of t1: g_view (ben), g_edit (ben, cat).
struct FlowsFixture : MirroredApi {
    FlowsFixture() : MirroredApi("flows", scaiflow::flows_api::routes()) {
        db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t1'), ('t2')");
        db.sql("INSERT INTO scaiflow.users (tenant_id, id, email, display_name, seen_by, admin_role, "
               "admin_role_source) SELECT t, i, i || '@x.test', initcap(i), 'webhook', r, CASE WHEN r IS NOT "
               "NULL THEN 'manual' END FROM (VALUES ('t1', 'ann', NULL), ('t1', 'ben', NULL), ('t1', 'cat', "
               "NULL), ('t1', 'dan', NULL), ('t1', 'boss', 'tenant_admin'), ('t1', 'root', 'super_admin'), "
               "('t2', 'far', NULL), ('t2', 'boss2', 'tenant_admin')) AS v(t, i, r)");
        db.sql("INSERT INTO scaiflow.groups (tenant_id, id) VALUES ('t1', 'g_view'), ('t1', 'g_edit')");
        db.sql(
            "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES ('t1', 'g_view', 'ben'), "
            "('t1', 'g_edit', 'ben'), ('t1', 'g_edit', 'cat')");
    }

    /// A flow of `owner`; its id.
    std::string make_flow(const std::string& owner, const std::string& name = "Flow",
                          const std::string& content = R"({"nodes":[],"edges":[]})") {
        const auto answer =
            as(owner, "POST", "/v1/flows", R"({"name":")" + name + R"(","content":)" + content + "}");
        if (answer.status != 201)
            throw std::runtime_error("POST /v1/flows: " + answer.body);
        return answer.json.member("id");
    }
    /// An access row as POST .../acls would write it.
    void grant(const std::string& flow, const std::string& type, const std::string& id, int level) const {
        db.sql(
            "INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, "
            "granted_by, listed_at) SELECT tenant_id, 'acl_' || md5(id || '" +
            type + id + "'), id, '" + type + "', '" + id + "', " + std::to_string(level) +
            ", owner_id, CASE WHEN deleted_at IS NULL THEN updated_at END FROM scaiflow.flows WHERE id = '" +
            flow + "'");
    }
};

} // namespace test
