// Partners, tenants, reach, scopes and the form of collection URLs. SPDX-License-Identifier: Apache-2.0
#include "tests/support/scaikey_directory.hpp"

using test::admin;
using test::Directory;
using test::service;

BOOST_AUTO_TEST_SUITE(handlers_scaikey_organizations)

BOOST_AUTO_TEST_CASE(the_slashless_form_of_a_collection_redirects) {
    Directory d;
    const auto answer = d.get("/v1/admin/groups?page=2&per_page=10");
    BOOST_TEST(answer.status == 307);
    BOOST_TEST(answer.location == "http://key.test/api/v1/admin/groups/?page=2&per_page=10");
    BOOST_TEST(d.post("/v1/admin/users").status == 307);
}

BOOST_AUTO_TEST_CASE(a_platform_token_needs_the_scope_of_the_route) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto group = d.group(tenant, "Ops");
    const std::string exact = "Platform token requires admin:read or admin:write scope";
    const auto lists = {std::string("/v1/admin/partners/"),
                        std::string("/v1/admin/tenants/"),
                        std::string("/v1/admin/users/"),
                        std::string("/v1/admin/groups/"),
                        std::string("/v1/admin/applications/"),
                        std::string("/v1/admin/webhooks/"),
                        "/v1/tenants/" + tenant + "/applications/me/effective-users"};
    d.who = service({"openid", "profile"});
    for (const auto& path : lists) {
        BOOST_TEST(d.get(path).status == 403, path);
        BOOST_TEST(d.get(path).text == R"({"detail":")" + exact + "\"}");
    }
    d.who = service({"groups:read"});
    BOOST_TEST(d.get("/v1/admin/groups/").status == 200);
    BOOST_TEST(d.get("/v1/admin/groups/" + group + "/members").status == 200);
    BOOST_TEST(d.get("/v1/admin/users/").detail() == exact);
    BOOST_TEST(d.get("/v1/tenants/" + tenant + "/applications/me/effective-users").detail() == exact);
    BOOST_TEST(d.nest(group, group) == 403);
    d.who = service({"users:read"});
    BOOST_TEST(d.get("/v1/admin/users/").status == 200);
    BOOST_TEST(d.get("/v1/admin/groups/").status == 403);
    d.who = service({"admin:read"});
    BOOST_TEST(d.get("/v1/admin/users/").status == 200);
    BOOST_TEST(d.remove("/v1/admin/groups/" + group).status == 403);
    d.who = service({"admin:write"});
    BOOST_TEST(d.get("/v1/admin/users/").status == 200);
    d.who = admin("", tenant); // signed in, but no administrator
    BOOST_TEST(d.get("/v1/admin/users/").status == 403);
}

BOOST_AUTO_TEST_CASE(partners_and_tenants_live_through_their_verbs) {
    Directory d;
    const auto partner = d.made("/v1/admin/partners/", R"({"name":"North","slug":"north","max_tenants":1})");
    const auto partner_path = "/v1/admin/partners/" + partner;
    BOOST_TEST(d.post("/v1/admin/partners/", R"({"name":"N","slug":"north"})").status == 409);
    BOOST_TEST(d.patch(partner_path, R"({"contact_email":"ops@north.test"})").body.member("contact_email") ==
               "ops@north.test");
    const auto tenant = d.tenant("acme", partner);
    BOOST_TEST(
        d.post("/v1/admin/tenants/", R"({"name":"B","slug":"b","partner_id":")" + partner + "\"}").status ==
        409);
    BOOST_TEST(d.post("/v1/admin/tenants/", R"({"name":"B","slug":"acme"})").status == 409);
    BOOST_TEST(d.post("/v1/admin/tenants/", R"({"name":"B","slug":"b","partner_id":"prt_none"})").status ==
               422);
    for (const char* body : {R"({"slug":"x"})", R"({"name":"x"})", R"({"name":"x","slug":"Not Good"})",
                             R"({"name":"x","slug":"-x"})", R"({"name":"x","slug":"x","settings":[]})",
                             R"({"name":"x","slug":"x","status":"OFF"})"})
        BOOST_TEST(d.post("/v1/admin/tenants/", body).status == 422, body);
    BOOST_TEST(d.remove(partner_path).status == 409); // it still has a tenant
    const auto path = "/v1/admin/tenants/" + tenant;
    BOOST_TEST(d.patch(path, R"({"settings":{"a":1}})").status == 200);
    BOOST_TEST(d.patch(path, R"({"settings":{"b":2}})").body.get("settings").dump(true) ==
               R"({"a":1,"b":2})");
    BOOST_TEST(d.get("/v1/admin/tenants/?partner_id=" + partner).total() == 1);
    BOOST_TEST(d.get("/v1/admin/tenants/?partner_id=prt_none").status == 404);
    const auto user = d.user(tenant, "bo@acme.test");
    d.group(tenant, "Ops");
    BOOST_TEST(d.remove(path).status == 204);
    for (const auto& gone : {d.get(path), d.remove(path), d.patch(path, "{}"),
                             d.get("/v1/admin/users/" + user), d.get("/v1/admin/users/?tenant_id=" + tenant)})
        BOOST_TEST(gone.status == 404);
    BOOST_TEST(d.get("/v1/admin/users/").total() == 0);
    BOOST_TEST(d.get("/v1/admin/groups/").total() == 0);
    BOOST_TEST(d.get("/v1/admin/tenants/").total() == 0);
    BOOST_TEST(d.remove(partner_path).status == 204);
    BOOST_TEST(d.get(partner_path).status == 404);
    BOOST_TEST(d.get("/v1/admin/partners/").total() == 0);
}

