// Users of the directory API. SPDX-License-Identifier: Apache-2.0
#include "tests/support/scaikey_directory.hpp"

#include "lib/crypto/crypto.hpp"

using test::Directory;

BOOST_AUTO_TEST_SUITE(handlers_scaikey_users)

BOOST_AUTO_TEST_CASE(a_user_is_created_read_changed_and_deleted) {
    Directory d;
    const auto tenant = d.tenant("acme");
    d.forget_events();
    const auto made =
        d.post("/v1/admin/users/", R"({"tenant_id":")" + tenant +
                                       R"(","email":"bo@acme.test","first_name":"Bo","last_name":"Berg"})");
    BOOST_TEST(made.status == 201);
    BOOST_TEST(made.id().starts_with("usr_"));
    BOOST_TEST(made.body.member("display_name") == "Bo Berg");
    BOOST_TEST(made.body.member("status") == "ACTIVE");
    BOOST_TEST(made.text.find("password") == std::string::npos);

    const auto path = "/v1/admin/users/" + made.id();
    BOOST_TEST(d.get(path).text == made.text);
    const auto changed = d.patch(path, R"({"title":"Chief","last_name":null})");
    BOOST_TEST(changed.status == 200);
    BOOST_TEST(changed.body.member("title") == "Chief");
    BOOST_TEST(changed.body.get("last_name").is_null());
    BOOST_TEST(changed.body.member("first_name") == "Bo");

    const auto gone = d.remove(path);
    BOOST_TEST(gone.status == 204);
    BOOST_TEST(gone.text.empty());
    BOOST_TEST(d.get(path).status == 404);
    BOOST_TEST(d.remove(path).status == 404);
    BOOST_TEST(d.patch(path, "{}").status == 404);
    BOOST_TEST(d.get("/v1/admin/users/").total() == 0);
    BOOST_TEST(d.events() == "user.created user.updated user.deleted");
}

BOOST_AUTO_TEST_CASE(an_address_is_taken_once_per_tenant_and_free_again_after_deletion) {
    Directory d;
    const auto acme = d.tenant("acme");
    const auto other = d.tenant("other");
    const auto first = d.user(acme, "bo@acme.test");
    const auto body = R"({"tenant_id":")" + acme + R"(","email":"BO@acme.test"})";
    BOOST_TEST(d.post("/v1/admin/users/", body).status == 409);
    d.user(other, "bo@acme.test");
    const auto second = d.user(acme, "al@acme.test");
    BOOST_TEST(d.patch("/v1/admin/users/" + second, R"({"email":"bo@acme.test"})").status == 409);
    BOOST_TEST(d.remove("/v1/admin/users/" + first).status == 204);
    BOOST_TEST(d.post("/v1/admin/users/", body).status == 201);
}

BOOST_AUTO_TEST_CASE(bad_bodies_are_refused_with_the_field) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto with = [&](const std::string& more) {
        return R"({"tenant_id":")" + tenant + R"(",)" + more + "}";
    };
    const std::pair<std::string, std::string> cases[] = {
        {R"({"tenant_id":")" + tenant + "\"}", "email"},
        {with(R"("email":"nonsense")"), "email"},
        {with(R"("email":7)"), "email"},
        {with(R"("email":null)"), "email"},
        {with(R"("email":"a@b","status":"GONE")"), "status"},
        {with(R"("email":"a@b","password":"short")"), "password"},
        {with(R"("email":"a@b","custom_attributes":[])"), "custom_attributes"},
        {with(R"("email":"a@b","admin_role":"king")"), "admin_role"},
        {R"({"email":"a@b"})", "tenant_id"},
        {R"({"email":"a@b","tenant_id":"tnt_none"})", "tenant_id"},
    };
    for (const auto& [body, field] : cases) {
        const auto answer = d.post("/v1/admin/users/", body);
        BOOST_TEST(answer.status == 422, body);
        BOOST_TEST(answer.text.find("\"" + field + "\"") != std::string::npos, answer.text);
        BOOST_TEST(answer.body.get("detail").size() == 1U, answer.text); // said once
    }
    BOOST_TEST(d.post("/v1/admin/users/", "{").status == 400);
    BOOST_TEST(d.post("/v1/admin/users/", "[]").status == 422);
    const auto bo = "/v1/admin/users/" + d.user(tenant, "bo@acme.test");
    for (const char* body :
         {R"({"password":"long-enough"})", R"({"status":"SUSPENDED"})", R"({"tenant_id":"x"})"})
        BOOST_TEST(d.patch(bo, body).status == 422, body);
    BOOST_TEST(d.get("/v1/admin/users/").total() == 1);
}

