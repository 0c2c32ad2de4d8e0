// Two tenants, people with every way to see a package, and shorthands. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaiflow/catalog/handlers.hpp"
#include "tests/support/flow_json.hpp"
#include "tests/support/mirrored_api.hpp"

#include <string>

namespace test {

/// Users of t1: ann, ben, cat (no role), boss (tenant_admin), root (super_admin); far of t2, boss2 its
/// tenant_admin. Groups: g1 (ben), g2 (cat) of t1, g1 (far) of t2; g_old of t1 is deleted.
struct CatalogFixture : MirroredApi {
    CatalogFixture() : MirroredApi("catalog", scaiflow::catalog_api::routes()) {
        db.sql(R"(
INSERT INTO scaiflow.tenants (id) VALUES ('t1'), ('t2');
INSERT INTO scaiflow.users (tenant_id, id, email, seen_by, admin_role, admin_role_source)
SELECT t, i, i || '@x.test', 'webhook', r, CASE WHEN r IS NOT NULL THEN 'manual' END
  FROM (VALUES ('t1', 'ann', NULL), ('t1', 'ben', NULL), ('t1', 'cat', NULL), ('t1', 'boss', 'tenant_admin'),
               ('t1', 'root', 'super_admin'), ('t2', 'far', NULL), ('t2', 'boss2', 'tenant_admin')) AS v(t, i, r);
INSERT INTO scaiflow.groups (tenant_id, id, deleted_at)
VALUES ('t1', 'g1', NULL), ('t1', 'g2', NULL), ('t1', 'g_old', now()), ('t2', 'g1', NULL);
INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id)
VALUES ('t1', 'g1', 'ben'), ('t1', 'g2', 'cat'), ('t2', 'g1', 'far');)");
    }

    static scai::json::Value good_flow(const std::string& text = "hi") {
        using namespace scai::test; // NOLINT(google-build-using-namespace)
        return flow(
            {node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":")" + text + R"("})")},
            {edge("node_in.out_request", "node_a")});
    }
    static scai::json::Value draft(const std::string& package_id, const std::string& version = "0.1.0") {
        return scai::json::Value::object({{"package_id", package_id},
                                          {"name", "Name of " + package_id},
                                          {"version", version},
                                          {"content", good_flow()}});
    }
    FlowAnswer post(const std::string& who_does, const scai::json::Value& body, const Headers& headers = {}) {
        return as(who_does, "POST", "/v1/catalog/publish", body.dump(), headers);
    }
    FlowAnswer publish(const std::string& who_does, const std::string& package_id,
                       const std::string& version = "0.1.0") {
        return post(who_does, draft(package_id, version));
    }
    FlowAnswer show_to_groups(const std::string& who_does, const std::string& package_id,
                              const std::string& groups) {
        return as(who_does, "PATCH", "/v1/catalog/" + package_id + "/visibility",
                  R"({"visibility":"groups","visibility_group_ids":)" + groups + "}");
    }
    /// A flow of `owner` in the tables, as the group `flows` stores it.
    std::string store_flow(const std::string& owner, const scai::json::Value& content,
                           const std::string& id = "flow_1") {
        const auto tenant = db.value("SELECT tenant_id FROM scaiflow.users WHERE id = '" + owner + "'");
        db.sql("INSERT INTO scaiflow.flows (tenant_id, id, name, owner_id, version, created_by, updated_by) "
               "VALUES ('" +
               tenant + "', '" + id + "', 'Flow', '" + owner + "', '1.0.0', '" + owner + "', '" + owner +
               "'); INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, "
               "content_sha256, created_by) VALUES ('" +
               tenant + "', '" + id + "', 1, '1.0.0', $c$" + content.dump() + "$c$, 'x', '" + owner + "')");
        return id;
    }
    std::string ids(const std::string& who_does, const std::string& query = "") {
        const auto answer = as(who_does, "GET", "/v1/catalog" + query);
        std::string out;
        answer.json.each_item([&](const scai::json::Value& item) {
            out += (out.empty() ? "" : " ") + item.member("package_id");
        });
        return answer.status == 200 ? out : "status " + std::to_string(answer.status);
    }
    std::string count(const std::string& table) { return db.value("SELECT count(*) FROM scaiflow." + table); }
};

} // namespace test
