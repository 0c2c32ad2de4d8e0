// Users and their roles over the routes of the group. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "tests/support/flow_api.hpp"

#include <boost/test/unit_test.hpp>

namespace {

struct Api : test::FlowApi {
    explicit Api(Settings settings = {})
        : FlowApi("admin", scaiflow::admin_api::routes(), std::move(settings)) {
        who = test::super_admin();
        db.sql("INSERT INTO scaiflow.tenants (id, last_synced_at) VALUES ('t1', '2026-05-04T00:00:00Z'), "
               "('t2', NULL)");
        user("t1", "usr_root", "super_admin");
        user("t1", "usr_boss", "tenant_admin");
        user("t1", "usr_plain");
        user("t2", "usr_away");
    }
    void user(const std::string& tenant, const std::string& id, const std::string& role = "",
              const std::string& source = "manual") {
        db.sql(
            "INSERT INTO scaiflow.users (tenant_id, id, email, display_name, seen_by, updated_at) VALUES ('" +
            tenant + "', '" + id + "', '" + id + "@x.test', 'Name " + id +
            "', 'effective_users', '2026-05-01T00:00:00Z')");
        if (!role.empty()) {
            db.sql("INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, group_id, "
                   "granted_by) VALUES ('" +
                   tenant + "', '" + id + "', '" + role + "', '" + source + "', '" +
                   (source == "group" ? "g1" : "") + "', 'cli:test')");
            db.sql("UPDATE scaiflow.users SET admin_role = '" + role + "', admin_role_source = '" + source +
                   "' WHERE tenant_id = '" + tenant + "' AND id = '" + id + "'");
        }
    }
    std::string role(const std::string& id) {
        return db.value(
            "SELECT coalesce(admin_role || '/' || admin_role_source, '') FROM scaiflow.users WHERE id = '" +
            id + "'");
    }
    test::FlowAnswer grant(const std::string& id, const std::string& role) {
        return call("POST", "/v1/admin/users/" + id + "/role", R"({"role":")" + role + "\"}");
    }
    test::FlowAnswer revoke(const std::string& id, const std::string& query = "") {
        return call("DELETE", "/v1/admin/users/" + id + "/role" + query);
    }
};

std::string ids(const test::FlowAnswer& answer) {
    std::string out;
    answer.json.get("users").each_item(
        [&](const auto& user) { out += (out.empty() ? "" : " ") + user.member("id"); });
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_admin_users)

BOOST_AUTO_TEST_CASE(list_has_the_shape_of_the_contract) {
    Api api;
    api.db.sql("UPDATE scaiflow.users SET deleted_at = '2026-05-02T00:00:00Z' WHERE id = 'usr_plain'");
    const auto answer = api.call("GET", "/api/v1/admin/users");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(ids(answer) == "usr_boss usr_plain usr_root usr_away"); // deleted ones too
    BOOST_TEST(answer.json.get("next_cursor").is_null());
    BOOST_TEST(
        answer.json.get("users").at(0).dump(true) ==
        R"({"admin_role":"tenant_admin","admin_role_source":"manual","deleted_at":null,"display_name":"Name usr_boss","email":"usr_boss@x.test","id":"usr_boss","last_synced_at":"2026-05-04T00:00:00Z","status":"ACTIVE","tenant_id":"t1"})");
    BOOST_TEST(answer.json.get("users").at(1).member("deleted_at") == "2026-05-02T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(list_is_paged_filtered_and_searched) {
    Api api;
    std::string seen, cursor;
    for (int page = 0; page < 9; ++page) {
        const auto answer =
            api.call("GET", "/v1/admin/users?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor));
        seen += ids(answer) + " ";
        cursor = answer.json.member("next_cursor");
        if (cursor.empty())
            break;
    }
    BOOST_TEST(seen == "usr_boss usr_plain usr_root usr_away ");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/users?tenant_id=t2")) == "usr_away");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/users?search=NAME%20usr_b")) == "usr_boss");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/users?role=super_admin")) == "usr_root");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/users?role=none&tenant_id=t1")) == "usr_plain");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/users?deleted=only")) == "");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/users?status=active&search=away")) == "usr_away");
}

