// Route x role x tenant, with the real gate and real tokens: whoever may not, may not; on every row of the
// table, so that a new route cannot be forgotten. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "tests/support/flow_api.hpp"

#include <boost/test/unit_test.hpp>

namespace {

struct Api : test::FlowApi {
    Api() : FlowApi("admin", scaiflow::admin_api::routes()) {
        db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t1'), ('t2')");
        for (const auto* row :
             {"('t1', 'root', 'super_admin')", "('t1', 'boss', 'tenant_admin')", "('t1', 'plain', NULL)",
              "('t1', 'target', NULL)", "('t2', 'boss2', 'tenant_admin')"})
            db.sql(
                std::string(
                    "INSERT INTO scaiflow.users (tenant_id, id, email, seen_by, admin_role, "
                    "admin_role_source) SELECT v.t, v.i, v.i || '@x', 'webhook', v.r, CASE WHEN v.r IS NOT "
                    "NULL THEN 'manual' END FROM (VALUES ") +
                row + ") AS v(t, i, r)");
        db.sql("INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, granted_by) SELECT "
               "tenant_id, id, "
               "admin_role, 'manual', 'cli:test' FROM scaiflow.users WHERE admin_role IS NOT NULL");
    }
};

std::string target_of(const scai::web::Route<scaiflow::Context>& route) {
    std::string path(route.pattern);
    if (const auto at = path.find("{id}"); at != std::string::npos)
        path.replace(at, 4, path.find("/users/") != std::string::npos ? "target" : "run_1");
    return path;
}

std::string body_of(const scai::web::Route<scaiflow::Context>& route) {
    if (route.max_body == 0)
        return "";
    return route.pattern.ends_with("/role") ? R"({"role":"tenant_admin"})" : R"({"dry_run":true})";
}

/// 401 and 403 are refusals; anything else got past the gate.
bool refused(int status) {
    return status == 401 || status == 403;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_admin_access)

BOOST_AUTO_TEST_CASE(every_route_refuses_who_has_no_or_a_bad_token) {
    Api api;
    const std::string good = api.token("root", "t1");
    for (const auto& route : scaiflow::admin_api::routes()) {
        const auto send = [&](const std::string& authorization) {
            return api.call(std::string(route.method), target_of(route), body_of(route),
                            {{"authorization", authorization}});
        };
        for (const std::string& bad :
             std::vector<std::string>{"Bearer ", "Bearer x.y.z", "Bearer " + good + "x", "Basic " + good,
                                      "Bearer " + good.substr(0, good.size() - 8) + "AAAAAAAA"}) {
            const auto answer = send(bad);
            BOOST_TEST(answer.status == 401, route.pattern);
            BOOST_TEST(answer.headers.at("WWW-Authenticate").starts_with("Bearer"));
        }
        const auto none = api.call(std::string(route.method), target_of(route), body_of(route));
        BOOST_TEST(none.status == 401, route.pattern);
        BOOST_TEST(none.detail() == "missing bearer token");
    }
}

BOOST_AUTO_TEST_CASE(every_route_refuses_roles_below_its_own) {
    Api api;
    for (const auto& route : scaiflow::admin_api::routes()) {
        BOOST_REQUIRE((route.access.kind() == scai::web::Access::Kind::role));
        const bool for_super_admin = route.access.name() == "super_admin";
        const auto status = [&](const std::string& token) {
            return api.call_as(token, std::string(route.method), target_of(route), body_of(route)).status;
        };
        BOOST_TEST(status(api.token("plain", "t1")) == 403, route.pattern);
        BOOST_TEST(status(api.token("stranger", "t1")) == 403, route.pattern); // not mirrored
        BOOST_TEST(status(api.token("root", "t2")) == 403, route.pattern);     // same id, another tenant
        BOOST_TEST(status(api.service_token()) == 403, route.pattern);
        BOOST_TEST(refused(status(api.token("boss", "t1"))) == for_super_admin, route.pattern);
        BOOST_TEST(refused(status(api.token("boss2", "t2"))) == for_super_admin, route.pattern);
        BOOST_TEST(!refused(status(api.token("root", "t1"))), route.pattern);
    }
}

BOOST_AUTO_TEST_CASE(tenant_admin_of_another_tenant_sees_no_user_of_this_one) {
    Api api;
    const auto far = api.token("boss2", "t2");
    for (const auto& route : scaiflow::admin_api::routes())
        if (route.pattern.find("/users/{id}") != std::string_view::npos)
            for (const auto* query : {"", "?tenant_id=t1", "?tenant_id=t2"})
                BOOST_TEST(
                    api.call_as(far, std::string(route.method), target_of(route) + query, body_of(route))
                            .status == 404,
                    route.pattern);
    const auto list = api.call_as(far, "GET", "/v1/admin/tenant/users");
    BOOST_TEST(list.body.find("\"t1\"") == std::string::npos);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.role_grants WHERE user_id = 'target'") == "0");
}

BOOST_AUTO_TEST_CASE(disabled_or_deleted_admin_is_out_at_once) {
    for (const auto* change : {"status = 'SUSPENDED'", "deleted_at = now()"}) {
        Api api;
        const auto token = api.token("root", "t1");
        BOOST_TEST(api.call_as(token, "GET", "/v1/admin/users").status == 200);
        api.db.sql(std::string("UPDATE scaiflow.users SET ") + change + " WHERE id = 'root'");
        BOOST_TEST(api.call_as(token, "GET", "/v1/admin/users").status == 401);
    }
    Api api;
    const auto token = api.token("root", "t1");
    api.db.sql("UPDATE scaiflow.tenants SET status = 'SUSPENDED' WHERE id = 't1'");
    BOOST_TEST(api.call_as(token, "GET", "/v1/admin/users").status == 401);
}

BOOST_AUTO_TEST_CASE(demoted_admin_is_out_at_once) {
    Api api;
    const auto boss = api.token("boss", "t1");
    BOOST_TEST(api.call_as(boss, "GET", "/v1/admin/tenant/users").status == 200);
    BOOST_TEST(api.call_as(api.token("root", "t1"), "DELETE", "/v1/admin/users/boss/role").status == 204);
    BOOST_TEST(api.call_as(boss, "GET", "/v1/admin/tenant/users").status == 403);
}

BOOST_AUTO_TEST_CASE(database_that_is_gone_is_503_on_every_route) {
    Api api;
    const auto token = api.token("root", "t1");
    BOOST_TEST(api.call_as(token, "GET", "/v1/admin/users").status == 200);
    test::postgres().stop(true);
    for (const auto& route : scaiflow::admin_api::routes()) {
        const auto answer = api.call_as(token, std::string(route.method), target_of(route), body_of(route));
        BOOST_TEST(answer.status == 503, route.pattern);
        BOOST_TEST(!answer.headers.at("Retry-After").empty());
    }
    test::postgres().start();
    BOOST_TEST(api.call_as(token, "GET", "/v1/admin/users").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
