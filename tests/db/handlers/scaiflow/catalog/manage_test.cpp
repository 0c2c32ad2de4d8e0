// Visibility, deletion, and who may. SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/catalog/fixture.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;
using Fixture = test::CatalogFixture;

BOOST_FIXTURE_TEST_SUITE(handlers_scaiflow_catalog_manage, Fixture)

BOOST_AUTO_TEST_CASE(visibility_is_changed_by_author_and_admins) {
    BOOST_TEST(publish("ann", "p").status == 201);
    const auto answer = show_to_groups("ann", "p", R"(["g1","g2","g1"])");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.member("visibility") == "groups");
    BOOST_TEST(answer.json.get("visibility_group_ids").dump() == R"(["g1","g2"])");
    BOOST_TEST(
        db.value("SELECT before->>'visibility' || '>' || (after->>'visibility') FROM scaiflow.audit_log "
                 "WHERE action = 'catalog.visibility_changed'") == "tenant>groups");
    const auto forbidden = show_to_groups("ben", "p", R"(["g1"])");
    BOOST_TEST(forbidden.status == 403);
    BOOST_TEST(forbidden.json.get("detail").member("required") == "author");
    BOOST_TEST(show_to_groups("far", "p", R"(["g1"])").status == 404);
    BOOST_TEST(show_to_groups("boss2", "p", R"(["g1"])").status == 404);
    BOOST_TEST(show_to_groups("boss", "p", R"(["g2"])").status == 200);
    BOOST_TEST(show_to_groups("ben", "p", R"(["g1"])").status == 404); // he sees it no more
    BOOST_TEST(show_to_groups("root", "p", R"(["g1"])").status == 200);
    const auto open = as("ann", "PATCH", "/v1/catalog/p/visibility",
                         R"({"visibility":"tenant","visibility_group_ids":["g1"]})");
    BOOST_TEST(open.status == 200);
    BOOST_TEST(open.json.get("visibility_group_ids").dump() == "[]");
}

BOOST_AUTO_TEST_CASE(bad_visibility_is_refused_by_name) {
    BOOST_TEST(publish("ann", "p").status == 201);
    BOOST_TEST(show_to_groups("ann", "p", "[]").status == 400);
    BOOST_TEST(show_to_groups("ann", "p", "[]").detail() == "groups_required");
    const auto unknown = show_to_groups("ann", "p", R"(["g1","nobody","g_old"])");
    BOOST_TEST(unknown.status == 422);
    BOOST_TEST(unknown.json.get("detail").size() == 2U);
    BOOST_TEST(unknown.json.get("detail").at(0).get("loc").dump() == R"(["body","visibility_group_ids",1])");
    for (const auto* body : {"{}", R"({"visibility":"public"})", R"({"visibility":7})",
                             R"({"visibility":"groups","visibility_group_ids":"g1"})",
                             R"({"visibility":"groups","visibility_group_ids":[1]})"})
        BOOST_TEST(as("ann", "PATCH", "/v1/catalog/p/visibility", body).status == 422, body);
    BOOST_TEST(as("ann", "PATCH", "/v1/catalog/p/visibility", "{").status == 400);
    BOOST_TEST(as("ann", "PATCH", "/v1/catalog/unknown/visibility", R"({"visibility":"tenant"})").status ==
               404);
    who = person("ann");
    who.permissions = {std::string(scaiflow::permission_view)};
    BOOST_TEST(call("PATCH", "/v1/catalog/p/visibility", R"({"visibility":"tenant"})").status == 403);
    BOOST_TEST(db.value("SELECT visibility FROM scaiflow.catalog_packages") == "tenant");
}

BOOST_AUTO_TEST_CASE(delete_hides_the_package_and_keeps_its_versions) {
    BOOST_TEST(publish("ann", "p").status == 201);
    BOOST_TEST(as("ben", "DELETE", "/v1/catalog/p").status == 403);
    BOOST_TEST(as("far", "DELETE", "/v1/catalog/p").status == 404);
    BOOST_TEST(as("boss2", "DELETE", "/v1/catalog/p").status == 404);
    who = person("ann");
    who.permissions = {std::string(scaiflow::permission_view)};
    BOOST_TEST(call("DELETE", "/v1/catalog/p").status == 403);
    BOOST_TEST(as("ann", "DELETE", "/v1/catalog/p").status == 204);
    BOOST_TEST(as("ann", "DELETE", "/v1/catalog/p").status == 404);
    BOOST_TEST(as("root", "GET", "/v1/catalog/p").status == 404);
    BOOST_TEST(as("ann", "GET", "/v1/catalog/p/versions").status == 404);
    BOOST_TEST(as("ann", "GET", "/v1/catalog/p/versions/0.1.0/package").status == 404);
    BOOST_TEST(as("ann", "POST", "/v1/catalog/p/install").status == 404);
    BOOST_TEST(as("ann", "PATCH", "/v1/catalog/p/visibility", R"({"visibility":"tenant"})").status == 404);
    BOOST_TEST(ids("ann") == "");
    BOOST_TEST(count("catalog_versions") == "1");
    BOOST_TEST(db.value("SELECT count(*) FROM scaiflow.audit_log WHERE action = 'catalog.deleted'") == "1");
    for (const auto* person : {"boss", "root"}) {
        BOOST_TEST(publish("ann", "p").status == 201);
        BOOST_TEST(as(person, "DELETE", "/v1/catalog/p").status == 204, person);
    }
}

BOOST_AUTO_TEST_CASE(a_super_admin_changes_another_tenants_package_by_name_only) {
    BOOST_TEST(publish("ann", "both").status == 201);
    BOOST_TEST(publish("far", "both").status == 201);
    BOOST_TEST(as("root", "DELETE", "/v1/catalog/both").status == 204);
    // Sent again it must not hit the other tenant's.
    const auto again = as("root", "DELETE", "/v1/catalog/both");
    BOOST_TEST(again.status == 409);
    BOOST_TEST(again.detail() == "ambiguous_package");
    BOOST_TEST(
        db.value(
            "SELECT string_agg(tenant_id, ' ') FROM scaiflow.catalog_packages WHERE deleted_at IS NULL") ==
        "t2");
    BOOST_TEST(as("root", "PATCH", "/v1/catalog/both/visibility?tenant_id=t2",
                  R"({"visibility":"groups","visibility_group_ids":["g1"]})")
                   .status == 200);
    BOOST_TEST(as("root", "DELETE", "/v1/catalog/both?tenant_id=t2").status == 204);
    BOOST_TEST(as("root", "DELETE", "/v1/catalog/both?tenant_id=t2").status == 404);
}

BOOST_AUTO_TEST_CASE(a_lost_membership_is_a_lost_package_at_once) {
    BOOST_TEST(publish("ann", "p").status == 201);
    BOOST_TEST(show_to_groups("ann", "p", R"(["g1"])").status == 200);
    BOOST_TEST(ids("ben") == "p");
    db.sql("UPDATE scaiflow.memberships SET deleted_at = now() WHERE user_id = 'ben'");
    BOOST_TEST(ids("ben") == "");
    BOOST_TEST(as("ben", "GET", "/v1/catalog/p").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
