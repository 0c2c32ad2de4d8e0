// Groups and members of the directory API. SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "tests/support/scaikey_directory.hpp"

using test::Directory;

BOOST_AUTO_TEST_SUITE(handlers_scaikey_groups)

BOOST_AUTO_TEST_CASE(a_group_is_created_read_changed_and_deleted) {
    Directory d;
    const auto tenant = d.tenant("acme");
    d.forget_events();
    const auto path = "/v1/admin/groups/" + d.group(tenant, "Ops");
    BOOST_TEST(d.get(path).body.member("group_type") == "SECURITY");
    BOOST_TEST(d.post("/v1/admin/groups/", R"({"tenant_id":")" + tenant + R"(","name":"Ops"})").status ==
               409);
    BOOST_TEST(d.patch(path, R"({"name":"Operations","group_type":"DISTRIBUTION_LIST"})").status == 200);
    BOOST_TEST(d.get("/v1/admin/groups/?group_type=DISTRIBUTION_LIST&search=oper").total() == 1);
    BOOST_TEST(d.get("/v1/admin/groups/?group_type=SECURITY").total() == 0);
    for (const char* body :
         {R"({"name":""})", R"({"name":null})", R"({"group_type":"X"})", R"({"tenant_id":"x"})"})
        BOOST_TEST(d.patch(path, body).status == 422, body);
    BOOST_TEST(d.post("/v1/admin/groups/", R"({"tenant_id":")" + tenant + "\"}").status == 422);
    BOOST_TEST(d.get("/v1/admin/groups/?group_type=X").status == 422);
    BOOST_TEST(d.remove(path).status == 204);
    for (const auto& gone : {d.get(path), d.remove(path), d.patch(path, "{}"), d.get(path + "/members")})
        BOOST_TEST(gone.status == 404);
    BOOST_TEST(d.get("/v1/admin/groups/").total() == 0);
    BOOST_TEST(d.events() == "group.created group.updated group.deleted");
}

BOOST_AUTO_TEST_CASE(members_are_added_listed_and_removed) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto bo = d.user(tenant, "bo@acme.test");
    const auto ops = d.group(tenant, "Ops");
    const auto duty = d.group(tenant, "Duty");
    d.forget_events();
    BOOST_TEST(d.join(ops, bo) == 201);
    BOOST_TEST(d.join(ops, bo) == 200); // once more changes nothing
    BOOST_TEST(d.nest(ops, duty) == 201);
    const auto members = d.get("/v1/admin/groups/" + ops + "/members");
    BOOST_TEST(members.total() == 2);
    BOOST_TEST(members.row(0, "member_type") == "group");
    BOOST_TEST(members.row(0, "id") == duty);
    BOOST_TEST(members.row(1, "user_id") == bo);
    BOOST_TEST(members.row(1, "membership_type") == "DIRECT");
    BOOST_TEST(*d.get("/v1/admin/groups/" + ops).body.get("member_count").integer() == 2);
    BOOST_TEST(d.remove("/v1/admin/groups/" + ops + "/members/" + bo).status == 204);
    BOOST_TEST(d.remove("/v1/admin/groups/" + ops + "/members/" + bo).status == 404);
    BOOST_TEST(d.remove("/v1/admin/groups/" + ops + "/members/" + duty).status == 204);
    BOOST_TEST(d.get("/v1/admin/groups/" + ops + "/members").total() == 0);
    BOOST_TEST(d.events() ==
               "group.member_added group.member_added group.member_removed group.member_removed");
}

BOOST_AUTO_TEST_CASE(a_member_row_says_who_it_is) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto ops = d.group(tenant, R"(Ops \"and\" \\ more)");
    const auto all = d.group(tenant, "All");
    const auto bo =
        d.made("/v1/admin/users/", R"({"tenant_id":")" + tenant +
                                       R"(","email":"bo@acme.test","first_name":"B\"o","last_name":null})");
    d.join(all, bo);
    d.nest(all, ops);
    const auto list = d.get("/v1/admin/groups/" + all + "/members");
    const auto group = list.body.get("data").at(0);
    const auto user = list.body.get("data").at(1);
    BOOST_TEST(group.member("name") == "Ops \"and\" \\ more");
    BOOST_TEST(group.member("status") == "ACTIVE");
    BOOST_TEST(!group.get("user_id").present());
    BOOST_TEST(!group.get("email").present());
    BOOST_TEST(user.member("id") == bo);
    BOOST_TEST(user.member("member_type") == "user");
    BOOST_TEST(user.member("email") == "bo@acme.test");
    BOOST_TEST(user.member("first_name") == "B\"o");
    BOOST_TEST(user.get("last_name").is_null());
    BOOST_TEST(user.member("display_name") == "B\"o");
    BOOST_TEST(user.member("status") == "ACTIVE");
    for (const auto& row : {group, user}) {
        BOOST_TEST(row.member("tenant_id") == tenant);
        BOOST_TEST(row.member("membership_type") == "DIRECT");
        BOOST_TEST(!!scai::parse_iso8601(row.member("added_at")));
    }
}

