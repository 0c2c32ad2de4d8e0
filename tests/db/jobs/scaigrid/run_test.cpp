// scaigrid-job-run and -expire: the programs, a process that is killed in the middle of a run, schedules.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/background.hpp"
#include "lib/scaigrid/triggers/schedules.hpp"
#include "tests/support/grid_runs.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <thread>

using scai::json::Value;
namespace runs = scaigrid::runs;

namespace {

std::string program(const std::string& name) {
    const char* bin = std::getenv("SCAI_BIN");
    return std::string(bin != nullptr ? bin : "build/bin") + "/" + name;
}

test::Environment environment(const test::GridApi& api, const std::string& llm = "") {
    auto out = test::clean_environment();
    out["DATABASE_URL"] = api.db().url;
    out["SCAIGRID_LLM_BASE_URL"] = llm;
    return out;
}

/// Started and left running, for the test to kill.
pid_t start(const std::vector<std::string>& arguments, const test::Environment& environment) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment)
        variables.push_back(name + "=" + value);
    std::vector<char*> argv, envp;
    for (const auto& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    for (const auto& variable : variables)
        envp.push_back(const_cast<char*>(variable.c_str()));
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::execve(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    return pid;
}

constexpr auto drawn_then_asked =
    "[{'kind': 'rigid', 'node_id': 'node_draw', 'result_binding': 'drawn', 'statements': [{'kind': "
    "'plugin_call', 'plugin': 'random', 'method': 'uuid', 'args': {}}]},"
    " {'kind': 'flexible', 'node_id': 'node_llm', 'result_binding': 'said', 'goal': 'Hello', 'llm_role': "
    "'primary', 'output_type': {}, 'input_bindings': {}},"
    " {'kind': 'rigid', 'node_id': 'node_end', 'result_binding': 'ended', 'statements': [{'kind': "
    "'expression', 'expression': 'drawn'}]}]";

std::string accepted(test::GridApi& api) {
    const auto id = runs::accept(
        api.context(), "tnt_a",
        {.core_id = "core_a", .trigger = "", .input = {}, .instance_key = "", .caused_by = "usr_t"});
    BOOST_TEST_REQUIRE(static_cast<bool>(id));
    return *id;
}

std::string status(const test::GridApi& api) {
    return api.db().value("SELECT string_agg(status, ' ' ORDER BY id) FROM scaigrid.executions");
}

} // namespace

BOOST_AUTO_TEST_SUITE(jobs_scaigrid_run)

BOOST_AUTO_TEST_CASE(a_run_whose_process_is_killed_goes_on_where_it_was) {
    test::GridApi api;
    test::put_core(api, drawn_then_asked);
    scai::test::HttpServer model([](const scai::test::HttpRequest&) {
        return scai::test::HttpReply{.delay = std::chrono::minutes(5)};
    });
    const std::string id = accepted(api);
    const pid_t pid = start({program("scaigrid-job-run")}, environment(api, model.url("/v1")));
    for (int i = 0; i < 600 && model.count() == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    BOOST_TEST(model.count() == 1U);
    BOOST_TEST(::kill(pid, SIGKILL) == 0);
    int ended = 0;
    ::waitpid(pid, &ended, 0);
    BOOST_TEST(WIFSIGNALED(ended));

    BOOST_TEST(status(api) == "running");
    BOOST_TEST(!runs::take_up(api.context(), "tnt_a", id)); // the lease still stands for it
    const std::string drawn =
        api.db().value("SELECT value #>> '{}' FROM scaigrid.execution_answers WHERE path = 'node_draw'");
    BOOST_TEST(drawn.size() == 36U);
    const std::vector<std::string> told{"invocation.started", "block.entered:node_draw",
                                        "block.exited:node_draw", "block.entered:node_llm"};
    BOOST_TEST(test::event_types(api) == told, boost::test_tools::per_element());

    api.db().sql("UPDATE scaigrid.executions SET lease_until = now() - interval '1 second'");
    const auto finished = test::run({program("scaigrid-job-run"), "--json"}, environment(api));
    BOOST_TEST(finished.status == 0, finished.all());
    BOOST_TEST(scai::json::parse(finished.out)->get("taken_up").integer().value_or(0) == 1);
    BOOST_TEST(api.db().value("SELECT status || ' ' || (output #>> '{}') FROM scaigrid.executions") ==
               "completed " + drawn);
    const std::vector<std::string> all{"invocation.started",     "block.entered:node_draw",
                                       "block.exited:node_draw", "block.entered:node_llm",
                                       "block.exited:node_llm",  "block.entered:node_end",
                                       "block.exited:node_end",  "invocation.completed"};
    BOOST_TEST(test::event_types(api) == all, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_killed_run_of_a_singleton_keeps_its_instance_until_it_is_taken_up) {
    test::GridApi api;
    const test::GridCore core{.mode = "singleton"};
    test::put_core(api, drawn_then_asked, core);
    BOOST_TEST(test::run_core(api, "{}", core)->member("status") == "COMPLETED");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.busy_instances") == "0");
    api.db().sql(
        "INSERT INTO scaigrid.busy_instances SELECT tenant_id, core_id, '', id FROM "
        "scaigrid.executions; UPDATE scaigrid.executions SET status = 'running', finished_at = NULL, "
        "lease_until = now()");
    const std::string other = accepted(api);
    BOOST_TEST(!runs::take_up(api.context(), "tnt_a", other));
    const auto jobs = test::jobs_context(api, api.context());
    runs::Background background(*jobs, 2);
    background.look([] { return false; });
    background.look([] { return false; });
    BOOST_TEST(status(api) == "completed completed");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.busy_instances") == "0");
}

BOOST_AUTO_TEST_CASE(runs_of_one_instance_come_one_after_the_other) {
    test::GridApi api;
    const test::GridCore core{.mode = "entity", .entity_key_field = "who"};
    std::atomic<int> working = 0, most = 0, total = 0;
    api.world->http =
        [&](const scai::http::Request& request) -> std::optional<scai::Result<scai::http::Response>> {
        if (request.url.find("plugin.test") == std::string::npos)
            return std::nullopt;
        const int now = ++working;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        --working;
        ++total;
        scai::http::Response response;
        response.status = 200;
        response.body = "{}";
        return response;
    };
    test::put_core(api,
                   "[{'kind': 'rigid', 'node_id': 'node_a', 'statements': [{'kind': 'plugin_call', 'plugin': "
                   "'http', 'method': 'request', 'args': {'url': 'https://plugin.test/'}}]}]",
                   core);
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 4; ++i)
            callers.emplace_back([&] { (void)test::run_core(api, "{'who': 'ada'}", core); });
    }
    BOOST_TEST(total == 4);
    BOOST_TEST(most == 1);
    const auto keyless = test::run_core(api, "{}", core);
    BOOST_TEST_REQUIRE(!keyless);
    BOOST_TEST(keyless.error().fields.at(0).path == "body.input.who");
}

