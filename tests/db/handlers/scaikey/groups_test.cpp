// Groups and members of the directory API. SPDX-License-Identifier: Apache-2.0
#include "tests/support/scaikey_directory.hpp"

using test::Directory;

BOOST_AUTO_TEST_SUITE(handlers_scaikey_groups)

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

BOOST_AUTO_TEST_SUITE_END()
