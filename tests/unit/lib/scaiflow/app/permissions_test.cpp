// Permission union and access decisions. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/permissions.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow;
using scai::web::Access;
using scai::web::Principal;

namespace {

Permissions from(std::vector<std::string> permissions, std::vector<std::string> scopes, std::string_view role,
                 std::string_view admin_role = "", std::vector<std::string> defaults = {},
                 bool service = false) {
    const std::vector<std::string> roles;
    return permissions_of(
        {.permissions = permissions, .scopes = scopes, .role = role, .roles = roles, .service = service},
        admin_role, defaults);
}

const Permissions both{"scaicore:manage", "scaicore:view"};
const Permissions view{"scaicore:view"};

bool allowed(const std::string& admin_role, Access access,
             std::set<std::string, std::less<>> permissions = {}) {
    Principal who;
    who.admin_role = admin_role;
    who.permissions = std::move(permissions);
    return static_cast<bool>(check_access(who, access));
}

} // namespace

BOOST_AUTO_TEST_SUITE(scaiflow_app_permissions)

BOOST_AUTO_TEST_CASE(permissions_are_a_union_of_their_sources) {
    BOOST_TEST((from({}, {}, "") == Permissions{}));
    BOOST_TEST((from({"scaicore:view"}, {}, "") == view));
    BOOST_TEST((from({"scaicore:manage"}, {}, "") == both)); // manage implies view
    BOOST_TEST((from({}, {"openid", "scaicore:view"}, "") == view));
    BOOST_TEST((from({}, {"groups:read"}, "") == Permissions{}));
    for (const char* role : {"super_admin", "partner_admin", "tenant_admin"})
        BOOST_TEST((from({}, {}, role) == both), role);
    BOOST_TEST((from({}, {}, "tenant_viewer") == view));
    BOOST_TEST((from({}, {}, "tenant_user") == Permissions{}));
    for (const char* role : {"super_admin", "tenant_admin"})
        BOOST_TEST((from({}, {}, "", role) == both), role);
}

BOOST_AUTO_TEST_CASE(defaults_fill_only_an_empty_user_token) {
    BOOST_TEST((from({}, {}, "", "", {"scaicore:view"}) == view));
    BOOST_TEST((from({"x"}, {}, "", "", {"scaicore:view"}) == Permissions{"x"}));
    BOOST_TEST((from({}, {}, "", "", {"scaicore:view"}, true) == Permissions{}));
}

BOOST_AUTO_TEST_CASE(roles_are_ordered_and_permissions_are_exact) {
    BOOST_TEST(allowed("", Access::authenticated()));
    BOOST_TEST(!allowed("", Access::role("tenant_admin")));
    BOOST_TEST(allowed("tenant_admin", Access::role("tenant_admin")));
    BOOST_TEST(allowed("super_admin", Access::role("tenant_admin")));
    BOOST_TEST(!allowed("tenant_admin", Access::role("super_admin")));
    BOOST_TEST(allowed("super_admin", Access::role("super_admin")));
    BOOST_TEST(!allowed("", Access::role("")));
    BOOST_TEST(allowed("", Access::permission("scaicore:view"), {"scaicore:view"}));
    BOOST_TEST(!allowed("super_admin", Access::permission("scaicore:manage"), {"scaicore:view"}));
    const auto refused = check_access(Principal{}, Access::permission("scaicore:manage"));
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().code == "forbidden");
    BOOST_TEST(refused.error().extra.at(0).second == "scaicore:manage");
}

BOOST_AUTO_TEST_SUITE_END()
