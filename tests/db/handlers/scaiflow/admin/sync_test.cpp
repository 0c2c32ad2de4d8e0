// POST /v1/admin/sync and GET /v1/admin/drift against a directory on loopback. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "tests/support/fake_directory.hpp"
#include "tests/support/flow_api.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <optional>

namespace {

using scai::test::FakeDirectory;
using scai::test::HttpReply;
using scai::test::HttpRequest;

struct Api : test::FlowApi {
    explicit Api(const FakeDirectory& directory, Settings settings = {})
        : FlowApi("admin", scaiflow::admin_api::routes(), with(directory, std::move(settings))) {
        who = test::super_admin();
    }
    static Settings with(const FakeDirectory& directory, Settings settings) {
        settings.try_emplace("SCAIKEY_BASE_URL", directory.server.url());
        settings.try_emplace("SCAIKEY_TENANT_ID", "t1");
        return settings;
    }
    test::FlowAnswer sync(const std::string& body = "") { return call("POST", "/api/v1/admin/sync", body); }
    std::string users() {
        return db.value(
            "SELECT coalesce(string_agg(id, ' ' ORDER BY id), '') FROM scaiflow.users WHERE deleted_at IS "
            "NULL");
    }
};

std::string user(const std::string& id) {
    return R"({"id":")" + id + R"(","tenant_id":"t1","email":")" + id + R"(@x","display_name":")" + id +
           R"(","status":"ACTIVE"})";
}

void fill(FakeDirectory& directory, int people) {
    directory.tenants = {R"({"id":"t1","name":"Acme","slug":"acme","status":"ACTIVE"})"};
    directory.users.clear();
    for (int i = 0; i < people; ++i)
        directory.users.push_back(user("usr_" + std::to_string(i)));
    directory.groups = {R"({"id":"g1","tenant_id":"t1","name":"Ops","status":"ACTIVE"})"};
    directory.members["g1"] = {R"({"user_id":"usr_0","membership_type":"DIRECT"})"};
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_admin_sync)

BOOST_AUTO_TEST_CASE(sync_answers_with_every_field_of_the_contract) {
    FakeDirectory directory;
    fill(directory, 3);
    Api api(directory);
    const auto answer = api.sync();
    BOOST_TEST(answer.status == 200, answer.body);
    const std::map<std::string, std::string> expected = {
        {"skipped_reason", "null"},
        {"users_method", R"("effective_users")"},
        {"users_seen", "3"},
        {"users_added", "3"},
        {"users_undeleted", "0"},
        {"users_soft_deleted", "0"},
        {"groups_seen", "1"},
        {"groups_added", "1"},
        {"groups_undeleted", "0"},
        {"groups_soft_deleted", "0"},
        {"memberships_seen", "1"},
        {"memberships_added", "1"},
        {"memberships_soft_deleted", "0"},
        {"super_admin_count", "0"},
        {"super_admins_group_promoted", "0"},
        {"super_admins_group_demoted", "0"},
        {"partial", "false"},
        {"breaker", "null"},
    };
    for (const auto& [key, value] : expected)
        BOOST_TEST(answer.json.get(key).dump() == value, key);
    BOOST_TEST(answer.json.get("duration_seconds").number().has_value());
    BOOST_TEST(!answer.json.get("changes").present());
    BOOST_TEST(api.users() == "usr_0 usr_1 usr_2");
    BOOST_TEST(api.db.value("SELECT trigger || '/' || actor FROM scaiflow.sync_runs") == "api/usr_root");
    const auto run = api.call("GET", "/v1/admin/sync/runs/" + answer.json.member("run_id"));
    BOOST_TEST(run.status == 200);
    BOOST_TEST(run.json.get("changes").size() == 5U);
}

BOOST_AUTO_TEST_CASE(dry_run_lists_the_changes_and_makes_none) {
    FakeDirectory directory;
    fill(directory, 2);
    Api api(directory);
    const auto answer = api.sync(R"({"dry_run":true})");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.get("users_added").integer().value() == 2);
    BOOST_TEST(answer.json.get("changes").size() == 4U);
    BOOST_TEST(answer.json.get("dry_run").boolean().value());
    BOOST_TEST(api.users() == "");
}

BOOST_AUTO_TEST_CASE(refused_admin_scope_falls_back_to_the_member_walk) {
    FakeDirectory directory;
    fill(directory, 2);
    directory.fault = [](const HttpRequest& request, int) -> std::optional<HttpReply> {
        if (request.path.find("effective-users") == std::string::npos)
            return std::nullopt;
        return scai::test::refusal(403, "Platform token requires admin:read or admin:write scope");
    };
    Api api(directory);
    const auto answer = api.sync();
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.member("users_method") == "member_walk");
    BOOST_TEST(api.users() == "usr_0");
}

BOOST_AUTO_TEST_CASE(breaker_is_an_answer_and_force_lets_it_pass) {
    FakeDirectory directory;
    fill(directory, 40);
    Api api(directory, {{"SCAIFLOW_SYNC_MAX_DELETES", "5"}, {"SCAIFLOW_SYNC_MAX_DELETE_PERCENT", "10"}});
    BOOST_TEST(api.sync().status == 200);
    fill(directory, 20);
    const auto stopped = api.sync();
    BOOST_TEST(stopped.status == 200);
    BOOST_TEST(stopped.json.get("breaker").member("kind") == "deletes");
    BOOST_TEST(stopped.json.get("breaker").get("would_remove").integer().value() == 20);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.users WHERE deleted_at IS NULL") == "40");
    const auto forced = api.sync(R"({"force":true})");
    BOOST_TEST(forced.json.get("breaker").is_null());
    BOOST_TEST(forced.json.get("users_soft_deleted").integer().value() == 20);
    fill(directory, 0);
    const auto empty = api.sync(R"({"force":true})");
    BOOST_TEST(empty.status == 200);
    BOOST_TEST(empty.json.get("breaker").member("kind") == "empty_upstream");
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.users WHERE deleted_at IS NULL") == "20");
}

