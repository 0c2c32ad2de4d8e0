// GET /v1/me, and with it the gate every other group uses. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/auth/handlers.hpp"
#include "lib/scaiflow/app/store_principal.hpp"
#include "tests/support/scaiflow.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <map>
#include <thread>

namespace json = scai::json;
namespace web = scai::web;
using scai::unix_seconds;
using test::detail;

namespace {

struct Me {
    test::Database database = test::migrated_database("scaiflow");
    test::ScaiFlowGroup group{database, "auth", scaiflow::auth_api::routes()};

    void add_user(const std::string& id, const std::string& tenant, const std::string& more_columns = "",
                  const std::string& more_values = "") const {
        database.sql("INSERT INTO scaiflow.users (tenant_id, id, email, display_name, seen_by" +
                     more_columns + ") VALUES ('" + tenant + "', '" + id + "', '" + id +
                     "@mirror.example', 'Name " + id + "', 'effective_users'" + more_values + ")");
    }
    json::Value me(const std::string& token) const {
        const auto response = group.get("/v1/me", token);
        BOOST_TEST(response.status == 200, response.body);
        return *json::parse(response.body);
    }
    void refused(const std::string& token, const std::string& text) const {
        const auto response = group.get("/v1/me", token);
        BOOST_TEST(response.status == 401, response.body);
        BOOST_TEST(detail(response).text_or("") == text);
        BOOST_TEST(test::header(response, "WWW-Authenticate") == "Bearer");
    }
    json::Value claims(const std::string& subject = "usr_1", const std::string& tenant = "tnt_a") const {
        return test::user_claims(group.now(), subject, tenant);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_scaiflow_auth_me, Me)

BOOST_AUTO_TEST_CASE(mirrored_user_sees_role_and_groups) {
    add_user("usr_1", "tnt_a", ", admin_role, admin_role_source", ", 'tenant_admin', 'manual'");
    database.sql(
        "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id, deleted_at) VALUES "
        "('tnt_a','grp_b','usr_1',NULL), ('tnt_a','grp_a','usr_1',NULL), ('tnt_a','grp_gone','usr_1',now()),"
        "('tnt_b','grp_other','usr_1',NULL)");
    BOOST_TEST(
        me(group.user_token("usr_1", "tnt_a")).dump() ==
        R"({"sub":"usr_1","tenant_id":"tnt_a","email":"usr_1@mirror.example","display_name":"Name usr_1",)"
        R"("permissions":["scaicore:manage","scaicore:view"],"groups":["grp_a","grp_b"],)"
        R"("admin_role":"tenant_admin","admin_role_source":"manual","mirrored":true})");
}

BOOST_AUTO_TEST_CASE(user_not_mirrored_yet_has_no_role) {
    const auto body = me(group.user_token("usr_new", "tnt_a"));
    BOOST_TEST(body.member("email") == "usr_new@example");
    BOOST_TEST(body.get("admin_role").is_null());
    BOOST_TEST(body.get("permissions").size() == 0U);
    BOOST_TEST(body.get("mirrored").boolean().value() == false);
}

BOOST_AUTO_TEST_CASE(same_user_id_in_another_tenant_is_somebody_else) {
    add_user("usr_1", "tnt_b", ", admin_role, admin_role_source", ", 'super_admin', 'manual'");
    const auto body = me(group.user_token("usr_1", "tnt_a"));
    BOOST_TEST(body.get("mirrored").boolean().value() == false);
    BOOST_TEST(body.get("admin_role").is_null());
}

BOOST_AUTO_TEST_CASE(missing_or_odd_authorization_is_401) {
    refused("", "missing bearer token");
    for (const char* header : {"Basic abc", "Bearer", "Bearer ", "bearerx y", ""}) {
        web::Request request;
        request.method = "GET";
        request.path = "/v1/me";
        request.headers["authorization"] = header;
        const auto response = group.send(request);
        BOOST_TEST(response.status == 401);
        BOOST_TEST(detail(response).text_or("") == "missing bearer token");
    }
    web::Request lower;
    lower.method = "GET";
    lower.path = "/v1/me";
    lower.headers["authorization"] = "bearer " + group.user_token("usr_1", "tnt_a");
    BOOST_TEST(group.send(lower).status == 200);
}

BOOST_AUTO_TEST_CASE(wrong_audience_says_so) {
    refused(group.token(claims().set("aud", "user-portal")), "invalid token: Audience doesn't match");
}

BOOST_AUTO_TEST_CASE(expired_foreign_and_broken_tokens_are_refused_with_a_reason) {
    const auto starts = [&](const std::string& token) {
        const auto response = group.get("/v1/me", token);
        BOOST_TEST(response.status == 401);
        BOOST_TEST(detail(response).text_or("").starts_with("invalid token: "));
    };
    starts("abc");
    starts(group.token(claims().set("exp", unix_seconds(group.now()) - 3600)));
    starts(group.token(claims().set("iss", "https://evil.example")));
    auto token = group.user_token("usr_1", "tnt_a");
    token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
    starts(token);
}

BOOST_AUTO_TEST_CASE(disabled_and_deleted_users_lose_access_at_once) {
    add_user("usr_1", "tnt_a");
    const auto token = group.user_token("usr_1", "tnt_a");
    BOOST_TEST(me(token).get("mirrored").boolean().value());
    database.sql("UPDATE scaiflow.users SET status = 'SUSPENDED'");
    refused(token, "invalid token: the user is disabled");
    database.sql("UPDATE scaiflow.users SET status = 'active'");
    me(token);
    database.sql("UPDATE scaiflow.users SET deleted_at = now()");
    refused(token, "invalid token: the user is deleted");
}

BOOST_AUTO_TEST_CASE(suspended_or_deleted_tenant_takes_its_users_with_it) {
    add_user("usr_1", "tnt_a");
    database.sql("INSERT INTO scaiflow.tenants (id) VALUES ('tnt_a')");
    const auto token = group.user_token("usr_1", "tnt_a");
    me(token);
    database.sql("UPDATE scaiflow.tenants SET status = 'SUSPENDED'");
    refused(token, "invalid token: the tenant is disabled");
    database.sql("UPDATE scaiflow.tenants SET status = 'ACTIVE', deleted_at = now()");
    refused(token, "invalid token: the user is deleted");
}

BOOST_AUTO_TEST_CASE(every_change_of_what_a_user_may_do_shows_in_his_next_request) {
    add_user("usr_1", "tnt_a");
    add_user("usr_2", "tnt_a");
    database.sql("INSERT INTO scaiflow.tenants (id) VALUES ('tnt_a')");
    const auto token = group.user_token("usr_1", "tnt_a");
    const auto groups = [&] { return me(token).get("groups").dump(); };
    BOOST_TEST(groups() == "[]");
    database.sql("INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES "
                 "('tnt_a','g1','usr_1'), ('tnt_a','g1','usr_2')");
    BOOST_TEST(groups() == R"(["g1"])");
    database.sql("INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) "
                 "VALUES ('tnt_a','g2','usr_1'), ('tnt_a','g1','usr_1') "
                 "ON CONFLICT (tenant_id, group_id, user_id) DO UPDATE SET deleted_at = now()");
    BOOST_TEST(groups() == R"(["g2"])");
    database.sql("UPDATE scaiflow.memberships SET deleted_at = NULL WHERE user_id = 'usr_1'");
    BOOST_TEST(groups() == R"(["g1","g2"])");
    database.sql("DELETE FROM scaiflow.memberships WHERE group_id = 'g2'");
    BOOST_TEST(groups() == R"(["g1"])");
    database.sql("UPDATE scaiflow.users SET display_name = 'Another'");
    BOOST_TEST(me(token).member("display_name") == "Another");
    database.sql("UPDATE scaiflow.users SET admin_role = 'tenant_admin', admin_role_source = 'manual'");
    BOOST_TEST(me(token).member("admin_role") == "tenant_admin");
    database.sql("UPDATE scaiflow.users SET admin_role = NULL, admin_role_source = NULL");
    BOOST_TEST(me(token).get("permissions").dump() == "[]");
    database.sql("DELETE FROM scaiflow.users WHERE id = 'usr_1'");
    BOOST_TEST(me(token).get("mirrored").dump() == "false");
}

BOOST_AUTO_TEST_CASE(memberships_written_with_their_user_do_not_write_him_twice) {
    database.sql(
        "BEGIN;"
        "INSERT INTO scaiflow.users (tenant_id, id, seen_by) VALUES ('tnt_a', 'usr_1', 'x');"
        "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES ('tnt_a', 'g', 'usr_1');"
        "COMMIT");
    BOOST_TEST(database.value("SELECT memberships_changed_at IS NULL FROM scaiflow.users") == "t");
    database.sql("UPDATE scaiflow.memberships SET direct = false");
    BOOST_TEST(database.value("SELECT memberships_changed_at IS NULL FROM scaiflow.users") == "f");
}

BOOST_AUTO_TEST_CASE(users_of_two_tenants_by_turns_see_their_own_rows_only) {
    add_user("usr_1", "tnt_a");
    add_user("usr_1", "tnt_b", ", admin_role, admin_role_source", ", 'super_admin', 'manual'");
    const auto a = group.user_token("usr_1", "tnt_a");
    const auto b = group.user_token("usr_1", "tnt_b");
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(me(a).get("admin_role").is_null());
        BOOST_TEST(me(b).member("admin_role") == "super_admin");
    }
}

BOOST_AUTO_TEST_CASE(status_and_deletion_of_the_tenant_count_for_its_users) {
    database.sql(
        "INSERT INTO scaiflow.tenants (id, status, deleted_at) VALUES ('a','ACTIVE',NULL), "
        "('s','suspended',NULL),"
        "('d','ACTIVE',now());"
        "INSERT INTO scaiflow.users (tenant_id, id, email, display_name, seen_by, status, admin_role, "
        "admin_role_source, deleted_at) SELECT t, 'u' || n, 'e' || n, 'n' || n, 'x', "
        "CASE n WHEN 1 THEN 'ACTIVE' WHEN 2 THEN 'SUSPENDED' ELSE 'active' END, "
        "CASE n WHEN 1 THEN 'super_admin' END, CASE n WHEN 1 THEN 'group' END, CASE n WHEN 3 THEN now() END "
        "FROM unnest(ARRAY['a','s','d','none']) t, generate_series(1, 4) n;"
        "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) SELECT 'a', 'g' || n, 'u1' FROM "
        "generate_series(1, 3) n");
    const std::map<std::string, std::string> expected = {
        {"a/u1", "e1|n1|ACTIVE|here|super_admin|group|g1|g2|g3"},
        {"a/u2", "e2|n2|SUSPENDED|here||"},
        {"a/u3", "e3|n3|active|deleted||"},
        {"a/u4", "e4|n4|active|here||"},
        {"s/u1", "e1|n1|TENANT_suspended|here|super_admin|group"},
        {"s/u2", "e2|n2|TENANT_suspended|here||"},
        {"s/u3", "e3|n3|TENANT_suspended|deleted||"},
        {"d/u1", "e1|n1|ACTIVE|deleted|super_admin|group"},
        {"d/u4", "e4|n4|active|deleted||"},
        {"none/u1", "e1|n1|ACTIVE|here|super_admin|group"},
        {"none/u2", "e2|n2|SUSPENDED|here||"},
        {"none/u3", "e3|n3|active|deleted||"},
        {"a/u5", "unknown"},
        {"missing/u1", "unknown"},
    };
    for (const auto& [who, what] : expected) {
        const auto slash = who.find('/');
        const auto found =
            scaiflow::find_principal(group.context->pool, who.substr(0, slash), who.substr(slash + 1));
        std::string mine = "unknown";
        if (found) {
            mine = found->email + "|" + found->display_name + "|" + found->status + "|" +
                   (found->deleted ? "deleted" : "here") + "|" + found->admin_role + "|" +
                   found->admin_role_source;
            for (const auto& id : found->groups)
                mine += "|" + id;
        }
        BOOST_TEST(mine == what, who << ": " << mine);
    }
}

BOOST_AUTO_TEST_CASE(callers_whose_versions_one_statement_reads_each_get_their_own) {
    database.sql("INSERT INTO scaiflow.users (tenant_id, id, email, display_name, seen_by, status) "
                     "SELECT t, 'u' || n, t || n, t || n, 'effective_users', 'ACTIVE' FROM unnest(ARRAY['a','b']) t, "
                     "generate_series(1, 6) n");
    auto& principals = group.context->principals;
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    callers.reserve(8);
    for (int i = 0; i < 8; ++i)
        callers.emplace_back([&, i] {
            for (int k = 0; k < 200; ++k) {
                const std::string tenant = (i + k) % 3 == 0 ? "b" : "a";
                const int n = (i * 5 + k) % 7; // u0 is nobody
                const auto user = principals.find(tenant, "u" + std::to_string(n));
                if (n == 0 ? user != nullptr : !user || user->email != tenant + std::to_string(n))
                    ++wrong;
            }
        });
    for (auto& caller : callers)
        caller.join();
    BOOST_TEST(wrong == 0);

    database.sql("UPDATE scaiflow.users SET status = 'SUSPENDED' WHERE tenant_id = 'a' AND id = 'u2'");
    BOOST_TEST(principals.find("a", "u2")->status == "SUSPENDED");
    BOOST_TEST(principals.find("b", "u2")->status == "ACTIVE");
}

BOOST_AUTO_TEST_CASE(service_token_has_its_scopes_and_no_role) {
    add_user("svc", "tnt_a", ", admin_role, admin_role_source", ", 'super_admin', 'manual'");
    const auto body =
        me(group.token(test::service_claims(group.now(), "svc").set("scope", "scaicore:view groups:read")));
    BOOST_TEST(body.get("permissions").dump() == R"(["scaicore:view"])");
    BOOST_TEST(body.get("admin_role").is_null());
    BOOST_TEST(body.get("tenant_id").is_null());
}

BOOST_AUTO_TEST_CASE(token_role_and_scopes_give_permissions) {
    BOOST_TEST(me(group.token(claims().set("role", "tenant_viewer"))).get("permissions").dump() ==
               R"(["scaicore:view"])");
    BOOST_TEST(me(group.token(claims().set("role", "partner_admin"))).get("permissions").size() == 2U);
    BOOST_TEST(me(group.token(claims().set("scope", "openid scaicore:manage"))).get("permissions").dump() ==
               R"(["scaicore:manage","scaicore:view"])");
    BOOST_TEST(me(group.token(claims().set("permissions", json::Value::array({"scaicore:view", "x:y"}))))
                   .get("permissions")
                   .dump() == R"(["scaicore:view","x:y"])");
}

BOOST_AUTO_TEST_CASE(default_permissions_are_for_users_whose_token_names_none) {
    const test::ScaiFlowGroup other(database, "auth", scaiflow::auth_api::routes(),
                                    {{"SCAIFLOW_DEFAULT_PERMISSIONS", "scaicore:view"}});
    const auto permissions = [&](const json::Value& value) {
        return json::parse(other.get("/v1/me", other.token(value)).body)->get("permissions").dump();
    };
    BOOST_TEST(permissions(claims()) == R"(["scaicore:view"])");
    BOOST_TEST(permissions(claims().set("permissions", json::Value::array({"x:y"}))) == R"(["x:y"])");
    BOOST_TEST(permissions(test::service_claims(other.now(), "svc")) == "[]");
}

BOOST_AUTO_TEST_CASE(without_scaikey_settings_the_gate_answers_503) {
    const test::ScaiFlowGroup other(database, "auth", scaiflow::auth_api::routes(),
                                    {{"SCAIFLOW_SCAIKEY_CLIENT_SECRET", ""}});
    const auto response = other.get("/v1/me", group.user_token("usr_1", "tnt_a"));
    BOOST_TEST(response.status == 503);
    BOOST_TEST(detail(response).text_or("") == "ScaiKey OIDC not configured on the server");
}

BOOST_AUTO_TEST_CASE(keys_that_cannot_be_read_are_503_not_401) {
    group.scaikey->keys_down = true;
    const auto response = group.get("/v1/me", group.user_token("usr_1", "tnt_a"));
    BOOST_TEST(response.status == 503);
    BOOST_TEST(detail(response).member("error") == "jwks_unavailable");
}

BOOST_AUTO_TEST_CASE(disabled_authentication_gives_the_fixed_principal) {
    const test::ScaiFlowGroup other(database, "auth", scaiflow::auth_api::routes(),
                                    {{"SCAIFLOW_AUTH_DISABLED", "true"}});
    for (const char* token : {"", "anything"}) {
        const auto response = other.get("/v1/me", token);
        BOOST_TEST(response.status == 200);
        BOOST_TEST(json::parse(response.body)->member("admin_role") == "super_admin");
    }
}

BOOST_AUTO_TEST_CASE(dead_database_is_503) {
    const auto token = group.user_token("usr_1", "tnt_a");
    BOOST_TEST(group.get("/v1/me", token).status == 200);
    test::postgres().stop(true);
    const auto response = group.get("/v1/me", token);
    test::postgres().start();
    BOOST_TEST(response.status == 503);
    BOOST_TEST(group.get("/v1/me", token).status == 200);
}

BOOST_AUTO_TEST_CASE(body_and_other_methods_are_refused) {
    web::Request request;
    request.method = "GET";
    request.path = "/v1/me";
    request.body = "x";
    BOOST_TEST(group.send(request).status == 413);
    BOOST_TEST(group.post("/v1/me", "{}").status == 405);
}

BOOST_AUTO_TEST_SUITE_END()
