// Assignments and effective users. SPDX-License-Identifier: Apache-2.0
#include "tests/support/scaikey_directory.hpp"

using test::Directory;

BOOST_AUTO_TEST_SUITE(handlers_scaikey_effective)

namespace {

const std::string web_app = R"({"name":"Flow","application_type":"WEB","scope":"GLOBAL"})";

std::string naming(const std::string& app) {
    return R"({"application_id":")" + app + R"("})";
}

} // namespace

BOOST_AUTO_TEST_CASE(direct_and_nested_assignments_make_effective_users) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto direct = d.user(tenant, "a@acme.test");
    const auto nested = d.user(tenant, "b@acme.test");
    d.user(tenant, "outside@acme.test");
    const auto outer = d.group(tenant, "Outer");
    const auto inner = d.group(tenant, "Inner");
    BOOST_TEST(d.nest(outer, inner) == 201);
    BOOST_TEST(d.join(inner, nested) == 201);
    const auto app = d.made("/v1/admin/applications/", web_app);
    const auto list = "/v1/tenants/" + tenant + "/applications/" + app + "/effective-users";
    BOOST_TEST(d.get(list).total() == 0);
    BOOST_TEST(d.post("/v1/tenants/" + tenant + "/users/" + direct + "/applications", naming(app)).status ==
               201);
    BOOST_TEST(d.post("/v1/tenants/" + tenant + "/groups/" + outer + "/applications", naming(app)).status ==
               201);
    const auto users = d.get(list);
    BOOST_TEST(users.total() == 2);
    BOOST_TEST(users.rows() == 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        const bool is_direct = users.row(i, "id") == direct;
        BOOST_TEST(users.row(i, "assignment") == (is_direct ? "direct" : "group"));
        BOOST_TEST(users.body.get("data").at(i).get("via_groups").dump() ==
                   (is_direct ? "[]" : "[\"" + outer + "\"]"));
    }
    // A change is seen by the next walk; a page beyond the first belongs to the walk that began before it.
    BOOST_TEST(d.remove("/v1/admin/groups/" + inner + "/members/" + nested).status == 204);
    BOOST_TEST(d.get(list + "?per_page=1&page=2").total() == 2);
    BOOST_TEST(d.get(list + "?per_page=1").total() == 1);
    BOOST_TEST(d.get(list + "?per_page=1&page=2").total() == 1);
}

BOOST_AUTO_TEST_CASE(me_is_the_application_of_the_caller) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto bo = d.user(tenant, "bo@acme.test");
    const auto app = d.post("/v1/admin/applications/", web_app);
    d.who.client_id = app.body.member("client_id");
    BOOST_TEST(d.post("/v1/tenants/" + tenant + "/users/" + bo + "/applications", naming("me")).status ==
               201);
    const auto base = "/v1/tenants/" + tenant + "/applications/";
    BOOST_TEST(d.get(base + "me/effective-users").row(0, "id") == bo);
    BOOST_TEST(d.get(base + app.id() + "/effective-users").total() == 1);
    d.who.client_id = "somebody";
    BOOST_TEST(d.get(base + "me/effective-users").status == 404);
    BOOST_TEST(d.get(base + "app_none/effective-users").status == 404);
    BOOST_TEST(d.get("/v1/tenants/tnt_none/applications/" + app.id() + "/effective-users").status == 404);
}

BOOST_AUTO_TEST_CASE(an_application_for_everybody_needs_no_assignment) {
    Directory d;
    const auto tenant = d.tenant("acme");
    d.user(tenant, "a@acme.test");
    const auto gone = d.user(tenant, "b@acme.test");
    const auto app = d.made("/v1/admin/applications/", web_app);
    const auto list = "/v1/tenants/" + tenant + "/applications/" + app + "/effective-users";
    BOOST_TEST(d.get(list).total() == 0);
    BOOST_TEST(d.patch("/v1/admin/applications/" + app, R"({"assign_all_users":true})").status == 200);
    BOOST_TEST(d.get(list).total() == 2);
    BOOST_TEST(d.get(list).row(0, "assignment") == "all");
    BOOST_TEST(d.remove("/v1/admin/users/" + gone).status == 204);
    BOOST_TEST(d.get(list).total() == 1);
}

BOOST_AUTO_TEST_CASE(assignments_are_listed_and_end) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto bo = d.user(tenant, "bo@acme.test");
    const auto ops = d.group(tenant, "Ops");
    const auto app = d.made("/v1/admin/applications/", web_app);
    d.forget_events();
    const auto user_path = "/v1/tenants/" + tenant + "/users/" + bo + "/applications";
    const auto group_path = "/v1/tenants/" + tenant + "/groups/" + ops + "/applications";
    for (const auto& path : {user_path, group_path}) {
        BOOST_TEST(d.post(path, naming(app)).status == 201);
        BOOST_TEST(d.post(path, naming(app)).status == 200);
        BOOST_TEST(d.get(path).body.get("data").at(0).member("application_id") == app);
        BOOST_TEST(d.post(path, "{}").status == 422);
        BOOST_TEST(d.post(path, naming("app_none")).status == 404);
    }
    const auto assignees =
        d.get("/v1/tenants/" + tenant + "/applications/" + app + "/assignees").body.get("data");
    BOOST_TEST(assignees.get("users").at(0).member("id") == bo);
    BOOST_TEST(assignees.get("groups").at(0).member("id") == ops);
    for (const auto& path : {user_path, group_path}) {
        BOOST_TEST(d.remove(path + "/" + app).status == 204);
        BOOST_TEST(d.remove(path + "/" + app).status == 404);
        BOOST_TEST(d.get(path).body.get("data").size() == 0U);
    }
    BOOST_TEST(d.events() ==
               "application.user_assigned application.group_assigned application.user_unassigned "
               "application.group_unassigned");
    BOOST_TEST(d.get("/v1/tenants/" + tenant + "/users/usr_none/applications").status == 404);
    BOOST_TEST(d.get("/v1/tenants/" + tenant + "/groups/grp_none/applications").status == 404);
}

BOOST_AUTO_TEST_CASE(an_application_of_another_tenant_cannot_be_used) {
    Directory d;
    const auto acme = d.tenant("acme");
    const auto other = d.tenant("other");
    const auto bo = d.user(acme, "bo@acme.test");
    const auto app =
        d.made("/v1/admin/applications/",
               R"({"name":"x","application_type":"SPA","scope":"TENANT","tenant_id":")" + other + "\"}");
    BOOST_TEST(d.get("/v1/tenants/" + acme + "/applications/" + app + "/effective-users").status == 404);
    BOOST_TEST(d.post("/v1/tenants/" + acme + "/users/" + bo + "/applications", naming(app)).status == 404);
    BOOST_TEST(d.get("/v1/tenants/" + other + "/applications/" + app + "/effective-users").total() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