BOOST_AUTO_TEST_CASE(missing_settings_skip_the_sync_and_fail_the_drift) {
    FakeDirectory directory;
    Api api(directory, {{"SCAIFLOW_SCAIKEY_CLIENT_SECRET", ""}});
    const auto answer = api.sync();
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.member("skipped_reason") == "credentials_missing");
    BOOST_TEST(answer.json.get("users_method").is_null());
    BOOST_TEST(answer.json.get("users_seen").integer().value() == 0);
    const auto drift = api.call("GET", "/v1/admin/drift");
    BOOST_TEST(drift.status == 503);
    BOOST_TEST(drift.detail() == "credentials_missing");
}

BOOST_AUTO_TEST_CASE(scaikey_that_is_down_is_502_and_names_the_run) {
    FakeDirectory directory;
    fill(directory, 3);
    Api api(directory);
    BOOST_TEST(api.sync().status == 200);
    directory.fault = [](const HttpRequest&, int) -> std::optional<HttpReply> {
        return HttpReply{.status = 500, .body = "{}"};
    };
    for (const auto& answer : {api.sync(), api.call("GET", "/v1/admin/drift")}) {
        BOOST_TEST(answer.status == 502, answer.body);
        BOOST_TEST(answer.detail() == "scaikey_unavailable");
        const auto run = answer.json.get("detail").member("run_id");
        BOOST_TEST(api.call("GET", "/v1/admin/sync/runs/" + run).status == 200);
    }
    BOOST_TEST(api.users() == "usr_0 usr_1 usr_2");
}

BOOST_AUTO_TEST_CASE(second_sweep_says_who_runs_the_first) {
    FakeDirectory directory;
    fill(directory, 1);
    Api api(directory);
    std::optional<test::FlowAnswer> second, drift;
    directory.fault = [&](const HttpRequest& request, int) -> std::optional<HttpReply> {
        if (!second && request.path.find("groups") != std::string::npos) {
            second.emplace();
            second = api.sync();
            drift = api.call("GET", "/v1/admin/drift");
        }
        return std::nullopt;
    };
    BOOST_TEST(api.sync().json.get("skipped_reason").is_null());
    BOOST_REQUIRE(second.has_value());
    BOOST_TEST(second->status == 200);
    BOOST_TEST(second->json.member("skipped_reason") == "already_running");
    BOOST_TEST(second->json.member("holder").find("pid") != std::string::npos);
    BOOST_TEST(drift->status == 409);
    BOOST_TEST(drift->detail() == "already_running");
}

BOOST_AUTO_TEST_CASE(bad_body_is_refused_before_anything_runs) {
    FakeDirectory directory;
    Api api(directory);
    for (const auto* body :
         {R"({"dry_run":"yes"})", R"({"force":1})", R"({"tenant_id":7})", R"({"tenant_id":""})",
          R"({"dry-run":true})", R"({"dryrun":true,"force":false})"})
        BOOST_TEST(api.sync(body).status == 422, body);
    for (const auto* body : {"{", "[]", "true", "null"})
        BOOST_TEST(api.sync(body).status >= 400, body);
    BOOST_TEST(directory.server.requests().empty());
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.sync_runs") == "0");
}

BOOST_AUTO_TEST_CASE(drift_counts_what_differs_and_writes_nothing) {
    FakeDirectory directory;
    fill(directory, 3);
    Api api(directory);
    api.sync();
    const auto same = api.call("GET", "/v1/admin/drift");
    BOOST_TEST(same.status == 200);
    BOOST_TEST(same.json.get("in_sync").boolean().value());
    BOOST_TEST(same.json.get("differences").integer().value() == 0);

    directory.users = {user("usr_0"), user("usr_1"), user("usr_9")}; // 2 gone, 9 new
    directory.groups = {R"({"id":"g1","tenant_id":"t1","name":"Operations","status":"ACTIVE"})"};
    directory.members["g1"] = {R"({"user_id":"usr_1"})"};
    const auto drift = api.call("GET", "/v1/admin/drift");
    BOOST_TEST(drift.status == 200);
    BOOST_TEST(!drift.json.get("in_sync").boolean().value());
    BOOST_TEST(drift.json.get("users").dump(true) ==
               R"({"different":0,"extra":1,"missing":1,"unverified":0})");
    BOOST_TEST(drift.json.get("groups").dump(true) == R"({"different":1,"extra":0,"missing":0})");
    BOOST_TEST(drift.json.get("memberships").dump(true) == R"({"extra":1,"missing":1})");
    BOOST_TEST(drift.json.get("differences").integer().value() == 5);
    BOOST_TEST(drift.json.get("changes").size() == 5U);
    BOOST_TEST(api.users() == "usr_0 usr_1 usr_2");
    BOOST_TEST(api.db.value("SELECT name FROM scaiflow.groups") == "Ops");
}

BOOST_AUTO_TEST_SUITE_END()
