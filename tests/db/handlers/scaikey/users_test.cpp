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

BOOST_AUTO_TEST_SUITE_END()
