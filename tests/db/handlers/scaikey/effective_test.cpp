// Assignments and effective users. SPDX-License-Identifier: Apache-2.0
#include "tests/support/scaikey_directory.hpp"

using test::Directory;

BOOST_AUTO_TEST_SUITE(handlers_scaikey_effective)

namespace {

const std::string web_app = R"({"name":"Flow","application_type":"WEB","scope":"GLOBAL"})";

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
    const std::string body = R"({"application_id":")" + app + R"("})";
    const auto list = "/v1/tenants/" + tenant + "/applications/" + app + "/effective-users";
    BOOST_TEST(d.get(list).total() == 0);
    BOOST_TEST(d.post("/v1/tenants/" + tenant + "/users/" + direct + "/applications", body).status == 201);
    BOOST_TEST(d.post("/v1/tenants/" + tenant + "/groups/" + outer + "/applications", body).status == 201);
    const auto users = d.get(list);
    BOOST_TEST(users.total() == 2);
    BOOST_TEST(users.rows() == 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        const bool is_direct = users.row(i, "id") == direct;
        BOOST_TEST(users.row(i, "assignment") == (is_direct ? "direct" : "group"));
        BOOST_TEST(users.body.get("data").at(i).get("via_groups").dump() ==
                   (is_direct ? "[]" : "[\"" + outer + "\"]"));
    }
    // A change is seen by the next walk.
    BOOST_TEST(d.remove("/v1/admin/groups/" + inner + "/members/" + nested).status == 204);
    BOOST_TEST(d.get(list).total() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
