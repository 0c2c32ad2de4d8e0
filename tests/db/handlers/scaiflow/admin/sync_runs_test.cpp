// What earlier runs did. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "tests/support/flow_api.hpp"

#include <boost/test/unit_test.hpp>

namespace {

struct Api : test::FlowApi {
    Api() : FlowApi("admin", scaiflow::admin_api::routes()) {
        who = test::super_admin();
        db.sql("INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor, started_at, finished_at, "
               "outcome, result, "
               "messages) VALUES ('run_1', 'cron', false, 'cron', '2026-05-01T00:00:00Z', "
               "'2026-05-01T00:00:09Z', "
               "'done', '{\"users_seen\": 3, \"tenants\": [{\"tenant_id\": \"t1\"}]}', '[{\"level\": "
               "\"warning\", "
               "\"code\": \"no_super_admin\", \"text\": \"...\"}]'), ('run_2', 'api', true, 'usr_root', "
               "now(), NULL, "
               "NULL, NULL, '[]')");
        db.sql("INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change, before, "
               "after) "
               "SELECT 1, 't1', CASE WHEN i < 3 THEN 'user' ELSE 'group' END, 'o' || i, 'added', NULL, "
               "'{\"n\": 1}' "
               "FROM generate_series(1, 4) i");
    }
};

std::string objects(const test::FlowAnswer& answer) {
    std::string out;
    answer.json.get("changes").each_item(
        [&](const auto& item) { out += (out.empty() ? "" : " ") + item.member("object_id"); });
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_admin_sync_runs)

BOOST_AUTO_TEST_CASE(runs_are_listed_newest_first_without_their_tenants) {
    Api api;
    const auto first = api.call("GET", "/v1/admin/sync/runs?limit=1");
    BOOST_TEST(first.status == 200);
    BOOST_TEST(first.json.get("runs").at(0).member("id") == "run_2");
    BOOST_TEST(first.json.get("runs").at(0).get("result").is_null());
    BOOST_TEST(first.json.get("runs").at(0).get("finished_at").is_null());
    const auto second =
        api.call("GET", "/v1/admin/sync/runs?limit=1&cursor=" + first.json.member("next_cursor"));
    const auto run = second.json.get("runs").at(0);
    BOOST_TEST(
        run.dump(true) ==
        R"({"actor":"cron","dry_run":false,"finished_at":"2026-05-01T00:00:09Z","id":"run_1","messages":[{"code":"no_super_admin","level":"warning","text":"..."}],"outcome":"done","result":{"users_seen":3},"started_at":"2026-05-01T00:00:00Z","trigger":"cron"})");
    BOOST_TEST(second.json.get("next_cursor").is_null());
}

BOOST_AUTO_TEST_CASE(one_run_shows_its_tenants_and_pages_of_its_changes) {
    Api api;
    const auto first = api.call("GET", "/v1/admin/sync/runs/run_1?limit=3");
    BOOST_TEST(first.status == 200);
    BOOST_TEST(first.json.get("result").get("tenants").at(0).member("tenant_id") == "t1");
    BOOST_TEST(objects(first) == "o1 o2 o3");
    BOOST_TEST(first.json.get("changes").at(0).get("before").is_null());
    BOOST_TEST(first.json.get("changes").at(0).get("after").get("n").integer().value() == 1);
    const std::string cursor = first.json.member("next_cursor");
    const auto rest = api.call("GET", "/v1/admin/sync/runs/run_1?limit=3&cursor=" + cursor);
    BOOST_TEST(objects(rest) == "o4");
    BOOST_TEST(rest.json.get("next_cursor").is_null());
    BOOST_TEST(api.call("GET", "/v1/admin/sync/runs/run_2?cursor=" + cursor).status == 422); // of another run
}

BOOST_AUTO_TEST_CASE(changes_are_filtered) {
    Api api;
    BOOST_TEST(objects(api.call("GET", "/v1/admin/sync/runs/run_1?object_type=group")) == "o3 o4");
    BOOST_TEST(objects(api.call("GET", "/v1/admin/sync/runs/run_1?change=demoted")) == "");
    BOOST_TEST(objects(api.call("GET", "/v1/admin/sync/runs/run_1?tenant_id=t2")) == "");
}

BOOST_AUTO_TEST_CASE(unknown_run_is_404_and_bad_query_422) {
    Api api;
    const auto missing = api.call("GET", "/v1/admin/sync/runs/run_9");
    BOOST_TEST(missing.status == 404);
    BOOST_TEST(missing.detail() == "not_found");
    for (const auto* query : {"limit=0", "cursor=x", "object_type=flow", "change=lost"})
        BOOST_TEST(api.call("GET", std::string("/v1/admin/sync/runs/run_1?") + query).status == 422, query);
    BOOST_TEST(api.call("GET", "/v1/admin/sync/runs?cursor=eyJ9").status == 422);
}

BOOST_AUTO_TEST_SUITE_END()