BOOST_AUTO_TEST_CASE(a_schedule_is_fired_once_by_however_many_look_and_late_ones_once) {
    test::GridApi api; // the trigger `nightly` has cron 0 * * * *
    const auto jobs = test::jobs_context(api, api.context());
    test::put_core(api, drawn_then_asked);
    BOOST_TEST(scaigrid::triggers::refresh_schedules(*jobs) == 1);
    BOOST_TEST(scaigrid::triggers::refresh_schedules(*jobs) == 0);
    BOOST_TEST(scaigrid::triggers::fire_schedules(*jobs).fired == 0);
    const auto look = [&] {
        std::atomic<std::int64_t> fired = 0;
        std::vector<std::jthread> hosts;
        for (int i = 0; i < 4; ++i)
            hosts.emplace_back([&] { fired += scaigrid::triggers::fire_schedules(*jobs).fired; });
        hosts.clear();
        return fired.load();
    };
    api.clock.advance(std::chrono::minutes(61));
    BOOST_TEST(look() == 1);
    BOOST_TEST(look() == 0);
    api.clock.advance(std::chrono::hours(5)); // nobody looked: one late run for all of them
    BOOST_TEST(look() == 1);
    BOOST_TEST(look() == 0);
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.schedule_firings") == "2");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.executions WHERE trigger_name = 'nightly' AND "
                              "caused_by = 'schedule'") == "2");
    // Replaced, the schedule stays; paused, its times pass; deleted, it is gone.
    test::put_core(api, drawn_then_asked);
    BOOST_TEST(scaigrid::triggers::refresh_schedules(*jobs) == 1);
    api.db().sql("UPDATE scaigrid.cores SET status = 'paused'");
    api.clock.advance(std::chrono::hours(1));
    BOOST_TEST(scaigrid::triggers::fire_schedules(*jobs).passed == 1);
    api.db().sql("DELETE FROM scaigrid.cores");
    scaigrid::triggers::refresh_schedules(*jobs);
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.schedules") == "0");
}

BOOST_AUTO_TEST_CASE(the_expiry_job_ends_checkpoints_and_drops_what_is_old) {
    test::GridApi api;
    test::put_core(api, "[{'kind': 'checkpoint', 'node_id': 'node_ask', 'checkpoint_type': 'approval', "
                        "'timeout': '1h', 'on_timeout': 'continue'}]");
    BOOST_TEST(test::run_core(api)->member("status") == "SUSPENDED");
    api.db().sql("UPDATE scaigrid.checkpoints SET expires_at = now()");
    auto finished = test::run({program("scaigrid-job-expire"), "--json"}, environment(api));
    BOOST_TEST(finished.status == 0, finished.all());
    BOOST_TEST(scai::json::parse(finished.out)->get("expired").integer().value_or(0) == 1);
    BOOST_TEST(status(api) == "completed");
    api.db().sql("UPDATE scaigrid.executions SET finished_at = now() - interval '31 days'; "
                 "UPDATE scaigrid.event_positions SET last = 10000; "
                 "UPDATE scaigrid.events SET position = position + 9997 WHERE position > 2");
    finished = test::run({program("scaigrid-job-expire"), "--json"}, environment(api));
    const Value counters = *scai::json::parse(finished.out);
    BOOST_TEST(counters.get("runs_pruned").integer().value_or(0) == 1);
    BOOST_TEST(counters.get("events_pruned").integer().value_or(-1) == 0);
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.checkpoints") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
