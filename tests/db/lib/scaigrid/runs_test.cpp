// Runs: answers kept, suspended and taken up, cancelled, expired, serialised. SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaigrid/runs/runs.hpp"

#include "lib/scaigrid/checkpoints/store.hpp"
#include "lib/scaigrid/events/events.hpp"
#include "lib/scaigrid/runs/store.hpp"
#include "lib/scaigrid/runs/world.hpp"
#include "tests/support/grid_runs.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using scai::json::Value;
namespace runs = scaigrid::runs;

namespace {

constexpr auto hello = "[{'kind': 'rigid', 'node_id': 'node_a', 'result_binding': 'said', 'statements': "
                       "[{'kind': 'expression', 'expression': '`Hello ` + input.name'}]}]";

constexpr auto approval =
    "[{'kind': 'rigid', 'node_id': 'node_draw', 'result_binding': 'drawn', 'statements': [{'kind': "
    "'plugin_call', 'plugin': 'random', 'method': 'uuid', 'args': {}}]},"
    " {'kind': 'checkpoint', 'node_id': 'node_ask', 'result_binding': 'verdict', 'checkpoint_type': "
    "'approval', 'prompt': 'Pay ${drawn}?', 'options': ['approve', 'reject'], 'timeout': '1h', "
    "'on_timeout': 'reject'},"
    " {'kind': 'rigid', 'node_id': 'node_end', 'result_binding': 'ended', 'statements': [{'kind': "
    "'expression', 'expression': '{0}'}]}]";

std::string approval_body() {
    std::string body = approval;
    return body.replace(body.find("{0}"), 3, "drawn + `:` + verdict");
}

std::string pending(const test::GridApi& api) {
    return api.db().value("SELECT id FROM scaigrid.checkpoints WHERE status = 'pending'");
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaigrid_runs)

BOOST_AUTO_TEST_CASE(a_run_ends_with_its_output_and_its_events) {
    test::GridApi api;
    test::put_core(api, hello);
    const auto answer = test::run_core(api, "{'name': 'Ada'}");
    BOOST_TEST_REQUIRE(static_cast<bool>(answer));
    BOOST_TEST(answer->member("status") == "COMPLETED");
    BOOST_TEST(answer->member("output") == "Hello Ada");
    BOOST_TEST(answer->get("checkpoint_id").is_null());
    BOOST_TEST(answer->get("duration_ms").is_integer());
    const std::vector<std::string> wanted{"invocation.started", "block.entered:node_a", "block.exited:node_a",
                                          "invocation.completed"};
    BOOST_TEST(test::event_types(api) == wanted, boost::test_tools::per_element());
    const std::string exited =
        api.db().value("SELECT payload FROM scaigrid.events WHERE type LIKE '%exited'");
    const auto payload = *scai::json::parse(exited);
    BOOST_TEST(payload.member("result_binding") == "said");
    BOOST_TEST(payload.member("result_binding_value") == "Hello Ada");
    BOOST_TEST(payload.member("execution_id") == answer->member("execution_id"));
}

BOOST_AUTO_TEST_CASE(a_long_value_is_left_out_of_the_events_and_said_to_be) {
    test::GridApi api;
    test::put_core(api, hello);
    BOOST_TEST_REQUIRE(static_cast<bool>(test::run_core(api, "{'name': '" + std::string(5000, 'x') + "'}")));
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.events WHERE length(payload::text) > 500") ==
               "0");
    for (const auto* type : {"invocation.started' AND (payload ->> 'input_truncated') = 'true",
                             "block.exited' AND (payload ->> 'result_binding_truncated') = 'true",
                             "invocation.completed' AND (payload ->> 'output_truncated') = 'true"})
        BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.events WHERE type = 'scaicore.runtime." +
                                  std::string(type) + "'") == "1");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_suspends_and_its_answer_lets_the_run_go_on_with_what_it_knew) {
    test::GridApi api;
    test::put_core(api, approval_body());
    const auto answer = test::run_core(api);
    BOOST_TEST_REQUIRE(static_cast<bool>(answer));
    BOOST_TEST(answer->member("status") == "SUSPENDED");
    const std::string id = answer->member("checkpoint_id");
    BOOST_TEST(id == pending(api));
    const std::string drawn =
        api.db().value("SELECT value #>> '{}' FROM scaigrid.execution_answers WHERE path = 'node_draw'");
    BOOST_TEST(drawn.size() == 36U);
    BOOST_TEST(api.db().value("SELECT prompt FROM scaigrid.checkpoints") == "Pay " + drawn + "?");

    const auto row = runs::resolve(api.context(), "tnt_a", id, "approve", "usr_boss");
    BOOST_TEST_REQUIRE(static_cast<bool>(row));
    BOOST_TEST(row->member("status") == "resolved");
    BOOST_TEST(row->member("resolution") == "approve");
    BOOST_TEST(row->member("resolved_by") == "usr_boss");
    BOOST_TEST(row->member("node_id") == "node_ask");
    BOOST_TEST(api.db().value("SELECT status || ' ' || (output #>> '{}') FROM scaigrid.executions") ==
               "completed " + drawn + ":approve");
    const std::vector<std::string> wanted{"invocation.started",     "block.entered:node_draw",
                                          "block.exited:node_draw", "block.entered:node_ask",
                                          "block.exited:node_ask",  "block.entered:node_end",
                                          "block.exited:node_end",  "invocation.completed"};
    BOOST_TEST(test::event_types(api) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_settled_once) {
    test::GridApi api;
    test::put_core(api, approval_body());
    const std::string id = test::run_core(api)->member("checkpoint_id");
    std::atomic<int> won = 0, lost = 0;
    {
        std::vector<std::jthread> people;
        for (int i = 0; i < 6; ++i)
            people.emplace_back([&, i] {
                const auto row = runs::resolve(api.context(), "tnt_a", id, i % 2 == 0 ? "approve" : "reject",
                                               "usr_" + std::to_string(i));
                if (row)
                    ++won;
                else if (row.error().code == "CHECKPOINT_NOT_PENDING")
                    ++lost;
            });
    }
    BOOST_TEST(won == 1);
    BOOST_TEST(lost == 5);
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.executions WHERE status = 'completed'") == "1");
    BOOST_TEST(api.db().value(
                   "SELECT count(*) FROM scaigrid.events WHERE type LIKE '%invocation.completed'") == "1");
}

BOOST_AUTO_TEST_CASE(a_resolution_that_is_no_option_is_refused_and_changes_nothing) {
    test::GridApi api;
    test::put_core(api, approval_body());
    const std::string id = test::run_core(api)->member("checkpoint_id");
    for (const Value& bad : {Value("maybe"), Value(7), Value(true), Value::array({"approve"}),
                             Value::object({{"resolution", "maybe"}})}) {
        const auto row = runs::resolve(api.context(), "tnt_a", id, bad, "usr_a");
        BOOST_TEST_REQUIRE(!row);
        BOOST_TEST((row.error().kind == scai::ErrorKind::unprocessable));
        BOOST_TEST(row.error().fields.at(0).path == "body.resolution");
    }
    BOOST_TEST(pending(api) == id);
    const auto other = runs::resolve(api.context(), "tnt_b", id, "approve", "usr_b");
    BOOST_TEST_REQUIRE(!other);
    BOOST_TEST((other.error().kind == scai::ErrorKind::not_found));
}

BOOST_AUTO_TEST_CASE(a_cancelled_checkpoint_fails_its_block) {
    test::GridApi api;
    test::put_core(api, approval_body());
    const std::string id = test::run_core(api)->member("checkpoint_id");
    const auto row = runs::cancel(api.context(), "tnt_a", id, "usr_boss");
    BOOST_TEST_REQUIRE(static_cast<bool>(row));
    BOOST_TEST(row->member("status") == "cancelled");
    BOOST_TEST(api.db().value("SELECT status || ' ' || (error ->> 'code') FROM scaigrid.executions") ==
               "failed checkpoint_cancelled");
    BOOST_TEST(runs::cancel(api.context(), "tnt_a", id, "usr_boss").error().code == "CHECKPOINT_NOT_PENDING");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_goes_to_somebody_else_while_it_is_pending) {
    test::GridApi api;
    test::put_core(api, approval_body());
    const std::string id = test::run_core(api)->member("checkpoint_id");
    const auto row = runs::reassign(api.context(), "tnt_a", id, "group:finance");
    BOOST_TEST_REQUIRE(static_cast<bool>(row));
    BOOST_TEST(row->member("assignee_type") == "group");
    BOOST_TEST(row->member("assignee_resolved") == "finance");
    BOOST_TEST(row->member("status") == "pending");
    BOOST_TEST(!runs::reassign(api.context(), "tnt_a", id, "finance"));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_runs_out_takes_the_answer_its_block_names) {
    test::GridApi api;
    test::put_core(api, approval_body());
    const std::string id = test::run_core(api)->member("checkpoint_id");
    BOOST_TEST(runs::expire(api.context(), "tnt_a", id) == "");
    api.db().sql("UPDATE scaigrid.checkpoints SET expires_at = now() - interval '1 second'");
    BOOST_TEST(runs::expire(api.context(), "tnt_a", id) == "expired");
    BOOST_TEST(runs::expire(api.context(), "tnt_a", id) == "");
    BOOST_TEST(api.db().value("SELECT status FROM scaigrid.checkpoints") == "expired");
    BOOST_TEST(api.db().value("SELECT output #>> '{}' FROM scaigrid.executions").ends_with(":reject"));
}

BOOST_AUTO_TEST_CASE(an_escalation_hands_it_on_once_before_it_expires) {
    test::GridApi api;
    test::put_core(api, "[{'kind': 'checkpoint', 'node_id': 'node_ask', 'result_binding': 'verdict', "
                        "'checkpoint_type': 'approval', 'timeout': '1h', 'on_timeout': 'escalate', "
                        "'escalation_target': 'role:director', 'assignee': 'user:mia@x.test'}]");
    const std::string id = test::run_core(api)->member("checkpoint_id");
    BOOST_TEST(api.db().value("SELECT assignee_type || coalesce(assignee_resolved, '?') FROM "
                              "scaigrid.checkpoints") == "user?");
    const auto run_out = [&] {
        api.db().sql("UPDATE scaigrid.checkpoints SET expires_at = now() - interval '1 second'");
        return runs::expire(api.context(), "tnt_a", id);
    };
    BOOST_TEST(run_out() == "escalated");
    BOOST_TEST(
        api.db().value("SELECT status || ' ' || assignee_raw || ' ' || priority || ' ' || (expires_at > "
                       "now() + interval '59 minutes') FROM scaigrid.checkpoints") ==
        "pending role:director high true");
    BOOST_TEST(run_out() == "expired");
    BOOST_TEST(api.db().value("SELECT output #>> '{}' FROM scaigrid.executions") == "escalate");
}

BOOST_AUTO_TEST_CASE(a_routed_core_pauses_for_nobody_but_an_assignee) {
    test::GridApi api;
    const test::GridCore core{.checkpoint_mode = "routed"};
    test::put_core(api, approval_body(), core);
    BOOST_TEST(test::run_core(api)->get("error").member("code") == "checkpoint_cancelled");
    BOOST_TEST(api.db().value("SELECT status FROM scaigrid.checkpoints") == "cancelled");
}

BOOST_AUTO_TEST_CASE(a_replaced_core_does_not_change_a_run_under_way) {
    test::GridApi api;
    test::put_core(api, approval_body());
    const std::string id = test::run_core(api)->member("checkpoint_id");
    test::put_core(api, hello);
    BOOST_TEST(static_cast<bool>(runs::resolve(api.context(), "tnt_a", id, "approve", "usr_a")));
    BOOST_TEST(api.db().value("SELECT output #>> '{}' FROM scaigrid.executions").ends_with(":approve"));
    BOOST_TEST(test::run_core(api, "{'name': 'Eve'}")->member("output") == "Hello Eve");
}

BOOST_AUTO_TEST_CASE(a_run_of_a_deleted_core_fails) {
    test::GridApi api;
    test::put_core(api, approval_body());
    const std::string id = test::run_core(api)->member("checkpoint_id");
    api.db().sql("DELETE FROM scaigrid.cores");
    BOOST_TEST(static_cast<bool>(runs::resolve(api.context(), "tnt_a", id, "approve", "usr_a")));
    BOOST_TEST(api.db().value("SELECT error ->> 'code' FROM scaigrid.executions") == "core_deleted");
}

BOOST_AUTO_TEST_CASE(bad_calls_are_refused_before_anything_is_written) {
    test::GridApi api;
    test::put_core(api, hello);
    const auto call = [&](runs::Invocation invocation, const std::string& tenant = "tnt_a") {
        invocation.caused_by = "usr_t";
        const auto answer = runs::invoke(api.context(), tenant, invocation);
        BOOST_TEST_REQUIRE(!answer);
        return answer.error();
    };
    const auto of = [](const std::string& core, const std::string& trigger, const Value& input,
                       const std::string& key = "") {
        return runs::Invocation{
            .core_id = core, .trigger = trigger, .input = input, .instance_key = key, .caused_by = ""};
    };
    BOOST_TEST((call(of("core_x", "", Value::object())).kind == scai::ErrorKind::not_found));
    BOOST_TEST((call(of("core_a", "", Value::object()), "tnt_b").kind == scai::ErrorKind::not_found));
    BOOST_TEST(call(of("core_a", "nope", Value::object())).fields.at(0).path == "body.trigger");
    BOOST_TEST(call(of("core_a", "", "text")).fields.at(0).path == "body.input");
    BOOST_TEST(call(of("core_a", "", Value::array())).fields.at(0).path == "body.input");
    BOOST_TEST(call(of("core_a", "", Value::object(), std::string(300, 'k'))).fields.at(0).path ==
               "body.instance_key");
    for (const auto* status : {"paused", "stopped", "error"}) {
        api.db().sql("UPDATE scaigrid.cores SET status = '" + std::string(status) + "'");
        BOOST_TEST(call(of("core_a", "", Value::object())).code == "CORE_NOT_RUNNING");
    }
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.executions") == "0");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.events") == "0");
}