BOOST_AUTO_TEST_CASE(bad_query_is_422_naming_the_parameter) {
    Api api;
    for (const auto* query :
         {"limit=0", "limit=501", "limit=ten", "limit=", "role=boss", "deleted=yes", "cursor=x", "cursor="}) {
        for (const auto* path : {"/v1/admin/users?", "/v1/admin/tenant/users?"}) {
            const auto answer = api.call("GET", std::string(path) + query);
            BOOST_TEST(answer.status == 422, query);
            const std::string name(query, std::string(query).find('='));
            BOOST_TEST(answer.json.get("detail").at(0).get("loc").dump() == R"(["query",")" + name + "\"]");
        }
    }
    BOOST_TEST(api.call("GET", "/v1/admin/users?search=" + std::string(201, 'x')).status == 422);
    BOOST_TEST(api.call("GET", "/v1/admin/users?limit=1&limit=2").status == 400);
    BOOST_TEST(api.call("GET", "/v1/admin/users?search=%00").status == 400);
    BOOST_TEST(api.call("GET", "/v1/admin/users?search=%ff").status == 400);
    BOOST_TEST(api.call("GET", "/v1/admin/users", "{}").status == 413);
}

BOOST_AUTO_TEST_CASE(tenant_list_shows_the_own_tenant_whatever_is_asked) {
    Api api;
    api.who = test::tenant_admin("t1");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/tenant/users?tenant_id=t2")) == "usr_boss usr_plain usr_root");
    api.who = test::tenant_admin("t2");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/tenant/users")) == "usr_away");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/tenant/users?search=plain")) == "");
    api.who = test::super_admin("t2");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/tenant/users")) == "usr_away");
}

BOOST_AUTO_TEST_CASE(cursor_of_another_tenant_gives_nothing_away) {
    Api api;
    const auto cursor = api.call("GET", "/v1/admin/users?limit=1").json.member("next_cursor"); // in t1
    api.who = test::tenant_admin("t2");
    BOOST_TEST(ids(api.call("GET", "/v1/admin/tenant/users?cursor=" + cursor)) == "usr_away");
}

BOOST_AUTO_TEST_CASE(super_admin_grants_either_role_to_anybody) {
    Api api;
    BOOST_TEST(api.grant("usr_away", "tenant_admin").status == 204);
    BOOST_TEST(api.role("usr_away") == "tenant_admin/manual");
    BOOST_TEST(api.grant("usr_away", "super_admin").status == 204);
    BOOST_TEST(api.role("usr_away") == "super_admin/manual");
    BOOST_TEST(api.grant("usr_away", "super_admin").status == 204); // again
    BOOST_TEST(
        api.db.value("SELECT actor || (cause ? 'request_id') FROM scaiflow.audit_log ORDER BY id LIMIT 1") ==
        "usr_roottrue");
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.audit_log") == "2");
}

BOOST_AUTO_TEST_CASE(tenant_admin_grants_tenant_admin_in_the_own_tenant_only) {
    Api api;
    api.who = test::tenant_admin();
    BOOST_TEST(api.grant("usr_plain", "tenant_admin").status == 204);
    BOOST_TEST(api.role("usr_plain") == "tenant_admin/manual");
    const auto too_much = api.grant("usr_plain", "super_admin");
    BOOST_TEST(too_much.status == 403);
    BOOST_TEST(too_much.detail() == "forbidden");
    BOOST_TEST(too_much.json.get("detail").member("required") == "super_admin");
    BOOST_TEST(api.grant("usr_away", "tenant_admin").status == 404);
    BOOST_TEST(
        api.call("POST", "/v1/admin/users/usr_away/role?tenant_id=t2", R"({"role":"tenant_admin"})").status ==
        404);
    BOOST_TEST(api.grant("usr_away", "super_admin").status == 403); // and does not tell whether there is one
    BOOST_TEST(api.role("usr_away") == "");
}

