// Partners, tenants, reach, paging and the form of collection URLs. SPDX-License-Identifier: Apache-2.0
#include "tests/support/scaikey_directory.hpp"

using test::Directory;

BOOST_AUTO_TEST_SUITE(handlers_scaikey_organizations)

BOOST_AUTO_TEST_CASE(the_slashless_form_of_a_collection_redirects) {
    Directory d;
    const auto answer = d.get("/v1/admin/groups?page=2&per_page=10");
    BOOST_TEST(answer.status == 307);
    BOOST_TEST(answer.location == "http://key.test/api/v1/admin/groups/?page=2&per_page=10");
    BOOST_TEST(d.post("/v1/admin/users").status == 307);
}

BOOST_AUTO_TEST_SUITE_END()