BOOST_AUTO_TEST_CASE(suspending_and_activating_tell_once) {
    Directory d;
    const auto path = "/v1/admin/users/" + d.user(d.tenant("acme"), "bo@acme.test");
    d.forget_events();
    BOOST_TEST(d.post(path + "/suspend").body.member("status") == "SUSPENDED");
    BOOST_TEST(d.post(path + "/suspend").status == 200);
    BOOST_TEST(d.get("/v1/admin/users/?status=SUSPENDED").total() == 1);
    BOOST_TEST(d.post(path + "/activate").body.member("status") == "ACTIVE");
    BOOST_TEST(d.get("/v1/admin/users/?status=SUSPENDED").total() == 0);
    BOOST_TEST(d.events() == "user.suspended user.activated");
    BOOST_TEST(d.post("/v1/admin/users/usr_none/suspend").status == 404);
    BOOST_TEST(d.post("/v1/admin/users/usr_none/activate").status == 404);
}

BOOST_AUTO_TEST_CASE(a_password_is_set_or_generated_and_shown_once) {
    Directory d;
    const auto id = d.user(d.tenant("acme"), "bo@acme.test");
    const auto path = "/v1/admin/users/" + id + "/reset-password";
    const auto hash = [&] {
        return d.db.value("SELECT password_hash FROM scaikey.users WHERE id = '" + id + "'");
    };
    d.forget_events();
    const auto set = d.post(path, R"({"password":"correct horse"})");
    BOOST_TEST(set.status == 200);
    BOOST_TEST(set.text.find("correct horse") == std::string::npos);
    BOOST_TEST(scai::crypto::verify_password("correct horse", hash()));
    const auto made = d.post(path, "");
    BOOST_TEST(scai::crypto::verify_password(made.body.member("temporary_password"), hash()));
    BOOST_TEST(d.post(path, R"({"password":"short"})").status == 422);
    BOOST_TEST(d.post("/v1/admin/users/usr_none/reset-password", "").status == 404);
    BOOST_TEST(d.events() == "user.password_changed user.password_changed");
    BOOST_TEST(d.db.value("SELECT count(*) FROM scaikey.events WHERE data::text LIKE '%horse%'") == "0");
}

BOOST_AUTO_TEST_CASE(a_deleted_user_leaves_groups_and_assignments_with_their_events) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto bo = d.user(tenant, "bo@acme.test");
    const auto ops = d.group(tenant, "Ops");
    BOOST_TEST(d.join(ops, bo) == 201);
    const auto app =
        d.made("/v1/admin/applications/", R"({"name":"F","application_type":"SPA","scope":"GLOBAL"})");
    BOOST_TEST(d.post("/v1/tenants/" + tenant + "/users/" + bo + "/applications",
                      R"({"application_id":")" + app + "\"}")
                   .status == 201);
    d.forget_events();
    BOOST_TEST(d.remove("/v1/admin/users/" + bo).status == 204);
    BOOST_TEST(d.events() == "group.member_removed application.user_unassigned user.deleted");
    BOOST_TEST(d.get("/v1/admin/groups/" + ops + "/members").total() == 0);
    BOOST_TEST(d.db.value("SELECT count(*) FROM scaikey.app_assignments") == "0");
}

BOOST_AUTO_TEST_CASE(pages_cover_every_user_once_whatever_the_size) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto list = "/v1/admin/users/?per_page=100&tenant_id=" + tenant;
    const auto fill = [&](int from, int to) {
        d.db.sql(
            "INSERT INTO scaikey.users (id, tenant_id, email) SELECT 'usr_' || lpad(n::text, 5, '0'), '" +
            tenant + "', 'u' || n || '@x.test' FROM generate_series(" + std::to_string(from) + ", " +
            std::to_string(to) + ") n");
    };
    int have = 0;
    for (const int wanted : {0, 1, 100, 101, 1000}) {
        fill(have + 1, wanted);
        have = wanted;
        std::set<std::string> seen;
        const int pages = (wanted + 99) / 100;
        for (int page = 1; page <= pages + 1; ++page) {
            const auto answer = d.get(list + "&page=" + std::to_string(page));
            BOOST_TEST(answer.total() == wanted);
            BOOST_TEST(*answer.body.get("pagination").get("total_pages").integer() == pages);
            BOOST_TEST(answer.rows() ==
                       static_cast<std::size_t>(page > pages ? 0 : std::min(100, wanted - (page - 1) * 100)));
            for (std::size_t i = 0; i < answer.rows(); ++i)
                seen.insert(answer.row(i, "id"));
        }
        BOOST_TEST(seen.size() == static_cast<std::size_t>(wanted));
    }
    // From an anchor or by counting, a page is the same; and a change makes old anchors void.
    const auto warm = d.get(list + "&page=7");
    d.context.page_anchors.remember("users|" + tenant + "|100", 0, 6, "usr_99999");
    BOOST_TEST(d.get(list + "&page=7").text == warm.text);
    BOOST_TEST(warm.row(0, "id") == "usr_00601");
    BOOST_TEST(d.remove("/v1/admin/users/usr_00001").status == 204);
    BOOST_TEST(d.get(list + "&page=7").row(0, "id") == "usr_00602");
    BOOST_TEST(d.get("/v1/admin/users/?per_page=1000").rows() == 999U);
}