BOOST_AUTO_TEST_CASE(the_same_request_once_more_is_the_same_run) {
    test::GridApi api;
    test::put_core(api, hello);
    const runs::Invocation once{.core_id = "core_a",
                                .trigger = "",
                                .input = scai::test::loose_json("{'name': 'Ada'}"),
                                .instance_key = "",
                                .caused_by = "usr_t",
                                .flow_name = "",
                                .request_key = "r1"};
    const auto first = runs::invoke(api.context(), "tnt_a", once);
    const auto second = runs::invoke(api.context(), "tnt_a", once);
    BOOST_TEST(first->member("execution_id") == second->member("execution_id"));
    BOOST_TEST(second->member("status") == "COMPLETED");
    BOOST_TEST(second->member("output") == "Hello Ada");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.executions") == "1");
}

BOOST_AUTO_TEST_CASE(a_run_nobody_works_at_is_taken_up_by_one) {
    test::GridApi api;
    test::put_core(api, hello);
    const auto id = runs::accept(api.context(), "tnt_a",
                                 {.core_id = "core_a",
                                  .trigger = "nightly",
                                  .input = scai::test::loose_json("{'name': 'Bob'}"),
                                  .instance_key = "",
                                  .caused_by = "schedule"});
    BOOST_TEST_REQUIRE(static_cast<bool>(id));
    {
        auto reader = api.context().pool.read(scai::db::Scope::all_tenants());
        const auto waiting = runs::store::waiting(reader, 10);
        BOOST_TEST_REQUIRE(waiting.size() == 1U);
        BOOST_TEST(waiting[0].id == *id);
    }
    std::atomic<int> took = 0;
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i)
            workers.emplace_back([&] { took += runs::take_up(api.context(), "tnt_a", *id) ? 1 : 0; });
    }
    BOOST_TEST(took == 1);
    BOOST_TEST(api.db().value("SELECT status || ' ' || (output #>> '{}') FROM scaigrid.executions") ==
               "completed Hello Bob");
    BOOST_TEST(test::event_types(api).size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_run_that_never_gets_an_answer_is_given_up) {
    test::GridApi api;
    test::put_core(api, hello);
    const auto id = runs::accept(
        api.context(), "tnt_a",
        {.core_id = "core_a", .trigger = "", .input = {}, .instance_key = "", .caused_by = "usr_t"});
    api.db().sql("UPDATE scaigrid.executions SET attempts = 5");
    BOOST_TEST(runs::take_up(api.context(), "tnt_a", *id));
    BOOST_TEST(api.db().value("SELECT status || ' ' || (error ->> 'code') FROM scaigrid.executions") ==
               "failed abandoned");
}

