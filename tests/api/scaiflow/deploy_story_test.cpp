// The whole way through nginx and the real programs: sign in, make the expense-approval flow, deploy it,
// invoke it, see its events, approve the checkpoint, see it finish. The same way is told in the README with
// curl. SPDX-License-Identifier: Apache-2.0
#include "tests/api/scaiflow/caller.hpp"

#include <csignal>
#include <set>

namespace {

using scai::json::Value;

const std::string manager_queue = "/v1/modules/scaiqueue/scopes/expenses/queues/manager";
const std::string payout_queue = "/v1/modules/scaiqueue/scopes/expenses/queues/payout";

Value data_of(const test::Stack::Response& response) {
    BOOST_TEST_REQUIRE((response.status >= 200 && response.status < 300),
                       response.status << " " << response.body);
    return test::json_of(response).get("data");
}

/// The flow of nginx' examples, deployed once a process by its author.
class Story {
public:
    Story() {
        const auto made = author.send(
            "POST", "/v1/flows",
            Value::object({{"name", "Expense approval"}, {"content", test::example("expense_approval")}}));
        BOOST_TEST_REQUIRE(made.status == 201, made.body);
        flow = test::json_of(made).member("id");
        const auto deployed = author.send("POST", "/v1/flows/" + flow + "/deploy");
        BOOST_TEST_REQUIRE(deployed.status == 200, deployed.body);
        core = test::json_of(deployed).member("core_id");
        BOOST_TEST_REQUIRE(!core.empty(), deployed.body);
    }

    /// The run's first answer: it waits for the manager.
    Value invoke(const std::string& claim,
                 const std::string& text = "Train to Milan, 420.50 euro, travel") const {
        const auto run = data_of(
            author.send("POST", "/v1/scaicore/cores/" + core + "/invoke",
                        Value::object({{"input", Value::object({{"claim_id", claim}, {"text", text}})}})));
        BOOST_TEST_REQUIRE(run.member("status") == "SUSPENDED", run.dump());
        BOOST_TEST_REQUIRE(!run.member("checkpoint_id").empty(), run.dump());
        return run;
    }
    /// Events of one run, oldest first.
    std::vector<Value> events(const std::string& execution) const {
        std::vector<Value> out;
        const auto page = data_of(author.get("/v1/scaicore/events?limit=500&core_id=" + core));
        page.get("events").each_item([&](const Value& event) {
            if (event.get("payload").member("execution_id") == execution)
                out.push_back(event);
        });
        return out;
    }
    Value event(const std::string& execution, const std::string& type) const {
        for (const auto& each : events(execution))
            if (each.member("type") == "scaicore.runtime." + type)
                return each;
        return {};
    }
    bool finishes(const std::string& execution) const {
        return test::eventually([&] { return event(execution, "invocation.completed").present(); });
    }
    /// ScaiGrid itself, with the token ScaiFlow would forward.
    test::Stack::Response grid(const std::string& method, const std::string& path,
                               const Value& body = {}) const {
        return author.send(method, test::stack().grid_url() + path, body);
    }
    std::int64_t pending(const std::string& queue) const {
        return data_of(grid("GET", queue)).get("depth_pending").integer().value_or(-1);
    }
    Value payout_of(const std::string& claim) const {
        Value found;
        data_of(grid("GET", payout_queue + "/messages?limit=200")).each_item([&](const Value& message) {
            if (message.member("idempotency_key") == claim)
                found = message;
        });
        return found;
    }

