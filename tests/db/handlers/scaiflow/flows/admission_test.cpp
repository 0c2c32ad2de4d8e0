// GET /v1/flows/{id} confirms a remembered caller by its own statement: nobody gains a request by that.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/admit.hpp"
#include "tests/db/handlers/scaiflow/flows/fixture.hpp"
#include "tests/db/handlers/scaiflow/flows/people.hpp"

#include <array>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

using test::People;

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_admission)

BOOST_AUTO_TEST_CASE(remembered_caller_who_is_disabled_or_deleted_is_out_at_once) {
    People api;
    const auto refused = [&](const std::string& path, const std::string& text) {
        const auto answer = api.as("ed", "GET", path);
        BOOST_TEST(answer.status == 401, path << answer.body);
        BOOST_TEST(answer.json.member("detail") == text);
    };
    const auto change = [&](const std::string& to) {
        api.db.sql("UPDATE scaiflow.users SET " + to + " WHERE tenant_id = 't1' AND id = 'ed'");
    };
    BOOST_TEST(api.as("ed", "GET", "/v1/flows/f1").status == 200);
    BOOST_TEST(api.as("ed", "GET", "/v1/flows/f1").status == 200);
    change("status = 'SUSPENDED'");
    refused("/v1/flows/f1", "invalid token: the user is disabled");
    refused("/v1/flows/none", "invalid token: the user is disabled");
    change("status = 'ACTIVE'");
    BOOST_TEST(api.as("ed", "GET", "/v1/flows/f1").status == 200);
    change("deleted_at = now()");
    refused("/v1/flows/none", "invalid token: the user is deleted");
    refused("/v1/flows/f1", "invalid token: the user is deleted");
    change("deleted_at = NULL");
    BOOST_TEST(api.as("ed", "GET", "/v1/flows/f1").status == 200);
    api.db.sql("UPDATE scaiflow.tenants SET status = 'SUSPENDED' WHERE id = 't1'");
    refused("/v1/flows/f1", "invalid token: the tenant is disabled");
}

BOOST_AUTO_TEST_CASE(remembered_role_counts_no_longer_than_it_lasts) {
    People api;
    BOOST_TEST(api.as("t2/root", "GET", "/v1/flows/f1").status == 200);
    BOOST_TEST(api.as("t2/stan", "GET", "/v1/flows/f1").status == 404);
    api.db.sql("UPDATE scaiflow.users SET admin_role = NULL, admin_role_source = NULL WHERE id = 'root'");
    BOOST_TEST(api.as("t2/root", "GET", "/v1/flows/f1").status == 404);
    api.db.sql("UPDATE scaiflow.users SET admin_role = 'super_admin', admin_role_source = 'manual' "
               "WHERE id = 'stan'");
    BOOST_TEST(api.as("t2/stan", "GET", "/v1/flows/f1").status == 200);
    BOOST_TEST(api.as("gview", "GET", "/v1/flows/f1").status == 200);
    api.db.sql("UPDATE scaiflow.memberships SET deleted_at = now() WHERE user_id = 'gview'");
    BOOST_TEST(api.as("gview", "GET", "/v1/flows/f1").status == 404);
}