BOOST_AUTO_TEST_CASE(whoever_lost_the_lease_writes_nothing_more) {
    test::GridApi api;
    test::put_core(api, approval_body());
    api.world->http = [](const auto&) { return std::nullopt; };
    const auto core = *scaigrid::cores::find_runnable(api.context(), "tnt_a", "core_a");
    auto execution = *runs::prepare(
        api.context(), "tnt_a",
        {.core_id = "core_a", .trigger = "", .input = {}, .instance_key = "", .caused_by = "usr_t"}, core);
    scai::db::in_tx(api.context().pool, scai::db::Scope::tenant("tnt_a"),
                    [&](scai::db::Tx& tx) { runs::begin(tx, api.context(), execution, *core.module); });
    api.db().sql("UPDATE scaigrid.executions SET lease_token = 'somebody else'");
    const auto state = runs::go_on(
        api.context(), execution, core.module, {}, "auto",
        {.answer_by = api.clock.now() + std::chrono::hours(1), .longest = std::chrono::minutes(1)});
    BOOST_TEST(state.status == "running");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.execution_answers") == "0");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.checkpoints") == "0");
    BOOST_TEST(test::event_types(api).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_call_that_takes_too_long_is_left_to_the_job) {
    test::GridApi api;
    test::put_core(api, approval_body());
    api.context().runs->limits.answer_within = std::chrono::milliseconds(-1);
    const auto answer = test::run_core(api);
    BOOST_TEST(answer->member("status") == "RUNNING");
    const std::string id = answer->member("execution_id");
    BOOST_TEST(runs::take_up(api.context(), "tnt_a", id));
    BOOST_TEST(api.db().value("SELECT status FROM scaigrid.executions") == "suspended");
}

BOOST_AUTO_TEST_CASE(a_step_budget_ends_a_run_that_goes_round_and_round) {
    test::GridApi api;
    api.context().runs->limits.max_steps = 50;
    test::put_core(api, "[{'kind': 'while', 'node_id': 'node_w', 'condition': 'true', 'max_iterations': "
                        "1000, 'body': [{'kind': 'rigid', 'node_id': 'node_in', 'statements': [{'kind': "
                        "'expression', 'expression': '1'}]}]}]");
    BOOST_TEST(test::run_core(api)->get("error").member("code") == "step_budget");
    api.context().runs->limits.longest = std::chrono::milliseconds(-1);
    BOOST_TEST(test::run_core(api)->get("error").member("code") == "time_limit");
}

BOOST_AUTO_TEST_SUITE_END()
