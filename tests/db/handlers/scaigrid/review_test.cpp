// The expense-approval flow on the grid: invoked, reviewed by a manager in his queue or by the checkpoint,
// paid. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaigrid/queues/upkeep.hpp"
#include "lib/scaigrid/runs/runs.hpp"
#include "tests/support/grid_runs.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

namespace {

using scai::json::Value;
using test::GridAnswer;

const std::string core_base = "/v1/modules/scaicore";
const std::string queue_base = "/v1/modules/scaiqueue/scopes/expenses/queues";

struct Expenses {
    Expenses() {
        call("POST", "/v1/modules/scaiqueue/scopes", R"({"slug":"expenses"})");
        call("POST", queue_base, R"({"slug":"manager","ordering":"deadline"})");
        call("POST", queue_base, R"({"slug":"payout","max_retries":10})");
        std::ostringstream text;
        text << std::ifstream("nginx/www/examples/expense_approval.flow.json").rdbuf();
        const auto compiled =
            scaiflow::compiler::compile(*scai::json::parse(text.str()), scaiflow::compiler::Format::yaml);
        const auto made = api.call_as(admin, "POST", core_base + "/cores", compiled.body.value(),
                                      {{"content-type", "application/yaml"}});
        BOOST_TEST_REQUIRE(made.status == 201, made.body);
        core = made.data().member("id");
    }
    GridAnswer call(const std::string& method, const std::string& target, const std::string& body = "") {
        auto answer = api.call_as(admin, method, target, body);
        return answer;
    }
    /// Waits for the manager.
    Value invoke(const std::string& claim) {
        const auto run =
            call("POST", core_base + "/cores/" + core + "/invoke",
                 R"({"input":{"text":"Train to Milan, 420.50 euro, travel","claim_id":")" + claim + "\"}}");
        BOOST_TEST_REQUIRE(run.status == 200, run.body);
        BOOST_TEST_REQUIRE(run.data().member("status") == "SUSPENDED", run.body);
        return run.data();
    }
    Value claimed() {
        const auto answer = call("POST", queue_base + "/manager/claim");
        BOOST_TEST_REQUIRE(answer.data().size() == 1U, answer.body);
        return answer.data().at(0);
    }
    Value execution(const Value& run) {
        return call("GET", core_base + "/executions/" + run.member("execution_id")).data();
    }
    std::int64_t pending(const std::string& queue) {
        return call("GET", queue_base + "/" + queue).data().get("depth_pending").integer().value_or(-1);
    }

    test::GridApi api;
    std::string admin = api.user_token("usr_ann", "tnt_a", "tenant_admin");
    std::string core;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_scaigrid_review, Expenses)

BOOST_AUTO_TEST_CASE(an_approved_checkpoint_pays_and_takes_the_request_off_the_queue) {
    const auto run = invoke("c-1");
    BOOST_TEST(pending("manager") == 1);
    const auto resolved = call("POST", core_base + "/checkpoints/" + run.member("checkpoint_id") + "/resolve",
                               R"({"resolution":"approve"})");
    BOOST_TEST(resolved.status == 200, resolved.body);
    BOOST_TEST(execution(run).member("status") == "COMPLETED");
    BOOST_TEST(pending("manager") == 0);
    const auto payouts = call("GET", queue_base + "/payout/messages").data();
    BOOST_TEST_REQUIRE(payouts.size() == 1U);
    BOOST_TEST(payouts.at(0).get("body").get("amount").number().value_or(0) == 420.5);
    BOOST_TEST(payouts.at(0).member("idempotency_key") == "c-1");
}

BOOST_AUTO_TEST_CASE(the_manager_answers_his_form_and_the_run_goes_on) {
    const auto run = invoke("c-2");
    const auto message = claimed();
    BOOST_TEST(message.member("message_type") == "hitl_request");
    BOOST_TEST(message.member("correlation_id") == run.member("checkpoint_id"));
    BOOST_TEST(message.get("hitl_spec").get("sections").size() == 4U);
    const auto target = queue_base + "/manager/messages/" + message.member("id") + "/complete";
    BOOST_TEST(call("POST", target, R"({"result":{"verdict":"perhaps"}})").status == 422);
    const std::string answer = R"({"claim_id":")" + message.member("claim_id") +
                               R"(","result":{"verdict":"reject","note":"no receipt"}})";
    const auto done = call("POST", target, answer);
    BOOST_TEST_REQUIRE(done.status == 200, done.body);
    BOOST_TEST(done.data().member("state") == "completed");
    BOOST_TEST(done.data().get("checkpoint").member("status") == "resolved", done.body);
    BOOST_TEST(execution(run).member("status") == "COMPLETED");
    BOOST_TEST(execution(run).get("output").dump().find("was not approved") != std::string::npos);
    BOOST_TEST(pending("payout") == 0);
    BOOST_TEST(
        api.db().value("SELECT count(*) FROM scaigrid.events WHERE type = 'scaiqueue.message.completed' "
                       "AND core_id = '" +
                       core + "'") == "1");
    // The same answer once more changes nothing.
    const auto again = call("POST", target, answer);
    BOOST_TEST(again.status == 200);
    BOOST_TEST(again.data().get("checkpoint").member("status") == "settled", again.body);
}

BOOST_AUTO_TEST_CASE(what_a_killed_process_left_undone_the_job_finishes) {
    const auto run = invoke("c-3");
    const auto message = claimed();
    // Completed, and then the process was gone before it could resolve the checkpoint.
    const auto completed =
        scai::db::in_tx(api.context().pool, scai::db::Scope::tenant("tnt_a"), [&](scai::db::Tx& tx) {
            return scaigrid::queues::complete(tx, "tnt_a",
                                              {"expenses",
                                               "manager",
                                               message.member("id"),
                                               message.member("claim_id"),
                                               {"usr_ann", "user"}},
                                              *scai::json::parse(R"({"verdict":"approve"})"));
        });
    BOOST_TEST_REQUIRE(!!completed);
    BOOST_TEST(execution(run).member("status") == "SUSPENDED");
    api.db().sql("UPDATE scaigrid.messages SET resume_at = clock_timestamp() WHERE resume_at IS NOT NULL");
    const auto jobs = test::jobs_context(api, api.context());
    const auto upkeep = [&] {
        return scaigrid::queues::upkeep(
            jobs->pool,
            [&](const std::string& tenant, const std::string& checkpoint, const Value& resolution,
                const std::string& by) {
                return scaigrid::runs::resolve(*jobs, tenant, checkpoint, resolution, by);
            },
            [] { return false; });
    };
    BOOST_TEST(upkeep().checkpoints.resolved == 1);
    BOOST_TEST(execution(run).member("status") == "COMPLETED");
    BOOST_TEST(pending("payout") == 1);
    BOOST_TEST(upkeep().checkpoints.resolved == 0);
}

BOOST_AUTO_TEST_SUITE_END()
