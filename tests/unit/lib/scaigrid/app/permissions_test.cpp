// Roles, implied permissions, access of rows. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/permissions.hpp"

#include <boost/test/unit_test.hpp>

using scai::web::Access;
using scai::web::Principal;
using namespace scaigrid;

BOOST_AUTO_TEST_SUITE(lib_scaigrid_app_permissions)

BOOST_AUTO_TEST_CASE(every_known_role_has_something_and_others_nothing) {
    for (const auto role : known_roles()) {
        BOOST_TEST(is_known_role(role));
        BOOST_TEST(!permissions_of_role(role).empty());
    }
    BOOST_TEST(permissions_of_role("root").empty());
    BOOST_TEST(permissions_of_role("").empty());
    BOOST_TEST(permissions_of_role("tenant_admin").size() == known_permissions().size());
}

BOOST_AUTO_TEST_CASE(admin_of_a_module_brings_its_keys_and_no_others) {
    const auto out = with_implied({"scaicore:admin"});
    BOOST_TEST(out.contains("scaicore:checkpoint_resolve"));
    BOOST_TEST(out.contains("scaicore:view"));
    BOOST_TEST(!out.contains("scaiqueue:view"));
    BOOST_TEST(!with_implied({"scaicore:view"}).contains("scaicore:manage"));
    BOOST_TEST(!with_implied({"scaicore:manage"}).contains("scaicore:checkpoint_resolve"));
    BOOST_TEST(with_implied({"scaiqueue:manage"}).contains("scaiqueue:view"));
}

BOOST_AUTO_TEST_CASE(a_refusal_names_what_is_needed) {
    Principal principal;
    principal.permissions = {"scaicore:view"};
    BOOST_TEST(bool(check_access(principal, Access::permission("scaicore:view"))));
    BOOST_TEST(bool(check_access(principal, Access::authenticated())));
    const auto refused = check_access(principal, Access::permission("scaicore:manage"));
    BOOST_TEST_REQUIRE(!refused);
    BOOST_TEST(refused.error().code == "AUTHZ_PERMISSION_DENIED");
    BOOST_TEST(refused.error().message.find("scaicore:manage") != std::string::npos);
    BOOST_TEST(!check_access(principal, Access::role("super_admin")));
}

BOOST_AUTO_TEST_SUITE_END()