BOOST_AUTO_TEST_CASE(callers_whose_rows_one_statement_confirms_each_get_what_is_theirs) {
    People api;
    const std::array<std::pair<std::string, int>, 5> people{
        {{"ed", 200}, {"gview", 200}, {"t2/root", 200}, {"t2/stan", 404}, {"gview", 200}}};
    const auto ask_all = [&](std::size_t from, int times) {
        int wrong = 0;
        for (std::size_t i = 0; i < static_cast<std::size_t>(times); ++i) {
            const auto& [who, status] = people.at((from + i) % people.size());
            const bool none = (from + i) % 7 == 0;
            const auto answer = api.as(who, "GET", none ? "/v1/flows/none" : "/v1/flows/f1");
            if (answer.status != (none ? 404 : status))
                ++wrong;
        }
        return wrong;
    };
    BOOST_TEST(ask_all(0, 7) == 0); // what is remembered is all there
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    callers.reserve(8);
    for (std::size_t i = 0; i < 8; ++i)
        callers.emplace_back([&, i] { wrong += ask_all(i, 100); });
    for (auto& caller : callers)
        caller.join();
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(permission_is_asked_for_as_everywhere) {
    People api;
    for (int i = 0; i < 2; ++i) {
        const auto answer = api.call_as(api.token("ed", "t1"), "GET", "/v1/flows/f1");
        BOOST_TEST(answer.status == 403, answer.body);
        BOOST_TEST(answer.json.get("detail").member("required") == "scaicore:view");
        BOOST_TEST(api.as("ed", "GET", "/v1/flows/f1").status == 200);
    }
    BOOST_TEST(api.call_as("no.token", "GET", "/v1/flows/f1").status == 401);
}

BOOST_AUTO_TEST_CASE(remembered_content_is_served_only_while_it_is_current_and_allowed) {
    test::FlowsFixture api;
    const auto flow = api.make_flow("ann", "A", R"({"nodes":[],"edges":[],"metadata":{"n":1}})");
    api.grant(flow, "user", "dan", 1);
    const auto content = [&](const char* who) {
        const auto answer = api.as(who, "GET", "/v1/flows/" + flow);
        BOOST_TEST(answer.status == 200, answer.body);
        return answer.json.get("content").get("metadata").get("n").integer().value_or(-1);
    };
    const auto put = [&](const std::string& body) {
        BOOST_TEST(api.as("ann", "PUT", "/v1/flows/" + flow, body).status == 200);
    };
    for (int i = 0; i < 2; ++i) {
        BOOST_TEST(content("ann") == 1);
        BOOST_TEST(content("dan") == 1);
        BOOST_TEST(api.as("cat", "GET", "/v1/flows/" + flow).status == 404); // never had access
        BOOST_TEST(api.as("boss2", "GET", "/v1/flows/" + flow).status == 404);
        BOOST_TEST(content("root") == 1);
    }
    put(R"({"content":{"nodes":[],"edges":[],"metadata":{"n":2}}})");
    BOOST_TEST(content("dan") == 2);
    put(R"({"name":"B"})"); // the content stays, the rest is new
    BOOST_TEST(api.as("dan", "GET", "/v1/flows/" + flow).json.member("name") == "B");
    BOOST_TEST(content("dan") == 2);
    // Written by another process.
    api.db.sql("INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, "
               "content_sha256, created_by) SELECT tenant_id, id, 3, '9.0.0', "
               "'{\"metadata\":{\"n\":3}}', 'x', 'ann' FROM scaiflow.flows WHERE id = '" +
               flow + "'");
    api.db.sql("UPDATE scaiflow.flows SET number = 3, version = '9.0.0' WHERE id = '" + flow + "'");
    BOOST_TEST(content("dan") == 3);
    api.db.sql("DELETE FROM scaiflow.flow_acls WHERE principal_id = 'dan'");
    BOOST_TEST(api.as("dan", "GET", "/v1/flows/" + flow).status == 404);
    BOOST_TEST(content("ann") == 3);
    BOOST_TEST(api.as("ann", "DELETE", "/v1/flows/" + flow).status == 204);
    BOOST_TEST(api.as("ann", "GET", "/v1/flows/" + flow).status == 404);
}

BOOST_AUTO_TEST_CASE(remembered_decision_ends_with_any_change_of_what_it_rests_on) {
    People api;
    const auto sees = [&](const char* who) { return api.as(who, "GET", "/v1/flows/f1").status == 200; };
    const auto after = [&](const char* who, const std::string& change) {
        for (int i = 0; i < 2; ++i) // remembered, whatever it is
            sees(who);
        api.db.sql(change);
        return sees(who);
    };
    BOOST_TEST(after("ed", "SELECT 1"));
    BOOST_TEST(!after("ed", "DELETE FROM scaiflow.flow_acls WHERE principal_id = 'ed'"));
    BOOST_TEST(after("ed", "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) "
                           "VALUES ('t1', 'grp_edit', 'ed')"));
    BOOST_TEST(!after("ed", "DELETE FROM scaiflow.memberships WHERE user_id = 'ed'"));
    BOOST_TEST(after("ed", "INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, "
                           "principal_id, level, granted_by) VALUES ('t1', 'acl_ed', 'f1', 'user', 'ed', 4, "
                           "'ann')"));
    BOOST_TEST(!after("nedit", "DELETE FROM scaiflow.memberships WHERE user_id = 'nedit'"));
    BOOST_TEST(!after("ann", "UPDATE scaiflow.flows SET owner_id = 'bo'"));
    BOOST_TEST(sees("bo"));
    BOOST_TEST(!after("boss", "UPDATE scaiflow.users SET admin_role = NULL, admin_role_source = NULL WHERE "
                              "id = 'boss'"));
    BOOST_TEST(!after("t2/root", "UPDATE scaiflow.users SET admin_role = 'tenant_admin' WHERE id = 'root'"));
    BOOST_TEST(!after("adm", "UPDATE scaiflow.flows SET deleted_at = now()"));
    BOOST_TEST(after("adm", "UPDATE scaiflow.flows SET deleted_at = NULL"));
    // What the endpoints write, each in one transaction with the flow's own row or without it.
    constexpr auto row = "/v1/flows/f1/acls/acl_vic_f1";
    BOOST_TEST(sees("vic"));
    BOOST_TEST(api.as("bo", "PUT", "/v1/flows/f1", R"({"name":"Other"})").status == 200);
    BOOST_TEST(api.as("vic", "GET", "/v1/flows/f1").json.member("name") == "Other");
    BOOST_TEST(api.as("bo", "DELETE", row).status == 204);
    BOOST_TEST(!sees("vic"));
}

BOOST_AUTO_TEST_CASE(remembered_decision_is_one_callers) {
    People api;
    for (int i = 0; i < 2; ++i) {
        BOOST_TEST(api.as("ann", "GET", "/v1/flows/f1").status == 200);
        BOOST_TEST(api.as("vic", "GET", "/v1/flows/f1").status == 200);
        BOOST_TEST(api.as("t2/ann", "GET", "/v1/flows/f1").status == 404);
        BOOST_TEST(api.as("bo", "GET", "/v1/flows/f1").status == 404);
    }
}

BOOST_AUTO_TEST_CASE(change_of_an_access_row_gives_its_flow_another_version_and_nothing_else) {
    People api;
    const auto flow = [&] { return api.db.value("SELECT f::text FROM scaiflow.flows f WHERE id = 'f1'"); };
    const auto version = [&] { return api.db.value("SELECT xmin FROM scaiflow.flows WHERE id = 'f1'"); };
    const auto before = flow();
    for (const char* change :
         {"UPDATE scaiflow.flow_acls SET level = 2 WHERE principal_id = 'vic'",
          "DELETE FROM scaiflow.flow_acls WHERE principal_id = 'vic'",
          "INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, "
          "granted_by) VALUES ('t1', 'acl_v', 'f1', 'user', 'vic', 1, 'ann')"}) {
        const auto old = version();
        api.db.sql(change);
        BOOST_TEST(version() != old, change);
        BOOST_TEST(flow() == before, change);
    }
}

BOOST_AUTO_TEST_CASE(endpoint_that_forgets_to_admit_serves_nobody) {
    People api;
    static constexpr auto access = scai::web::Access::permission("scaicore:view").admitted_by_endpoint();
    const auto handler = [](const scai::web::Request& request) -> scai::Result<scai::web::Response> {
        const auto& who = request.principal;
        BOOST_TEST(who.subject == "");
        BOOST_TEST(who.tenant_id == "");
        BOOST_TEST(who.admin_role == "");
        BOOST_TEST(who.permissions.empty());
        return scai::web::Response::no_content();
    };
    const scai::web::Router router({{"GET", "/v1/x", access, scai::web::no_body, handler}},
                                   scaiflow::make_gate(api.context()), scai::web::Envelope::scaiflow);
    scai::web::Request request;
    request.method = "GET";
    request.path = "/v1/x";
    request.headers["authorization"] = "Bearer " + api.token("boss", "t1", {"scaicore:view"});
    BOOST_TEST(router.dispatch(request).status == 204);
    request.headers["authorization"] = "Bearer nonsense";
    BOOST_TEST(router.dispatch(request).status == 401);
}

BOOST_AUTO_TEST_SUITE_END()
