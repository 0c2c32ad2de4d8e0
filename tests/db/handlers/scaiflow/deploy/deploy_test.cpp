// SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/deploy/fixture.hpp"

#include "lib/scaiflow/deploy/service.hpp"
#include "lib/yaml/yaml.hpp"

#include <thread>

using scai::json::Value;
using test::Deploys;

namespace {

constexpr auto cores = "/v1/modules/scaicore/cores";
constexpr auto scopes = "/v1/modules/scaiqueue/scopes";

std::string post(const char* path, const std::string& rest = "") {
    return std::string("POST ") + path + rest;
}

Value detail_of(const test::FlowAnswer& answer) {
    return answer.json.get("detail");
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_deploy)

BOOST_AUTO_TEST_CASE(a_flow_becomes_a_queue_a_core_and_a_model) {
    Deploys api;
    const auto answer = api.deploy();
    BOOST_TEST(answer.status == 200, answer.body);
    BOOST_TEST(answer.json.member("core_id") == api.grid.cores().at(0).id);
    BOOST_TEST(answer.json.member("published_slug") == "scaicore/acme/invoice-triage");
    BOOST_TEST(answer.json.member("version") == "1.0.0");
    BOOST_TEST(answer.json.member("status") == "succeeded");
    BOOST_TEST(answer.json.member("credential_kind") == "user_token");
    BOOST_TEST(answer.json.member("deployed_by") == "dep");
    BOOST_TEST(answer.json.member("deployment_id").starts_with("dep_"));
    BOOST_TEST(answer.headers.at("Location") ==
               "/api/v1/flows/f1/deployments/" + answer.json.member("deployment_id"));
    BOOST_TEST(api.grid.scopes().size() == 1U);
    BOOST_TEST(api.grid.queues().at(0).body.member("ordering") == "priority");
    BOOST_TEST(api.grid.queues().at(0).body.member("consumer_mode") == "competing");
    BOOST_TEST(*api.grid.queues().at(0).body.get("max_retries").integer() == 3);
    BOOST_TEST(api.grid.cores().at(0).source_id == "f1");
    BOOST_TEST(api.grid.last_group_ids() == R"(["mg_1"])");
    BOOST_TEST(api.grid.bearers().size() == 1U); // the caller's token and nothing else
    BOOST_TEST(api.grid.bearers().at(0).starts_with("eyJ"));
    BOOST_TEST(api.steps() == "scope ok, queue ok, core_create ok, publish ok");
    BOOST_TEST(api.db.value("SELECT string_agg(action, ' ') FROM scaiflow.audit_log") == "flow.deployed");
}

BOOST_AUTO_TEST_CASE(a_second_deployment_replaces_the_same_core) {
    Deploys api;
    BOOST_TEST(api.deploy().status == 200);
    const auto again = api.deploy();
    BOOST_TEST(again.status == 200, again.body);
    BOOST_TEST(again.json.member("published_slug") == "scaicore/acme/invoice-triage"); // 400: is one already
    BOOST_TEST(api.grid.cores().size() == 1U);
    BOOST_TEST(api.grid.cores().at(0).puts == 1);
    BOOST_TEST(api.grid.queues().size() == 1U);
    BOOST_TEST(api.steps() == "scope ok, queue ok, core_update ok, publish ok");
    BOOST_TEST(api.deployments() == "succeeded 2");
}

BOOST_AUTO_TEST_CASE(a_core_that_was_deleted_is_made_anew) {
    Deploys api;
    BOOST_TEST(api.deploy().status == 200);
    api.grid.drop_cores();
    BOOST_TEST(api.deploy().status == 200);
    BOOST_TEST(api.grid.cores().size() == 1U);
    BOOST_TEST(api.steps() == "scope ok, queue ok, core_update ok, core_create ok, publish ok");
}

BOOST_AUTO_TEST_CASE(wish_goes_before_the_flow) {
    Deploys api;
    const auto answer = api.deploy(R"({"publish_as_model":false})");
    BOOST_TEST(answer.status == 200, answer.body);
    BOOST_TEST(answer.json.get("published_slug").is_null());
    BOOST_TEST(!api.grid.cores().at(0).published);
    BOOST_TEST(api.deploy(R"({"publish_as_model":null})").json.member("published_slug") ==
               "scaicore/acme/invoice-triage");
}

BOOST_AUTO_TEST_CASE(a_flow_that_does_not_compile_leaves_nothing_behind) {
    Deploys api;
    auto content = test::deployable("f2");
    content.set("nodes", Value::array());
    api.add_flow("f2", content);
    const auto answer = api.as("dep", "/v1/flows/f2/deploy");
    BOOST_TEST(answer.status == 400, answer.body);
    BOOST_TEST(answer.detail() == "compile_error");
    BOOST_TEST(detail_of(answer).get("errors").size() > 0U);
    BOOST_TEST(detail_of(answer).get("diagnostics").at(0).member("severity") == "error");
    BOOST_TEST(!detail_of(answer).member("fix").empty());
    BOOST_TEST(api.grid.calls().empty());
    BOOST_TEST(api.deployments().empty());
}

BOOST_AUTO_TEST_CASE(hostile_bodies_are_named) {
    Deploys api;
    for (const auto* body : {R"({"publish_as_model":"yes"})", R"({"publish_as_model":1})", R"([])", "{"}) {
        const auto answer = api.deploy(body);
        BOOST_TEST((answer.status == 422 || answer.status == 400), body << ": " << answer.body);
    }
    BOOST_TEST(api.deploy("", {{"idempotency-key", "bad key"}}).status == 400);
    BOOST_TEST(api.as("dep", "/v1/flows/nope/deploy").status == 404);
    BOOST_TEST(api.as("dep", "/v1/flows/%27%3B--/deploy").status == 404);
    BOOST_TEST(api.as("ed", "/v1/flows/f1/deploy").status == 403);
    BOOST_TEST(api.as("bo", "/v1/flows/f1/deploy").status == 404);
    BOOST_TEST(api.grid.calls().empty());
}

BOOST_AUTO_TEST_CASE(without_a_credential_it_says_what_to_do) {
    Deploys api(Deploys::Settings{{"SCAIFLOW_DEPLOY_AUTH", "api_key"}});
    const auto answer = api.deploy();
    BOOST_TEST(answer.status == 412, answer.body);
    BOOST_TEST(answer.detail() == "missing_scaigrid_credentials");
    BOOST_TEST(detail_of(answer).member("fix").find("/v1/tenants/me/scaigrid_credentials") !=
               std::string::npos);
    BOOST_TEST(api.deployments().empty());
}

BOOST_AUTO_TEST_CASE(the_setting_pins_the_credential) {
    Deploys pinned(
        Deploys::Settings{{"SCAIFLOW_DEPLOY_AUTH", "api_key"}, {"SCAIGRID_API_KEY", "sgk_server_key_1"}});
    BOOST_TEST(pinned.deploy().json.member("credential_kind") == "server_key");
    BOOST_TEST(pinned.grid.bearers().at(0) == "sgk_server_key_1");
    Deploys user(
        Deploys::Settings{{"SCAIFLOW_DEPLOY_AUTH", "user_jwt"}, {"SCAIGRID_API_KEY", "sgk_server_key_1"}});
    BOOST_TEST(user.deploy().json.member("credential_kind") == "user_token");
    user.who = test::super_admin(); // no bearer on the request
    user.who.permissions = {"scaicore:view", "scaicore:manage"};
    BOOST_TEST(user.call("POST", "/v1/flows/f1/deploy").status == 412);
}

BOOST_AUTO_TEST_CASE(a_super_admin_of_another_tenant_does_not_deploy_into_his_own) {
    Deploys without;
    BOOST_TEST(without.as("t2/root", "/v1/flows/f1/deploy").status == 412);
    Deploys api(Deploys::Settings{{"SCAIGRID_API_KEY", "sgk_server_key_1"}});
    const auto answer = api.as("t2/root", "/v1/flows/f1/deploy");
    BOOST_TEST(answer.status == 200, answer.body);
    BOOST_TEST(answer.json.member("credential_kind") == "server_key");
}

BOOST_AUTO_TEST_CASE(no_credential_is_in_the_database) {
    Deploys api(
        Deploys::Settings{{"SCAIFLOW_DEPLOY_AUTH", "api_key"}, {"SCAIGRID_API_KEY", "sgk_server_key_1"}});
    api.grid.fail(post(cores), {.status = 500});
    api.deploy();
    api.deploy();
    BOOST_TEST(
        api.db.value("SELECT concat((SELECT string_agg(d::text, '') FROM scaiflow.flow_deployments d), "
                     "(SELECT string_agg(s::text, '') FROM scaiflow.flow_deployment_steps s), (SELECT "
                     "string_agg(a::text, '') FROM scaiflow.audit_log a)) LIKE '%sgk_%'") == "f");
}

BOOST_AUTO_TEST_CASE(scaiqueue_that_refuses_the_credential_is_said) {
    for (const int status : {401, 403})
        for (const auto* method : {"GET ", "POST "}) {
            Deploys api;
            api.grid.fail(method + std::string(scopes), {.status = status});
            const auto answer = api.deploy();
            BOOST_TEST(answer.status == 502, answer.body);
            BOOST_TEST(answer.detail() == "scaiqueue_auth");
            BOOST_TEST(!detail_of(answer).member("fix").empty());
            BOOST_TEST(*detail_of(answer).get("status").integer() == status);
            BOOST_TEST(detail_of(answer).member("upstream_request_id") == "req_up");
            BOOST_TEST(api.grid.cores().empty());
            BOOST_TEST(api.deployments() == "failed 1");
            BOOST_TEST(api.steps() == "scope failed");
        }
}

BOOST_AUTO_TEST_CASE(queues_that_cannot_be_made_stop_it_before_the_core) {
    Deploys api;
    api.grid.fail("POST " + std::string(scopes) + "/*", {.status = 500});
    const auto answer = api.deploy();
    BOOST_TEST(answer.status == 502, answer.body);
    BOOST_TEST(answer.detail() == "scaiqueue_provision_failed");
    BOOST_TEST(detail_of(answer).member("scope") == "finance");
    BOOST_TEST(detail_of(answer).member("queue") == "review");
    BOOST_TEST(!detail_of(answer).member("fix").empty());
    BOOST_TEST(api.grid.cores().empty());
    BOOST_TEST(api.db.value("SELECT error->>'error' FROM scaiflow.flow_deployments") ==
               "scaiqueue_provision_failed");
    BOOST_TEST(api.deploy().status == 200);
}

BOOST_AUTO_TEST_CASE(a_race_for_a_queue_is_no_error) {
    Deploys api;
    // Somebody makes both between our look and our POST: 409, then they are there.
    api.grid.fail(post(scopes), {.status = 409, .applied = true});
    api.grid.fail("POST " + std::string(scopes) + "/*", {.status = 409, .applied = true});
    const auto answer = api.deploy();
    BOOST_TEST(answer.status == 200, answer.body);
    BOOST_TEST(api.grid.queues().size() == 1U);
    Deploys lost; // 409, and it is not there either
    lost.grid.fail(post(scopes), {.status = 409});
    BOOST_TEST(lost.deploy().detail() == "scaiqueue_provision_failed");
}

BOOST_AUTO_TEST_CASE(a_queue_of_another_kind_is_refused) {
    for (const auto* other : {R"({"id":"q1","slug":"review","ordering":"fifo","consumer_mode":"competing"})",
                              R"({"id":"q1","slug":"review","consumer_mode":"broadcast"})",
                              R"({"id":"q1","slug":"review","ordering":"priority","max_retries":4})"}) {
        Deploys api;
        api.grid.add_scope("finance");
        api.grid.add_queue("finance", scai::test::json(other));
        const auto answer = api.deploy();
        BOOST_TEST(answer.status == 502, answer.body);
        BOOST_TEST(answer.detail() == "scaiqueue_provision_failed");
        BOOST_TEST(detail_of(answer).member("message").find("the flow declares") != std::string::npos);
        BOOST_TEST(api.grid.cores().empty());
    }
    Deploys same;
    same.grid.add_scope("finance");
    same.grid.add_queue("finance", scai::test::json(R"({"id":"q1","slug":"review","ordering":"priority"})"));
    BOOST_TEST(same.deploy().status == 200);
    BOOST_TEST(same.grid.queues().size() == 1U);
}

BOOST_AUTO_TEST_CASE(scopes_are_found_on_every_page) {
    Deploys api;
    api.grid.page_size(2);
    for (const auto* slug : {"a", "b", "c", "d", "finance"})
        api.grid.add_scope(slug);
    BOOST_TEST(api.deploy().status == 200);
    BOOST_TEST(api.grid.scopes().size() == 5U);
}

BOOST_AUTO_TEST_CASE(refusals_of_the_core_are_passed_on) {
    for (const int status : {401, 403, 409, 413, 422, 429, 500, 503}) {
        Deploys api;
        api.grid.fail(post(cores), {.status = status});
        const auto answer = api.deploy();
        BOOST_TEST(answer.status == 502, answer.body);
        BOOST_TEST(answer.detail() == "scaicore_create_failed");
        BOOST_TEST(*detail_of(answer).get("status").integer() == status);
        BOOST_TEST(detail_of(answer).member("message") == "it broke");
        BOOST_TEST(detail_of(answer).member("deployment_id").starts_with("dep_"));
        BOOST_TEST(!detail_of(answer).member("fix").empty());
        BOOST_TEST(api.deployments() == "failed 1");
        BOOST_TEST(api.deploy().status == 200);
        BOOST_TEST(api.grid.cores().size() == 1U);
    }
}

BOOST_AUTO_TEST_CASE(answers_that_do_not_come_leave_no_second_core) {
    for (const auto fault :
         {scai::test::Fault::hang_up, scai::test::Fault::garbage, scai::test::Fault::truncate})
        for (const bool applied : {false, true}) {
            Deploys api;
            api.grid.fail(post(cores), {.fault = fault, .applied = applied});
            const auto answer = api.deploy();
            BOOST_TEST(answer.status == 502, answer.body);
            BOOST_TEST(answer.detail() == "scaicore_create_failed");
            BOOST_TEST(api.steps() == "scope ok, queue ok, core_create unknown");
            // Renamed meanwhile: the slug would not give the lost one away.
            api.db.sql("UPDATE scaiflow.flow_versions SET content = $c$" +
                       test::deployable("f1", "Another name").dump() + "$c$ WHERE flow_id = 'f1'");
            BOOST_TEST(api.deploy().status == 200);
            BOOST_TEST(api.grid.cores().size() == 1U);
            BOOST_TEST(api.deployments() == "succeeded 1, failed 1");
        }
}

BOOST_AUTO_TEST_CASE(an_own_core_of_the_name_is_taken_and_a_strangers_is_not) {
    for (const bool hidden : {false, true}) {
        Deploys own;
        own.grid.hide_sources(hidden);
        own.grid.add_core("invoice-triage", "f1");
        BOOST_TEST(own.deploy().status == 200);
        BOOST_TEST(own.grid.cores().size() == 1U);
        Deploys strange;
        strange.grid.hide_sources(hidden);
        strange.grid.add_core("invoice-triage", "another_flow");
        const auto answer = strange.deploy();
        BOOST_TEST(answer.status == 502, answer.body);
        BOOST_TEST(answer.detail() == "scaicore_create_failed");
        BOOST_TEST(*detail_of(answer).get("status").integer() == 409);
        BOOST_TEST(strange.grid.cores().at(0).source_id == "another_flow");
        BOOST_TEST(strange.grid.cores().at(0).puts == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_publication_that_fails_keeps_the_core) {
    Deploys api;
    api.grid.fail("POST " + std::string(cores) + "/*", {.status = 403});
    const auto answer = api.deploy();
    BOOST_TEST(answer.status == 502, answer.body);
    BOOST_TEST(answer.detail() == "scaicore_publish_failed");
    BOOST_TEST(detail_of(answer).member("core_id") == api.grid.cores().at(0).id);
    BOOST_TEST(api.db.value("SELECT status || ' ' || core_id FROM scaiflow.flow_deployments") ==
               "failed " + api.grid.cores().at(0).id);
    BOOST_TEST(api.deploy().status == 200);
    BOOST_TEST(api.grid.cores().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_dead_grid_is_a_502_that_says_so) {
    Deploys api(Deploys::Settings{{"SCAIGRID_BASE_URL", "http://127.0.0.1:1"}});
    const auto answer = api.deploy();
    BOOST_TEST(answer.status == 502, answer.body);
    BOOST_TEST(answer.detail() == "scaiqueue_provision_failed");
    BOOST_TEST(detail_of(answer).member("upstream_code") == "upstream_unreachable");
    BOOST_TEST(api.deployments() == "failed 1");
}

BOOST_AUTO_TEST_CASE(a_key_sent_again_gets_the_same_deployment) {
    Deploys api;
    const auto first = api.deploy("", {{"idempotency-key", "k1"}});
    const auto second = api.deploy("", {{"idempotency-key", "k1"}});
    BOOST_TEST(first.status == 200, first.body);
    BOOST_TEST(second.status == 200, second.body);
    BOOST_TEST(second.json.member("deployment_id") == first.json.member("deployment_id"));
    BOOST_TEST(second.headers.at("Idempotency-Replayed") == "true");
    BOOST_TEST(api.deployments() == "succeeded 1");
    BOOST_TEST(api.deploy(R"({"publish_as_model":false})", {{"idempotency-key", "k1"}}).status == 422);
    BOOST_TEST(
        api.as("ann", "/v1/flows/f1/deploy", "", {{"idempotency-key", "k1"}}).json.member("deployment_id") !=
        first.json.member("deployment_id"));
    Deploys failing; // an error gives the key back
    failing.grid.fail(post(cores), {.status = 500});
    BOOST_TEST(failing.deploy("", {{"idempotency-key", "k2"}}).status == 502);
    BOOST_TEST(failing.deploy("", {{"idempotency-key", "k2"}}).status == 200);
    BOOST_TEST(failing.deployments() == "succeeded 1, failed 1");
}

BOOST_AUTO_TEST_CASE(a_double_click_is_one_deployment) {
    Deploys api;
    api.grid.fail(post(cores), {.status = 200, .delay = std::chrono::milliseconds(700), .applied = true});
    test::FlowAnswer first;
    std::thread click([&] { first = api.deploy(); });
    while (api.grid.cores().empty())
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const auto second = api.deploy();
    click.join();
    BOOST_TEST(second.status == 409, second.body);
    BOOST_TEST(second.detail() == "deployment_running");
    BOOST_TEST(detail_of(second).member("deployment_id").starts_with("dep_"));
    BOOST_TEST(second.headers.contains("Retry-After"));
    BOOST_TEST(api.grid.cores().size() == 1U);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_deployments") == "1");
    BOOST_TEST(api.db.value("SELECT id FROM scaiflow.flow_deployments") ==
               detail_of(second).member("deployment_id"));
}

BOOST_AUTO_TEST_CASE(thirty_two_at_once_deploy_each_flow_once) {
    Deploys api(Deploys::Settings{{"DB_POOL_SIZE", "8"}});
    constexpr int flows = 8, clicks = 4;
    for (int i = 0; i < flows; ++i) {
        const auto id = "p" + std::to_string(i);
        api.add_flow(id, test::deployable(id, "Parallel " + std::to_string(i)));
    }
    std::vector<test::FlowAnswer> answers(flows * clicks);
    std::vector<std::thread> threads;
    for (int i = 0; i < flows * clicks; ++i)
        threads.emplace_back(
            [&, i] { answers[i] = api.as("dep", "/v1/flows/p" + std::to_string(i % flows) + "/deploy"); });
    for (auto& thread : threads)
        thread.join();
    for (const auto& answer : answers)
        BOOST_TEST((answer.status == 200 || answer.status == 409), answer.body);
    BOOST_TEST(api.grid.cores().size() == std::size_t{flows});
    BOOST_TEST(api.grid.scopes().size() == 1U);
    BOOST_TEST(api.grid.queues().size() == 1U);
    BOOST_TEST(api.db.value("SELECT count(DISTINCT flow_id) FROM scaiflow.flow_deployments WHERE status = "
                            "'succeeded'") == std::to_string(flows));
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_deployments WHERE status = 'running'") ==
               "0");
}

BOOST_AUTO_TEST_CASE(rollback_deploys_the_earlier_version_again) {
    Deploys api;
    const auto first = api.deploy();
    BOOST_TEST(first.status == 200, first.body);
    auto next = test::deployable("f1", "Invoice triage", R"({"publish_as_model":false})");
    next.set("version", "1.0.1");
    api.db.sql(
        "INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, content_sha256, "
        "created_by) VALUES ('t1', 'f1', 2, '1.0.1', $c$" +
        next.dump() +
        "$c$, '', 'ann'); UPDATE scaiflow.flows SET number = 2, version = '1.0.1' WHERE id = 'f1'");
    BOOST_TEST(api.deploy().json.member("version") == "1.0.1");
    const auto target = "/v1/flows/f1/deployments/" + first.json.member("deployment_id") + "/rollback";
    const auto back = api.as("dep", target);
    BOOST_TEST(back.status == 200, back.body);
    BOOST_TEST(back.json.member("version") == "1.0.0");
    BOOST_TEST(back.json.member("kind") == "rollback");
    BOOST_TEST(back.json.member("rollback_of") == first.json.member("deployment_id"));
    BOOST_TEST(back.json.member("core_id") == first.json.member("core_id"));
    BOOST_TEST(*back.json.get("publish_as_model").boolean()); // as it was then
    BOOST_TEST(scai::yaml::parse(api.grid.cores().at(0).manifest)
                   ->get("core")
                   .get("scaiflow_meta")
                   .member("source_version") == "1.0.0");
    BOOST_TEST(api.db.value("SELECT version FROM scaiflow.flows WHERE id = 'f1'") == "1.0.1");
    BOOST_TEST(api.as("dep", "/v1/flows/f1/deployments/dep_none/rollback").detail() ==
               "deployment_not_found");
    BOOST_TEST(api.as("ed", target).status == 403);
    BOOST_TEST(api.as("bo", target).status == 404);
    api.add_flow("f2", test::deployable("f2", "Other"));
    BOOST_TEST(api.as("dep", "/v1/flows/f2/deployments/" + first.json.member("deployment_id") + "/rollback")
                   .status == 404); // another flow's
    api.grid.fail("PUT " + std::string(cores) + "/*", {.status = 500});
    const auto failed = detail_of(api.deploy()).member("deployment_id");
    const auto refused = api.as("dep", "/v1/flows/f1/deployments/" + failed + "/rollback");
    BOOST_TEST(refused.status == 409, refused.body);
    BOOST_TEST(refused.detail() == "deployment_not_succeeded");
}

BOOST_AUTO_TEST_CASE(what_a_dead_process_left_is_settled) {
    Deploys api;
    const auto leave = [&](const std::string& flow) {
        api.db.sql(
            "INSERT INTO scaiflow.flow_deployments (tenant_id, id, flow_id, version, status, grid_url, "
            "deployed_by) VALUES ('t1', 'dep_left_" +
            flow + "', '" + flow + "', '0.9.0', 'running', '" + api.grid.url() +
            "', 'ann'); INSERT INTO scaiflow.flow_deployment_steps (tenant_id, deployment_id, ordinal, "
            "attempt, step) VALUES ('t1', 'dep_left_" +
            flow + "', 1, 1, 'core_create')");
    };
    leave("f1");
    BOOST_TEST(api.deploy().status == 200); // other work: that one has failed, this one looks for its Core
    BOOST_TEST(
        api.db.value("SELECT status || ' ' || (error->>'error') FROM scaiflow.flow_deployments WHERE id = "
                     "'dep_left_f1'") == "failed deployment_interrupted");
    BOOST_TEST(api.steps() == "scope ok, queue ok, core_find ok, core_create ok, publish ok");
    api.add_flow("f2", test::deployable("f2", "Other"));
    leave("f2");
    scai::db::Pool jobs(api.db.settings("scaiflow_jobs"));
    BOOST_TEST(scaiflow::deploy::settle_abandoned(jobs) == 1);
    BOOST_TEST(scaiflow::deploy::settle_abandoned(jobs) == 0);
    BOOST_TEST(api.db.value("SELECT outcome FROM scaiflow.flow_deployment_steps WHERE deployment_id = "
                            "'dep_left_f2'") == "interrupted");
}

BOOST_AUTO_TEST_SUITE_END()