BOOST_AUTO_TEST_CASE(unknown_and_deleted_users_are_404) {
    Api api;
    api.db.sql("UPDATE scaiflow.users SET deleted_at = now() WHERE id = 'usr_plain'");
    for (const auto* id : {"usr_plain", "usr_nobody", "%20", "..x"}) {
        BOOST_TEST(api.grant(id, "tenant_admin").status == 404, id);
        BOOST_TEST(api.grant(id, "tenant_admin").detail() == "not_found");
    }
    BOOST_TEST(api.revoke("usr_nobody").status == 404);
    BOOST_TEST(api.call("GET", "/v1/admin/users/usr_nobody/why").status == 404);
}

BOOST_AUTO_TEST_CASE(bad_body_is_422_naming_the_field) {
    Api api;
    for (const auto* body :
         {"{}", R"({"role":"owner"})", R"({"role":null})", R"({"role":1})", R"({"role":["super_admin"]})",
          R"({"role":""})", R"({"role":"tenant_admin","source":"group"})", R"({"role":"Tenant_Admin"})"})
        BOOST_TEST(api.call("POST", "/v1/admin/users/usr_plain/role", body).status == 422, body);
    const auto missing = api.call("POST", "/v1/admin/users/usr_plain/role", "{}");
    BOOST_TEST(missing.json.get("detail").at(0).get("loc").dump() == R"(["body","role"])");
    for (const auto* body : {"{", "[]x", R"({"role":"tenant_admin","role":"super_admin"})"})
        BOOST_TEST(api.call("POST", "/v1/admin/users/usr_plain/role", body).status == 400, body);
    BOOST_TEST(api.call("POST", "/v1/admin/users/usr_plain/role").status == 422);
    BOOST_TEST(api.role("usr_plain") == "");
}

BOOST_AUTO_TEST_CASE(source_manual_may_be_said) {
    Api api;
    BOOST_TEST(
        api.call("POST", "/v1/admin/users/usr_plain/role", R"({"role":"super_admin","source":"manual"})")
            .status == 204);
    BOOST_TEST(api.role("usr_plain") == "super_admin/manual");
}

BOOST_AUTO_TEST_CASE(revoke_takes_the_role_and_is_idempotent) {
    Api api;
    BOOST_TEST(api.revoke("usr_boss").status == 204);
    BOOST_TEST(api.role("usr_boss") == "");
    const auto again = api.revoke("usr_boss");
    BOOST_TEST(again.status == 204);
    BOOST_TEST(again.body == "");
    BOOST_TEST(!again.headers.contains("X-ScaiFlow-Effective-Role"));
}

BOOST_AUTO_TEST_CASE(revoke_of_one_role_leaves_the_other) {
    Api api;
    api.grant("usr_plain", "tenant_admin");
    api.grant("usr_plain", "super_admin");
    const auto answer = api.revoke("usr_plain", "?role=super_admin");
    BOOST_TEST(answer.status == 204);
    BOOST_TEST(answer.headers.at("X-ScaiFlow-Effective-Role") == "tenant_admin");
    BOOST_TEST(answer.headers.at("X-ScaiFlow-Effective-Role-Source") == "manual");
    BOOST_TEST(api.role("usr_plain") == "tenant_admin/manual");
    BOOST_TEST(api.revoke("usr_plain", "?role=owner").status == 422);
}

BOOST_AUTO_TEST_CASE(role_a_group_gives_stays_and_the_answer_says_so) {
    Api api;
    api.user("t1", "usr_member", "super_admin", "group");
    const auto answer = api.revoke("usr_member");
    BOOST_TEST(answer.status == 204);
    BOOST_TEST(answer.headers.at("X-ScaiFlow-Effective-Role") == "super_admin");
    BOOST_TEST(answer.headers.at("X-ScaiFlow-Effective-Role-Source") == "group");
    BOOST_TEST(api.role("usr_member") == "super_admin/group");
}

BOOST_AUTO_TEST_CASE(last_super_admin_is_409) {
    Api api;
    const auto answer = api.revoke("usr_root");
    BOOST_TEST(answer.status == 409);
    BOOST_TEST(answer.detail() == "last_super_admin");
    BOOST_TEST(api.role("usr_root") == "super_admin/manual");
    api.grant("usr_plain", "super_admin");
    BOOST_TEST(api.revoke("usr_root").status == 204);
}