BOOST_AUTO_TEST_CASE(a_tenant_admin_sees_the_own_tenant_and_nothing_else) {
    Directory d;
    const auto acme = d.tenant("acme");
    const auto other = d.tenant("other");
    const auto mine = d.user(acme, "a@acme.test");
    const auto theirs = d.user(other, "b@other.test");
    const auto their_group = d.group(other, "Theirs");
    d.who = admin("tenant_admin", acme);
    BOOST_TEST(d.get("/v1/admin/users/").total() == 1);
    BOOST_TEST(d.get("/v1/admin/users/").row(0, "id") == mine);
    BOOST_TEST(d.get("/v1/admin/groups/").total() == 0);
    BOOST_TEST(d.get("/v1/admin/tenants/").total() == 1);
    for (const auto& hidden :
         {d.get("/v1/admin/users/" + theirs), d.patch("/v1/admin/users/" + theirs, R"({"title":"x"})"),
          d.remove("/v1/admin/users/" + theirs), d.post("/v1/admin/users/" + theirs + "/suspend"),
          d.get("/v1/admin/groups/" + their_group), d.get("/v1/admin/groups/" + their_group + "/members"),
          d.remove("/v1/admin/groups/" + their_group), d.get("/v1/admin/tenants/" + other),
          d.get("/v1/tenants/" + other + "/applications/me/effective-users"),
          d.get("/v1/tenants/" + other + "/users/" + theirs + "/applications")})
        BOOST_TEST(hidden.status == 404);
    BOOST_TEST(d.get("/v1/admin/users/?tenant_id=" + other).status == 403);
    BOOST_TEST(d.get("/v1/admin/partners/").status == 403);
    BOOST_TEST(d.patch("/v1/admin/tenants/" + acme, R"({"name":"x"})").status == 403);
    BOOST_TEST(d.post("/v1/admin/tenants/", R"({"name":"x","slug":"x"})").status == 403);
    // Without a tenant_id the new user lands at home; elsewhere is refused.
    BOOST_TEST(d.post("/v1/admin/users/", R"({"email":"c@acme.test"})").body.member("tenant_id") == acme);
    BOOST_TEST(d.post("/v1/admin/users/", R"({"email":"c@x.test","tenant_id":")" + other + "\"}").status ==
               422);
}

BOOST_AUTO_TEST_CASE(a_partner_admin_sees_the_tenants_of_the_partner) {
    Directory d;
    const auto north = d.made("/v1/admin/partners/", R"({"name":"North","slug":"north"})");
    const auto a = d.tenant("a", north);
    const auto b = d.tenant("b", north);
    const auto foreign = d.tenant("foreign");
    d.user(a, "a@a.test");
    d.user(b, "b@b.test");
    const auto outside = d.user(foreign, "c@c.test");
    d.who = admin("partner_admin", a, north);
    BOOST_TEST(d.get("/v1/admin/tenants/").total() == 2);
    BOOST_TEST(d.get("/v1/admin/users/").total() == 2);
    BOOST_TEST(d.get("/v1/admin/users/?tenant_id=" + b).total() == 1);
    BOOST_TEST(d.get("/v1/admin/users/?tenant_id=" + foreign).status == 403);
    BOOST_TEST(d.get("/v1/admin/users/" + outside).status == 404);
    BOOST_TEST(d.get("/v1/admin/tenants/" + foreign).status == 404);
}

BOOST_AUTO_TEST_CASE(a_second_wall_stands_behind_the_queries) {
    Directory d;
    const auto acme = d.tenant("acme");
    d.user(acme, "a@acme.test");
    d.user(d.tenant("other"), "b@other.test");
    static constexpr auto no_tenant_clause = "SELECT count(*) FROM scaikey.users";
    using scai::db::Scope;
    BOOST_TEST(d.context.pool.read(Scope::tenant(acme)).one<std::int64_t>(no_tenant_clause) == 1);
    BOOST_TEST(d.context.pool.read(Scope::none()).one<std::int64_t>(no_tenant_clause) == 0);
    BOOST_TEST(d.context.pool.read(Scope::all_tenants()).one<std::int64_t>(no_tenant_clause) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
