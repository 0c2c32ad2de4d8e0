// SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/flows/people.hpp"

using scai::json::Value;
using test::field_of;
using test::People;

namespace {

constexpr auto deployments = "/v1/flows/f1/deployments";

void deploy(const test::Database& db, const std::string& flow, const std::string& id,
            const std::string& status) {
    db.sql("INSERT INTO scaiflow.flow_deployments (tenant_id, id, flow_id, version, status, core_id, "
           "credential_kind, "
           "deployed_by, finished_at, error) VALUES ('t1', '" +
           id + "', '" + flow + "', '1.0.0', '" + status + "', " +
           (status == "failed" ? "NULL" : "'core_5f'") + ", 'user_token', 'dep', " +
           (status == "running" ? "NULL" : "now()") + ", " +
           (status == "failed" ? "'{\"error\":\"scaicore_create_failed\",\"status\":422}'" : "NULL") + ")");
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_deployments)

BOOST_AUTO_TEST_CASE(records_come_newest_first_in_pages) {
    People api;
    const auto none = api.as("vic", "GET", deployments);
    BOOST_TEST(none.body == R"({"items":[],"total":0,"next_cursor":null})");
    api.db.sql(test::flow_sql("f2"));
    deploy(api.db, "f2", "dep_other", "succeeded");
    for (const auto* status : {"succeeded", "failed", "running"})
        deploy(api.db, "f1", std::string("dep_") + status, status);
    const auto all = api.as("vic", "GET", deployments);
    BOOST_TEST(all.json.get("total").integer().value_or(-1) == 3);
    const auto failed = all.json.get("items").at(1);
    BOOST_TEST(all.json.get("items").at(0).member("id") == "dep_running");
    BOOST_TEST(all.json.get("items").at(0).get("finished_at").is_null());
    BOOST_TEST(failed.member("status") == "failed");
    BOOST_TEST(failed.get("error").member("error") == "scaicore_create_failed");
    BOOST_TEST(failed.get("core_id").is_null());
    BOOST_TEST(failed.member("deployed_by") == "dep");
    BOOST_TEST(failed.member("deployed_by_name") == "Dep");
    BOOST_TEST(all.json.get("items").at(2).get("error").is_null());

    std::string ids, cursor;
    do {
        const auto page =
            api.as("vic", "GET",
                   std::string(deployments) + "?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor));
        BOOST_REQUIRE(page.json.get("items").size() == 1);
        ids += page.json.get("items").at(0).member("id") + " ";
        cursor = page.json.member("next_cursor");
    } while (!cursor.empty());
    BOOST_TEST(ids == "dep_running dep_failed dep_succeeded ");
}

BOOST_AUTO_TEST_CASE(bad_limit_and_cursor_are_named) {
    People api;
    BOOST_TEST(field_of(api.as("vic", "GET", std::string(deployments) + "?limit=x")) == "query.limit");
    BOOST_TEST(field_of(api.as("vic", "GET", std::string(deployments) + "?cursor=x")) == "query.cursor");
}

BOOST_AUTO_TEST_CASE(who_does_not_see_the_flow_sees_none) {
    People api;
    deploy(api.db, "f1", "dep_1", "succeeded");
    for (const auto* who : {"bo", "t2/boss2", "t2/stan", "t2/ann"})
        BOOST_TEST(api.as(who, "GET", deployments).status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