BOOST_AUTO_TEST_CASE(bad_paging_names_the_parameter) {
    Directory d;
    for (const char* query : {"per_page=1001", "per_page=0", "per_page=x", "per_page=-5"}) {
        const auto answer = d.get(std::string("/v1/admin/users/?") + query);
        BOOST_TEST(answer.status == 422, query);
        BOOST_TEST(answer.text.find("per_page") != std::string::npos);
    }
    for (const char* query : {"page=0", "page=-1", "page=1.5", "page=99999999999999999999"})
        BOOST_TEST(d.get(std::string("/v1/admin/users/?") + query).status == 422, query);
    BOOST_TEST(d.get("/v1/admin/users/?status=GONE").status == 422);
}

BOOST_AUTO_TEST_CASE(search_finds_parts_of_name_and_address) {
    Directory d;
    const auto tenant = d.tenant("acme");
    d.made("/v1/admin/users/", R"({"tenant_id":")" + tenant +
                                   R"(","email":"bo@acme.test","first_name":"Bo","last_name":"Berg"})");
    d.user(tenant, "al%@acme.test");
    BOOST_TEST(d.get("/v1/admin/users/?search=BERG").total() == 1);
    BOOST_TEST(d.get("/v1/admin/users/?search=acme").total() == 2);
    BOOST_TEST(d.get("/v1/admin/users/?search=%").total() == 1); // a character like any other
    BOOST_TEST(d.get("/v1/admin/users/?search=nobody").total() == 0);
}

BOOST_AUTO_TEST_CASE(nobody_changes_somebody_above_them) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto chief = d.user(tenant, "chief@acme.test");
    BOOST_TEST(d.patch("/v1/admin/users/" + chief, R"({"admin_role":"super_admin"})").status == 200);
    d.who = test::admin("tenant_admin", tenant);
    BOOST_TEST(
        d.post("/v1/admin/users/" + chief + "/reset-password", R"({"password":"taken-over"})").status == 403);
    BOOST_TEST(d.patch("/v1/admin/users/" + chief, R"({"email":"me@acme.test"})").status == 403);
    BOOST_TEST(d.remove("/v1/admin/users/" + chief).status == 403);
    const auto mate = d.user(tenant, "mate@acme.test");
    BOOST_TEST(d.patch("/v1/admin/users/" + mate, R"({"admin_role":"super_admin"})").status == 422);
    BOOST_TEST(d.patch("/v1/admin/users/" + mate, R"({"admin_role":"tenant_admin"})").status == 200);
}

BOOST_AUTO_TEST_CASE(who_signs_in_here_but_is_recorded_elsewhere_is_listed_and_repaired_on_demand) {
    Directory d;
    const auto acme = d.tenant("acme"), other = d.tenant("other");
    const auto make = [&](const std::string& tenant, const std::string& email, const std::string& more) {
        return d.made("/v1/admin/users/",
                      R"({"tenant_id":")" + tenant + R"(","email":")" + email + "\"" + more + "}");
    };
    const auto wrong =
        make(acme, "a@x.test", R"(,"identity_source":"LDAP","password":"long-enough","admin_role":null)");
    make(acme, "b@x.test", R"(,"identity_source":"LDAP")"); // signs in there
    make(acme, "c@x.test", R"(,"password":"long-enough")");
    const auto chief =
        make(other, "d@x.test",
             R"(,"identity_source":"OIDC","password":"long-enough","admin_role":"super_admin")");
    const std::string path = "/v1/admin/users/identity-source/mismatches";
    d.forget_events();

    const auto all = d.get(path);
    BOOST_TEST(all.status == 200);
    BOOST_TEST(all.total() == 2);
    BOOST_TEST(d.get(path + "?tenant_id=" + acme).body.get("data").at(0).member("user_id") == wrong);
    BOOST_TEST(d.get(path + "?tenant_id=tnt_none").status == 404);
    BOOST_TEST(d.get(path + "?fix=perhaps").status == 422);
    d.who = test::service({"users:read"});
    BOOST_TEST(d.get(path).status == 200);
    BOOST_TEST(d.get(path + "?fix=true").status == 403);
    BOOST_TEST(d.events() == "");

    d.who = test::admin("tenant_admin", other);
    BOOST_TEST(d.get(path + "?fix=true").body.get("data").dump() ==
               R"([{"user_id":")" + chief + R"(","tenant_id":")" + other +
                   R"(","email":"d@x.test","identity_source":"OIDC","expected":"LOCAL","fixed":false}])");
    d.who = test::service({"admin:write"});
    const auto fixed = d.get(path + "?fix=true&tenant_id=" + acme);
    BOOST_TEST(fixed.body.get("data").at(0).get("fixed").dump() == "true");
    BOOST_TEST(d.events() == "user.updated");
    BOOST_TEST(d.get("/v1/admin/users/" + wrong).body.member("identity_source") == "LOCAL");
    BOOST_TEST(d.get(path).total() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