BOOST_AUTO_TEST_CASE(pages_of_members_are_the_same_from_an_anchor_or_by_counting) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto ops = d.group(tenant, "Ops");
    d.db.sql("INSERT INTO scaikey.users (id, tenant_id, email) SELECT 'usr_' || n, '" + tenant +
             "', 'u' || n || '@acme.test' FROM generate_series(100, 129) n");
    d.db.sql("INSERT INTO scaikey.group_members (tenant_id, group_id, member_id, member_type) SELECT '" +
             tenant + "', '" + ops + "', 'usr_' || n, 'user' FROM generate_series(100, 129) n");
    const auto list = "/v1/admin/groups/" + ops + "/members?per_page=10&page=";
    const auto first_of = [&](int page) {
        const auto answer = d.get(list + std::to_string(page));
        return answer.row(0, "id") + " " + std::to_string(answer.rows()) + "/" +
               std::to_string(answer.total());
    };
    for (int round = 0; round < 2; ++round) { // counted, then from anchors
        BOOST_TEST(first_of(3) == "usr_120 10/30");
        BOOST_TEST(first_of(1) == "usr_100 10/30");
        BOOST_TEST(first_of(2) == "usr_110 10/30");
        BOOST_TEST(first_of(4) == " 0/30");
    }
    BOOST_TEST(d.remove("/v1/admin/groups/" + ops + "/members/usr_105").status ==
               204); // old anchors are void
    BOOST_TEST(first_of(2) == "usr_111 10/29");
    BOOST_TEST(first_of(3) == "usr_121 9/29");
    // An anchor that does not fit is not used.
    d.context.page_anchors.remember("members|" + ops + "|10", 0, 1, "usr_128");
    BOOST_TEST(first_of(2) == "usr_111 10/29");
}

BOOST_AUTO_TEST_CASE(a_circle_of_groups_is_refused) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto a = d.group(tenant, "A");
    const auto b = d.group(tenant, "B");
    const auto c = d.group(tenant, "C");
    BOOST_TEST(d.nest(a, a) == 409);
    BOOST_TEST(d.nest(a, b) == 201);
    BOOST_TEST(d.nest(b, a) == 409);
    BOOST_TEST(d.nest(b, c) == 201);
    BOOST_TEST(d.nest(c, a) == 409);
    BOOST_TEST(d.nest(a, c) == 201); // a diamond is no circle
    BOOST_TEST(d.db.value("SELECT count(*) FROM scaikey.group_members") == "3");
}

BOOST_AUTO_TEST_CASE(members_come_from_the_same_tenant_and_exist) {
    Directory d;
    const auto acme = d.tenant("acme");
    const auto other = d.tenant("other");
    const auto ops = d.group(acme, "Ops");
    BOOST_TEST(d.join(ops, d.user(other, "x@other.test")) == 422);
    BOOST_TEST(d.nest(ops, d.group(other, "Theirs")) == 422);
    BOOST_TEST(d.join(ops, "usr_none") == 422);
    const auto gone = d.user(acme, "gone@acme.test");
    BOOST_TEST(d.remove("/v1/admin/users/" + gone).status == 204);
    BOOST_TEST(d.join(ops, gone) == 422);
    BOOST_TEST(d.join("grp_none", gone) == 404);
    const auto path = "/v1/admin/groups/" + ops + "/members";
    for (const char* body :
         {"{}", R"({"user_id":"a","group_id":"b"})", R"({"user_id":7})", R"({"user_id":null})"})
        BOOST_TEST(d.post(path, body).status == 422, body);
    BOOST_TEST(d.post(path, "").status == 422);
}

BOOST_AUTO_TEST_CASE(a_deleted_group_leaves_its_parents_and_assignments) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto outer = d.group(tenant, "Outer");
    const auto inner = d.group(tenant, "Inner");
    BOOST_TEST(d.nest(outer, inner) == 201);
    BOOST_TEST(d.join(inner, d.user(tenant, "bo@acme.test")) == 201);
    d.forget_events();
    BOOST_TEST(d.remove("/v1/admin/groups/" + inner).status == 204);
    BOOST_TEST(d.events() == "group.member_removed group.deleted");
    BOOST_TEST(d.get("/v1/admin/groups/" + outer + "/members").total() == 0);
    BOOST_TEST(d.db.value("SELECT count(*) FROM scaikey.group_members") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
