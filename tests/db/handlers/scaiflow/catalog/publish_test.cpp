// POST /v1/catalog/publish. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/catalog/package.hpp"
#include "tests/db/handlers/scaiflow/catalog/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <thread>

using scai::json::Value;
using Fixture = test::CatalogFixture;

BOOST_FIXTURE_TEST_SUITE(handlers_scaiflow_catalog_publish, Fixture)

BOOST_AUTO_TEST_CASE(inline_content_becomes_a_package) {
    const auto answer = post("ann", draft("invoice-triage").set("description", "d").set("readme", "# R"));
    BOOST_TEST(answer.status == 201, answer.body);
    BOOST_TEST(answer.headers.at("Location") == "/api/v1/catalog/invoice-triage");
    std::string members;
    answer.json.each_member([&](std::string_view key, const Value&) { members += std::string(key) + " "; });
    BOOST_TEST(members == "package_id name description version author_id author_email visibility "
                          "visibility_group_ids created_at updated_at ");
    BOOST_TEST(answer.json.member("package_id") == "invoice-triage");
    BOOST_TEST(answer.json.member("name") == "Name of invoice-triage");
    BOOST_TEST(answer.json.member("description") == "d");
    BOOST_TEST(answer.json.member("version") == "0.1.0");
    BOOST_TEST(answer.json.member("author_id") == "ann");
    BOOST_TEST(answer.json.member("author_email") == "ann@x.test");
    BOOST_TEST(answer.json.member("visibility") == "tenant");
    BOOST_TEST(answer.json.get("visibility_group_ids").dump() == "[]");
    BOOST_TEST(db.value("SELECT tenant_id || '/' || actor || '/' || action FROM scaiflow.audit_log") ==
               "t1/ann/catalog.published");
    // What is stored is exactly what build_package makes of the same.
    const auto expected = scaiflow::catalog::build_package(good_flow(), {.package_id = "invoice-triage",
                                                                         .name = "Name of invoice-triage",
                                                                         .version = "0.1.0",
                                                                         .description = "d",
                                                                         .author_id = "ann",
                                                                         .readme = "# R"});
    const auto stored = as("ann", "GET", "/v1/catalog/invoice-triage/versions/0.1.0/package");
    BOOST_TEST((stored.body == expected.bytes.value()));
}

BOOST_AUTO_TEST_CASE(version_and_description_have_defaults) {
    const auto answer =
        post("ann", Value::object({{"package_id", "p"}, {"name", "P"}, {"content", good_flow()}}));
    BOOST_TEST(answer.status == 201);
    BOOST_TEST(answer.json.member("version") == "0.1.0");
    BOOST_TEST(answer.json.get("description").text().value_or("-") == "");
}

BOOST_AUTO_TEST_CASE(a_stored_flow_needs_the_level_deploy) {
    store_flow("ann", good_flow("stored"));
    const auto body = Value::object({{"package_id", "p"}, {"name", "P"}, {"flow_id", "flow_1"}});
    BOOST_TEST(post("ben", body).status == 404);
    BOOST_TEST(post("far", body).status == 404);
    db.sql("INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, "
           "granted_by) VALUES ('t1', 'acl_1', 'flow_1', 'user', 'ben', 2, 'ann')");
    const auto low = post("ben", body);
    BOOST_TEST(low.status == 403);
    BOOST_TEST(low.json.get("detail").member("required") == "deploy");
    BOOST_TEST(count("catalog_packages") == "0");
    db.sql("UPDATE scaiflow.flow_acls SET level = 3");
    BOOST_TEST(post("ben", body).status == 201);
    BOOST_TEST(db.value("SELECT flow_id FROM scaiflow.catalog_versions") == "flow_1");
    const auto package =
        scaiflow::catalog::read_package(as("ann", "GET", "/v1/catalog/p/versions/0.1.0/package").body);
    BOOST_REQUIRE(package);
    BOOST_TEST(package->content.get("nodes").at(1).get("config").member("template") == "stored");
}

BOOST_AUTO_TEST_CASE(a_super_admin_publishes_into_the_tenant_of_the_flow) {
    store_flow("far", good_flow());
    const auto body = Value::object({{"package_id", "p"}, {"name", "P"}, {"flow_id", "flow_1"}});
    BOOST_TEST(post("root", body).status == 201);
    BOOST_TEST(db.value("SELECT tenant_id FROM scaiflow.catalog_packages") == "t2");
    BOOST_TEST(ids("far") == "p");
    BOOST_TEST(ids("ann") == "");
}

BOOST_AUTO_TEST_CASE(the_permission_is_scaicore_manage) {
    who = person("ann");
    who.permissions = {std::string(scaiflow::permission_view)};
    const auto answer = call("POST", "/v1/catalog/publish", draft("p").dump());
    BOOST_TEST(answer.status == 403);
    BOOST_TEST(answer.json.get("detail").member("required") == "scaicore:manage");
    who = {};
    BOOST_TEST(call("POST", "/v1/catalog/publish", draft("p").dump()).status == 401);
}