BOOST_AUTO_TEST_CASE(tenant_admin_revokes_tenant_admins_of_the_own_tenant_only) {
    Api api;
    api.user("t2", "usr_far", "tenant_admin");
    api.who = test::tenant_admin();
    BOOST_TEST(api.revoke("usr_root").status == 403);
    BOOST_TEST(api.revoke("usr_root", "?role=tenant_admin").status == 403);
    BOOST_TEST(api.revoke("usr_boss", "?role=super_admin").status == 403);
    BOOST_TEST(api.revoke("usr_far").status == 404);
    BOOST_TEST(api.revoke("usr_far", "?tenant_id=t2").status == 404);
    BOOST_TEST(api.role("usr_far") == "tenant_admin/manual");
    BOOST_TEST(api.revoke("usr_boss").status == 204); // himself
    BOOST_TEST(api.role("usr_boss") == "");
}

BOOST_AUTO_TEST_CASE(role_of_a_deleted_user_can_be_revoked_before_he_comes_back) {
    Api api;
    api.db.sql("UPDATE scaiflow.users SET deleted_at = now() WHERE id = 'usr_boss'");
    BOOST_TEST(api.revoke("usr_boss").status == 204);
    BOOST_TEST(api.role("usr_boss") == "");
}

BOOST_AUTO_TEST_CASE(id_of_two_tenants_must_name_the_tenant) {
    Api api;
    api.user("t2", "usr_plain");
    const auto answer = api.grant("usr_plain", "tenant_admin");
    BOOST_TEST(answer.status == 409);
    BOOST_TEST(answer.detail() == "ambiguous_user");
    BOOST_TEST(answer.json.get("detail").member("tenants") == "t1,t2");
    BOOST_TEST(api.call("GET", "/v1/admin/users/usr_plain/why").status == 409);
    BOOST_TEST(api.revoke("usr_plain").status == 409);
    BOOST_TEST(api.call("POST", "/v1/admin/users/usr_plain/role?tenant_id=t2", R"({"role":"tenant_admin"})")
                   .status == 204);
    BOOST_TEST(api.db.value("SELECT string_agg(tenant_id, ',') FROM scaiflow.role_grants WHERE user_id = "
                            "'usr_plain'") == "t2");
    BOOST_TEST(api.call("POST", "/v1/admin/users/usr_plain/role?tenant_id=t3", R"({"role":"tenant_admin"})")
                   .status == 404);
    api.who = test::tenant_admin("t1"); // sees one of them only
    BOOST_TEST(api.grant("usr_plain", "tenant_admin").status == 204);
    api.who = test::super_admin();
    api.db.sql("UPDATE scaiflow.users SET deleted_at = now() WHERE id = 'usr_plain' AND tenant_id = 't2'");
    BOOST_TEST(api.grant("usr_plain", "super_admin").status == 204); // one of them lives
}

BOOST_AUTO_TEST_CASE(why_tells_grants_groups_and_what_is_pending) {
    Api api(Api::Settings{{"SCAIFLOW_SUPER_ADMIN_GROUPS", "g1"}});
    api.user("t1", "usr_member", "super_admin", "group");
    api.db.sql("INSERT INTO scaiflow.groups (tenant_id, id, name) VALUES ('t1', 'g1', 'Roots')");
    api.db.sql(
        "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES ('t1', 'g1', 'usr_member')");
    const auto answer = api.call("GET", "/v1/admin/users/usr_member/why");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.get("effective").member("role") == "super_admin");
    BOOST_TEST(answer.json.get("grants").at(0).get("group").member("name") == "Roots");
    BOOST_TEST(answer.json.get("groups").at(0).member("id") == "g1");
    api.who = test::tenant_admin("t1");
    BOOST_TEST(api.call("GET", "/v1/admin/users/usr_member/why").status == 200);
    BOOST_TEST(api.call("GET", "/v1/admin/users/usr_away/why").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