    test::Caller author = test::member();
    std::string flow, core;
};

const Story& story() {
    static const Story the_story;
    return the_story;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaiflow_deploy_story)

BOOST_AUTO_TEST_CASE(a_claim_is_deployed_invoked_approved_and_paid) {
    const auto& tale = story();
    const auto deployments = test::json_of(tale.author.get("/v1/flows/" + tale.flow + "/deployments"));
    BOOST_TEST_REQUIRE(deployments.get("items").size() == 1U, deployments.dump());
    BOOST_TEST(deployments.get("items").at(0).member("status") == "succeeded");
    BOOST_TEST(deployments.get("items").at(0).member("core_id") == tale.core);

    const auto run = tale.invoke("claim-approved");
    const auto execution = run.member("execution_id"), checkpoint = run.member("checkpoint_id");
    std::set<std::string> types;
    for (const auto& event : tale.events(execution))
        types.insert(event.member("type"));
    for (const auto* type : {"invocation.started", "block.entered", "block.exited"})
        BOOST_TEST(types.contains("scaicore.runtime." + std::string(type)), type);
    BOOST_TEST(!types.contains("scaicore.runtime.invocation.completed"));

    const auto waiting = data_of(tale.author.get("/v1/scaicore/checkpoints?core_id=" + tale.core));
    bool listed = false;
    waiting.get("checkpoints").each_item([&](const Value& row) {
        if (row.member("id") == checkpoint) {
            listed = true;
            BOOST_TEST(row.member("status") == "pending");
            BOOST_TEST(row.member("checkpoint_type") == "hitl_review");
        }
    });
    BOOST_TEST(listed, waiting.dump());
    BOOST_TEST(tale.pending(manager_queue) == 1);
    BOOST_TEST(!tale.payout_of("claim-approved").present());

    const auto path = "/v1/scaicore/checkpoints/" + checkpoint + "/resolve";
    const auto answer = Value::object({{"resolution", "approve"}});
    const auto resolved = data_of(tale.author.send("POST", path, answer));
    BOOST_TEST(resolved.member("status") == "resolved", resolved.dump());
    BOOST_TEST(tale.finishes(execution));
    // The request on the manager's queue is gone with it, and a second answer comes too late.
    BOOST_TEST(tale.pending(manager_queue) == 0);
    BOOST_TEST(tale.author.send("POST", path, answer).status == 409);
    const auto payout = tale.payout_of("claim-approved");
    BOOST_TEST_REQUIRE(payout.present());
    BOOST_TEST(payout.get("body").get("amount").number().value_or(0) == 420.5);
    BOOST_TEST(payout.get("body").member("category") == "travel");
}

BOOST_AUTO_TEST_CASE(the_manager_answers_in_his_queue_and_the_run_goes_on) {
    const auto& tale = story();
    const auto run = tale.invoke("claim-refused");
    const auto claimed = data_of(tale.grid("POST", manager_queue + "/claim"));
    BOOST_TEST_REQUIRE(claimed.size() == 1U, claimed.dump());
    const auto message = claimed.at(0);
    BOOST_TEST(message.member("message_type") == "hitl_request");
    BOOST_TEST(message.member("correlation_id") == run.member("checkpoint_id"));
    BOOST_TEST(message.get("hitl_spec").get("sections").size() == 4U);
    const auto path = manager_queue + "/messages/" + message.member("id") + "/complete";
    const auto complete = [&](const std::string& verdict) {
        return tale.grid(
            "POST", path,
            Value::object({{"claim_id", message.member("claim_id")},
                           {"result", Value::object({{"verdict", verdict}, {"note", "no receipt"}})}}));
    };
    BOOST_TEST(complete("perhaps").status == 422);
    const auto done = data_of(complete("reject"));
    BOOST_TEST(done.member("state") == "completed", done.dump());
    BOOST_TEST(done.get("checkpoint").member("status") == "resolved", done.dump());
    BOOST_TEST(tale.finishes(run.member("execution_id")));
    BOOST_TEST(!tale.payout_of("claim-refused").present());
    const auto output =
        tale.event(run.member("execution_id"), "invocation.completed").get("payload").get("output");
    BOOST_TEST(output.dump().find("was not approved") != std::string::npos, output.dump());
    // The feed of the Core has the answer too.
    const auto page = data_of(tale.author.get("/v1/scaicore/events?limit=500&core_id=" + tale.core));
    bool seen = false;
    page.get("events").each_item([&](const Value& event) {
        seen = seen || (event.member("type") == "scaiqueue.message.completed" &&
                        event.get("payload").member("correlation_id") == run.member("checkpoint_id"));
    });
    BOOST_TEST(seen);
}

BOOST_AUTO_TEST_CASE(a_run_outlives_the_process_that_began_it) {
    const auto& tale = story();
    auto& stack = test::stack();
    const auto run = tale.invoke("claim-kept");
    const auto pid = stack.pid_of("scaigrid");
    BOOST_TEST_REQUIRE(pid > 0);
    ::kill(pid, SIGKILL);
    const auto path = "/v1/scaicore/checkpoints/" + run.member("checkpoint_id") + "/resolve";
    int status = 0;
    BOOST_TEST(test::eventually([&] {
        status = tale.author.send("POST", path, Value::object({{"resolution", "approve"}})).status;
        return status == 200 || status == 409;
    }));
    BOOST_TEST(stack.pid_of("scaigrid") != pid);
    BOOST_TEST(tale.finishes(run.member("execution_id")));
    BOOST_TEST(tale.payout_of("claim-kept").present());
}

BOOST_AUTO_TEST_CASE(a_message_whose_claimer_is_gone_is_pending_again_without_anybody_asking) {
    const auto& tale = story();
    const auto queue = std::string("/v1/modules/scaiqueue/scopes/expenses/queues/brief");
    const auto made = tale.grid("POST", "/v1/modules/scaiqueue/scopes/expenses/queues",
                                Value::object({{"slug", "brief"}, {"visibility_timeout_s", 1}}));
    BOOST_TEST_REQUIRE(made.status == 201, made.body);
    const auto sent =
        tale.grid("POST", queue + "/messages", Value::object({{"message_type", "m"}, {"body", 1}}));
    BOOST_TEST_REQUIRE(sent.status == 201, sent.body);
    BOOST_TEST(data_of(tale.grid("POST", queue + "/claim")).size() == 1U);
    BOOST_TEST(tale.pending(queue) == 0);
    // The job of the stack's own cron, as soon as its minute has come, or by hand.
    BOOST_TEST(test::eventually([&] {
        test::stack().program("scaigrid-job-queue", {"--json"});
        return tale.pending(queue) == 1;
    }));
}

BOOST_AUTO_TEST_SUITE_END()