BOOST_AUTO_TEST_CASE(bad_fields_are_all_named) {
    const auto refused = [&](const Value& body) {
        const auto answer = post("ann", body);
        BOOST_TEST(answer.status == 422, answer.body);
        std::string out;
        answer.json.get("detail").each_item(
            [&](const Value& item) { out += (out.empty() ? "" : " ") + item.get("loc").at(1).text_or(""); });
        return out;
    };
    BOOST_TEST(refused(Value::object()) == "package_id name flow_id");
    BOOST_TEST(refused(draft("p").set("flow_id", "flow_1")) == "content");
    BOOST_TEST(refused(draft("p").set("content", Value::array())) == "content");
    BOOST_TEST(refused(draft("p").set("content", nullptr)) == "flow_id");
    for (const auto* id : {"Upper", "a--b", "1a", "a_b", "publish", "-", "a b"})
        BOOST_TEST(refused(draft(id)) == "package_id", id);
    BOOST_TEST(refused(draft("p", "1.0")) == "version");
    BOOST_TEST(refused(draft("p", "v1.0.0")) == "version");
    BOOST_TEST(refused(draft("p").set("name", "")) == "name");
    BOOST_TEST(refused(draft("p").set("name", std::string(201, 'x'))) == "name");
    BOOST_TEST(refused(draft("p").set("description", 7)) == "description");
    BOOST_TEST(refused(draft("p").set("description", std::string(4'001, 'x'))) == "description");
    BOOST_TEST(refused(draft("p").set("readme", std::string((256U << 10U) + 1, 'x'))) == "readme");
    BOOST_TEST(refused(draft("p").set("content", "text")).starts_with("content"));
    BOOST_TEST(post("ann", draft("p").set("content", good_flow(std::string(5U << 20U, 'x')))).status == 413);
    BOOST_TEST(refused(draft("p").set("visibility", "public")) == "visibility");
    BOOST_TEST(refused(draft("p").set("visibility_group_ids", Value::array({"g1"}))) == "visibility");
    BOOST_TEST(as("ann", "POST", "/v1/catalog/publish", "{").status == 400);
    BOOST_TEST(as("ann", "POST", "/v1/catalog/publish", "[]").status >= 400);
    BOOST_TEST(count("catalog_packages") == "0");
}

BOOST_AUTO_TEST_CASE(a_broken_flow_is_400_with_everything_and_nothing_is_stored) {
    auto broken = scai::test::flow({scai::test::node("node_a", "llm_rigid", R"({"template":"hi"})")}, {});
    const auto answer = post("ann", draft("p").set("content", broken));
    BOOST_TEST(answer.status == 400);
    const auto detail = answer.json.get("detail");
    BOOST_TEST(detail.member("error") == "compile_error");
    BOOST_TEST(detail.member("message").find("flow has no entry-point node") != std::string::npos);
    BOOST_TEST(detail.get("errors").at(0).text_or("") == "flow has no entry-point node");
    BOOST_TEST(detail.get("diagnostics").at(0).member("severity") == "error");
    BOOST_TEST(post("ann", draft("p").set("content", Value::object())).detail() == "compile_error");
    for (const auto* table : {"catalog_packages", "catalog_versions", "audit_log"})
        BOOST_TEST(count(table) == "0", table);
}

BOOST_AUTO_TEST_CASE(a_version_that_is_taken_bumps_the_patch) {
    const auto publish_version = [&](const std::string& version) {
        const auto answer = publish("ann", "p", version);
        BOOST_TEST(answer.status == 201);
        return answer.json.member("version");
    };
    BOOST_TEST(publish_version("0.1.0") == "0.1.0");
    BOOST_TEST(publish_version("0.1.0") == "0.1.1");
    BOOST_TEST(publish_version("0.1.0") == "0.1.2");
    BOOST_TEST(publish_version("0.2.0") == "0.2.0");
    BOOST_TEST(publish_version("0.1.1") == "0.1.3");
    BOOST_TEST(count("catalog_versions") == "5");
    BOOST_TEST(db.value("SELECT version FROM scaiflow.catalog_packages") == "0.1.3"); // published last
    // The version inside the package is the one it got.
    const auto package =
        scaiflow::catalog::read_package(as("ann", "GET", "/v1/catalog/p/versions/0.1.2/package").body);
    BOOST_REQUIRE(package);
    BOOST_TEST(package->info.version == "0.1.2");
}

BOOST_AUTO_TEST_CASE(further_versions_come_from_the_author_or_an_admin) {
    BOOST_TEST(publish("ann", "p").status == 201);
    const auto seen = publish("ben", "p");
    BOOST_TEST(seen.status == 403);
    BOOST_TEST(seen.json.get("detail").member("required") == "author");
    // Whether he sees it, or it is deleted: the same answer.
    BOOST_TEST(show_to_groups("ann", "p", R"(["g2"])").status == 200);
    BOOST_TEST(publish("ben", "p").body == seen.body);
    BOOST_TEST(as("ann", "DELETE", "/v1/catalog/p").status == 204);
    BOOST_TEST(publish("ben", "p").body == seen.body);
    BOOST_TEST(count("catalog_versions") == "1");

    const auto by_boss = publish("boss", "p");
    BOOST_TEST(by_boss.status == 201);
    BOOST_TEST(by_boss.json.member("author_id") == "ann"); // the package stays hers
    BOOST_TEST(publish("root", "p").status == 201);
    BOOST_TEST(
        db.value("SELECT string_agg(created_by, ' ' ORDER BY number) FROM scaiflow.catalog_versions") ==
        "ann boss root");
    // Another tenant has ids of its own.
    BOOST_TEST(publish("far", "p").json.member("author_id") == "far");
}

BOOST_AUTO_TEST_CASE(publishing_a_deleted_package_again_revives_it) {
    BOOST_TEST(publish("ann", "p").status == 201);
    BOOST_TEST(as("ann", "DELETE", "/v1/catalog/p").status == 204);
    BOOST_TEST(as("ann", "GET", "/v1/catalog/p").status == 404);
    const auto again = publish("ann", "p");
    BOOST_TEST(again.status == 201);
    BOOST_TEST(again.json.member("version") == "0.1.1");
    BOOST_TEST(as("ann", "GET", "/v1/catalog/p").json.get("versions").integer().value_or(0) == 2);
}

BOOST_AUTO_TEST_CASE(visibility_can_be_set_with_the_first_version) {
    const auto answer =
        post("ann",
             draft("p").set("visibility", "groups").set("visibility_group_ids", Value::array({"g1", "g1"})));
    BOOST_TEST(answer.status == 201);
    BOOST_TEST(answer.json.get("visibility_group_ids").dump() == R"(["g1"])");
    BOOST_TEST(ids("ben") == "p");
    BOOST_TEST(ids("cat") == "");
    BOOST_TEST(publish("ann", "p").json.member("visibility") == "groups"); // stays
    BOOST_TEST(post("ann", draft("q").set("visibility", "groups")).detail() == "groups_required");
    const auto unknown = post(
        "ann",
        draft("q").set("visibility", "groups").set("visibility_group_ids", Value::array({"g1", "g_old"})));
    BOOST_TEST(unknown.status == 422);
    BOOST_TEST(unknown.json.get("detail").at(0).get("loc").dump() == R"(["body","visibility_group_ids",1])");
    BOOST_TEST(count("catalog_packages") == "1");
}

BOOST_AUTO_TEST_CASE(an_idempotency_key_publishes_once) {
    const Headers key{{"idempotency-key", "k1"}};
    const auto first = post("ann", draft("p"), key);
    const auto second = post("ann", draft("p"), key);
    BOOST_TEST(first.status == 201);
    BOOST_TEST(second.status == 201);
    BOOST_TEST(second.body == first.body);
    BOOST_TEST(second.headers.at("Idempotency-Replayed") == "true");
    BOOST_TEST(count("catalog_versions") == "1");
    BOOST_TEST(post("ann", draft("p", "2.0.0"), key).status == 422);
    BOOST_TEST(post("ann", draft("p"), {{"idempotency-key", ""}}).status == 400);
    // A refusal is not remembered.
    const Headers other{{"idempotency-key", "k2"}};
    store_flow("ann", scai::test::flow({}, {}));
    const auto body = Value::object({{"package_id", "q"}, {"name", "Q"}, {"flow_id", "flow_1"}});
    BOOST_TEST(post("ann", body, other).status == 400);
    db.sql("UPDATE scaiflow.flow_versions SET content = $c$" + good_flow().dump() + "$c$");
    BOOST_TEST(post("ann", body, other).status == 201);
}

BOOST_AUTO_TEST_CASE(concurrent_publishes_of_a_version_all_succeed_with_versions_of_their_own) {
    constexpr int people = 8;
    std::vector<std::thread> threads;
    std::vector<test::FlowAnswer> answers(people);
    who = person("ann");
    const auto body = draft("p").dump();
    for (int i = 0; i < people; ++i)
        threads.emplace_back(
            [&, i] { answers[static_cast<std::size_t>(i)] = call("POST", "/v1/catalog/publish", body); });
    for (auto& thread : threads)
        thread.join();
    std::set<std::string> versions;
    for (const auto& answer : answers) {
        BOOST_TEST(answer.status == 201, answer.body);
        versions.insert(answer.json.member("version"));
    }
    BOOST_TEST(versions.size() == people);
    BOOST_TEST(*versions.begin() == "0.1.0");
    BOOST_TEST(db.value("SELECT max(number) FROM scaiflow.catalog_versions") == std::to_string(people));
}

BOOST_AUTO_TEST_SUITE_END()
