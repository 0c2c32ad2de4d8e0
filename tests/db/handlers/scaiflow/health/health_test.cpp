// GET /v1/health, /v1/health/ready, /v1/metrics. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/health/handlers.hpp"
#include "tests/support/scaiflow.hpp"

#include <boost/test/unit_test.hpp>

namespace json = scai::json;

namespace {

struct Health {
    test::Database database = test::migrated_database("scaiflow");
    test::ScaiFlowGroup group{database, "health", scaiflow::health_api::routes()};

    json::Value ready(int status) const {
        const auto response = group.get("/v1/health/ready");
        BOOST_TEST(response.status == status, response.body);
        const auto body = *json::parse(response.body);
        BOOST_TEST(body.member("status") == (status == 200 ? "ready" : "not_ready"));
        return body.get("checks");
    }
    static bool ok(const json::Value& checks, const char* name) {
        return checks.get(name).get("ok").boolean().value_or(false);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_scaiflow_health, Health)

BOOST_AUTO_TEST_CASE(health_answers_without_a_database) {
    test::postgres().stop(true);
    const auto response = group.get("/api/v1/health");
    test::postgres().start();
    BOOST_TEST(response.status == 200);
    BOOST_TEST(json::parse(response.body)->member("status") == "ok");
}

BOOST_AUTO_TEST_CASE(ready_names_every_check) {
    const auto checks = ready(200);
    for (const char* name : {"database", "schema", "jwks", "sync"})
        BOOST_TEST(ok(checks, name), name);
    BOOST_TEST(checks.get("sync").get("last_run").is_null());
    database.sql(
        "INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor, started_at, finished_at, outcome) "
        "VALUES "
        "('run_1','cron',false,'cron',now(),now() - interval '100 seconds','done'),"
        "('run_2','cron',false,'cron',now(),now() - interval '10 seconds','unavailable'),"
        "('run_3','cron',true,'cron',now(),now(),'done'), ('run_4','cron',false,'cron',now(),NULL,NULL)");
    database.sql( // of one tenant: says nothing about the mirror
        "INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor, finished_at, outcome, result) VALUES "
        "('run_5','manual',false,'cli:ann',now(),'done','{\"only_tenant\":\"t\"}')");
    const auto sync = ready(200).get("sync");
    BOOST_TEST(sync.member("last_run") == "run_2");
    BOOST_TEST(sync.member("last_outcome") == "unavailable");
    BOOST_TEST(sync.get("last_age_seconds").integer().value() >= 10);
    BOOST_TEST(sync.get("last_success_age_seconds").integer().value() >= 100);
}

BOOST_AUTO_TEST_CASE(dead_database_is_not_ready) {
    test::postgres().stop(true);
    const auto checks = ready(503);
    test::postgres().start();
    BOOST_TEST(!ok(checks, "database"));
    BOOST_TEST(checks.get("database").member("message") == "the database is not available");
}

BOOST_AUTO_TEST_CASE(schema_of_another_version_is_not_ready) {
    database.sql(
        "INSERT INTO scaiflow.schema_migrations (number, name, checksum) VALUES (99, '0099_x', 'x')");
    const auto ahead = ready(503);
    BOOST_TEST(ahead.get("schema").get("database").integer().value() == 99);
    BOOST_TEST(ahead.get("schema").get("program").integer().value() == scaiflow::expected_schema_version());
    database.sql("DELETE FROM scaiflow.schema_migrations");
    BOOST_TEST(!ok(ready(503), "schema"));
}

BOOST_AUTO_TEST_CASE(missing_keys_are_not_ready) {
    group.scaikey->keys_down = true;
    BOOST_TEST(!ok(ready(503), "jwks"));
    const test::ScaiFlowGroup other(database, "health", scaiflow::health_api::routes(),
                                    {{"SCAIKEY_BASE_URL", ""}});
    BOOST_TEST(other.get("/v1/health/ready").status == 503);
}

BOOST_AUTO_TEST_CASE(metrics_hold_counters_and_the_mirror) {
    database.sql(
        "INSERT INTO scaiflow.tenants (id) VALUES ('a'), ('b');"
        "INSERT INTO scaiflow.tenants (id, status) VALUES ('off', 'SUSPENDED');"
        "INSERT INTO scaiflow.users (tenant_id, id, seen_by, status, admin_role, admin_role_source) VALUES "
        "('off','u5','x','ACTIVE','super_admin','manual'), ('a','u6','x','SUSPENDED','super_admin','manual');"
        "INSERT INTO scaiflow.users (tenant_id, id, seen_by, admin_role, admin_role_source, "
        "deleted_at) VALUES "
        "('a','u1','x','super_admin','manual',NULL), ('a','u2','x',NULL,NULL,NULL), "
        "('b','u3','x',NULL,NULL,NULL),"
        "('b','u4','x','super_admin','manual',now());"
        "INSERT INTO scaiflow.groups (tenant_id, id) VALUES ('a','g1'), ('b','g2');"
        "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES ('a','g1','u1');"
        "INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor, finished_at, outcome) VALUES "
        "('run_1','cron',false,'cron',now(),'partial')");
    group.context->metrics.add("http_requests_total", {{"status", "200"}});
    const auto response = group.get("/v1/metrics");
    BOOST_TEST(response.status == 200);
    BOOST_TEST(test::header(response, "Content-Type").starts_with("text/plain; version=0.0.4"));
    for (const char* line :
         {"scaiflow_database_up 1", "scaiflow_mirror_users 5", "scaiflow_mirror_groups 2",
          "scaiflow_mirror_memberships 1", "scaiflow_mirror_tenants 3", "scaiflow_super_admins 1",
          "scaiflow_sync_last_outcome{outcome=\"partial\"} 1", "# TYPE scaiflow_super_admins gauge",
          "http_requests_total{binary=\"scaiflow-health\",status=\"200\"} 1"})
        BOOST_TEST(response.body.find(std::string(line) + "\n") != std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(metrics_without_database_say_so) {
    test::postgres().stop(true);
    const auto response = group.get("/v1/metrics");
    test::postgres().start();
    BOOST_TEST(response.status == 200);
    BOOST_TEST(response.body.find("scaiflow_database_up 0\n") != std::string::npos);
    BOOST_TEST(response.body.find("scaiflow_super_admins") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
