// Calls of Cores, events, checkpoints, triggers and chats over HTTP, as the caller sees them.
// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaigrid/events/events.hpp"
#include "lib/scaigrid/queues/messages.hpp"
#include "lib/scaigrid/queues/scopes.hpp"
#include "lib/scaigrid/runs/world.hpp"
#include "lib/scaigrid/triggers/hooks.hpp"
#include "tests/support/files.hpp"
#include "tests/support/grid_runs.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

using scai::json::Value;

namespace {

constexpr auto base = "/v1/modules/scaicore";
constexpr auto hello = "[{'kind': 'rigid', 'node_id': 'node_a', 'result_binding': 'said', 'statements': "
                       "[{'kind': 'expression', 'expression': '`Hello ` + input.name'}]}]";
constexpr auto ask =
    "[{'kind': 'checkpoint', 'node_id': 'node_ask', 'result_binding': 'verdict', 'checkpoint_type': "
    "'choice', "
    "'prompt': 'Which?', 'options': [{'id': 'a', 'label': 'A'}, {'id': 'b', 'label': 'B'}]}]";

struct Fixture {
    test::GridApi api;
    std::string admin = api.user_token("usr_adm", "tnt_a", "tenant_admin");
    std::string viewer = api.user_token("usr_view", "tnt_a", "tenant_viewer");
    std::string stranger = api.user_token("usr_b", "tnt_b", "tenant_admin");

    test::GridAnswer post(const std::string& path, const std::string& body = "",
                          const std::string& token = "") {
        return api.call_as(token.empty() ? admin : token, "POST", base + path, body);
    }
    test::GridAnswer get(const std::string& path, const std::string& token = "") {
        return api.call_as(token.empty() ? admin : token, "GET", base + path);
    }

    /// The scope and queues a manifest names, as a deploy makes them.
    void provide_queues(const Value& wanted) {
        if (!wanted.is_object())
            return;
        const scaigrid::queues::Caller caller{"tnt_a", {"usr_adm", "user"}};
        const std::string scope = wanted.member("scope");
        BOOST_TEST_REQUIRE(static_cast<bool>(scaigrid::queues::create_scope(
            api.context().pool, caller, Value::object({{"slug", scope}, {"display_name", scope}}))));
        wanted.get("queues").each_item([&](const Value& queue) {
            const std::string slug = queue.member("slug");
            BOOST_TEST_REQUIRE(static_cast<bool>(scaigrid::queues::create_queue(
                api.context().pool, caller, scope, Value::object({{"slug", slug}, {"display_name", slug}}))));
        });
    }

    /// With the input of one of the flow's own tests, every checkpoint answered with its first choice.
    void run_to_the_end(const std::string& name, const std::string& core, const Value& test) {
        Value body = Value::object({{"input", test.get("input")}});
        auto state = post("/cores/" + core + "/invoke", body.dump()).data();
        const std::string id = state.member("execution_id");
        for (int pauses = 0; state.member("status") == "SUSPENDED" && pauses < 10; ++pauses) {
            const std::string checkpoint = state.member("checkpoint_id");
            const Value row = get("/checkpoints/" + checkpoint).data();
            Value choice = row.get("options").at(0);
            row.get("hitl_target").get("hitl_spec").get("sections").each_item([&](const Value& section) {
                if (section.member("type") == "decision")
                    choice = section.get("options").at(0);
            });
            const Value resolution = choice.is_object() ? choice.get("id") : choice;
            const auto done = post("/checkpoints/" + checkpoint + "/resolve",
                                   Value::object({{"resolution", resolution}}).dump());
            BOOST_TEST_REQUIRE(done.status == 200, name << " " << done.body);
            state = get("/executions/" + id).data();
        }
        const std::string what = name + " " + test.member("id") + ": " + state.dump();
        BOOST_TEST_MESSAGE(what);
        // The loop that waits for an answer nobody sends has an end of its own.
        if (state.member("status") == "FAILED")
            BOOST_TEST(state.get("error").member("code") == "max_iterations", what);
        else
            BOOST_TEST(state.member("status") == "COMPLETED", what);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_scaigrid_runs, Fixture)

BOOST_AUTO_TEST_CASE(an_invoke_answers_with_the_run) {
    test::put_core(api, hello);
    auto answer = post("/cores/core_a/invoke", R"({"input": {"name": "Ada"}})");
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(answer.data().member("status") == "COMPLETED");
    BOOST_TEST(answer.data().member("output") == "Hello Ada");
    const std::string id = answer.data().member("execution_id");
    answer = get("/executions/" + id);
    BOOST_TEST(answer.data().member("status") == "COMPLETED");
    BOOST_TEST(answer.data().get("input").member("name") == "Ada");
    BOOST_TEST(answer.data().member("caused_by") == "usr_adm");
    BOOST_TEST(get("/executions").json.get("data").size() == 1U);
    BOOST_TEST(get("/executions?status=FAILED").json.get("data").size() == 0U);
    BOOST_TEST(get("/executions/" + id, stranger).status == 404);
    BOOST_TEST(get("/executions", stranger).json.get("data").size() == 0U);
    BOOST_TEST(post("/cores/core_a/invoke", "").status == 200);
}

BOOST_AUTO_TEST_CASE(hostile_calls_get_a_clear_4xx) {
    test::put_core(api, hello);
    const auto refused = [&](const std::string& path, const std::string& body, int status,
                             const std::string& token = "") {
        const auto answer = post(path, body, token);
        BOOST_TEST(answer.status == status, path << " " << body << " -> " << answer.body);
        BOOST_TEST(answer.json.member("status") == "error");
    };
    refused("/cores/core_x/invoke", "{}", 404);
    refused("/cores/core_a/invoke", "{}", 404, stranger);
    refused("/cores/core_a/invoke", "{}", 403, viewer);
    refused("/cores/core_a/invoke", "[]", 422);
    refused("/cores/core_a/invoke", "{", 400);
    refused("/cores/core_a/invoke", R"({"input": []})", 422);
    refused("/cores/core_a/invoke", R"({"input": {}, "trigger": "x'; DROP TABLE"})", 422);
    refused("/cores/core_a/invoke", R"({"input": {}, "flow_name": "other"})", 422);
    refused("/cores/core_a/invoke", R"({"input": {"a": "\u0000"}})", 400);
    refused("/cores/core_a/invoke", R"({"input": {"a": 1, "a": 2}})", 400);
    refused("/cores/core_a/events", R"({"payload": {}})", 422);
    refused("/checkpoints/nope/resolve", R"({"resolution": "a"})", 404);
    refused("/checkpoints/nope/resolve", "{}", 422);
    for (const auto* query : {"/events?limit=0", "/events?limit=501", "/events?limit=x", "/events?cursor=zzz",
                              "/events?follow=maybe", "/executions?status=gone", "/executions?cursor=abc",
                              "/checkpoints?status=lost", "/checkpoints?limit=1000"}) {
        const auto answer = get(query);
        BOOST_TEST((answer.status == 422 || answer.status == 400), query << " " << answer.status);
    }
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.executions") == "0");
}

BOOST_AUTO_TEST_CASE(events_are_paged_and_can_be_followed) {
    test::put_core(api, hello);
    for (int i = 0; i < 3; ++i)
        post("/cores/core_a/invoke", R"({"input": {"name": "x"}})");
    std::string cursor;
    std::vector<std::string> types;
    for (int pages = 0; pages < 10; ++pages) {
        const auto answer = get("/events?limit=5" + (cursor.empty() ? "" : "&cursor=" + cursor), viewer);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        answer.data().get("events").each_item([&](const Value& event) {
            types.push_back(event.member("type"));
            BOOST_TEST(event.member("core_id") == "core_a");
            BOOST_TEST(scai::parse_iso8601(event.member("timestamp")).has_value());
        });
        cursor = answer.data().member("next_cursor");
        if (cursor.empty())
            break;
    }
    BOOST_TEST(types.size() == 12U);
    BOOST_TEST(get("/events?core_id=core_other").data().get("events").size() == 0U);
    BOOST_TEST(get("/events", stranger).data().get("events").size() == 0U);
    BOOST_TEST(get("/events?limit=12").data().get("next_cursor").is_null());

    const auto start = get("/events?follow=true&from=end");
    BOOST_TEST(start.data().get("events").size() == 0U);
    const auto again = get("/events?follow=true&cursor=" + start.data().member("next_cursor"));
    BOOST_TEST(again.data().get("events").size() == 0U);
    post("/cores/core_a/invoke", R"({"input": {"name": "y"}})");
    const auto more = get("/events?follow=true&cursor=" + again.data().member("next_cursor"));
    BOOST_TEST(more.data().get("events").size() == 4U);
}

BOOST_AUTO_TEST_CASE(whoever_reads_on_misses_nothing_that_is_written_meanwhile) {
    test::put_core(api, hello);
    std::set<std::string> seen;
    std::size_t read = 0;
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 3; ++i)
            callers.emplace_back([&] {
                for (int n = 0; n < 5; ++n)
                    (void)test::run_core(api, "{'name': 'x'}");
            });
        std::int64_t after = 0;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (read < 60 && std::chrono::steady_clock::now() < end) {
            const auto page = scaigrid::events::read(api.context().pool, "tnt_a",
                                                     {.core_id = "", .after = after, .limit = 7});
            scai::json::parse(page.rows)->each_item([&](const Value& event) {
                ++read;
                seen.insert(event.get("payload").member("execution_id") + event.member("type"));
            });
            after = page.last;
        }
    }
    BOOST_TEST(read == 60U);
    BOOST_TEST(seen.size() == 60U);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_listed_and_resolved) {
    test::put_core(api, ask);
    const auto run = post("/cores/core_a/invoke", "{}");
    BOOST_TEST(run.data().member("status") == "SUSPENDED");
    const std::string id = run.data().member("checkpoint_id");
    const auto list = get("/checkpoints?status=pending&core_id=core_a", viewer);
    BOOST_TEST_REQUIRE(list.json.get("data").size() == 1U);
    const Value row = list.json.get("data").at(0);
    for (const auto* key : {"id",
                            "core_id",
                            "tenant_id",
                            "execution_id",
                            "flow_name",
                            "block_index",
                            "instance_key",
                            "checkpoint_type",
                            "prompt",
                            "options",
                            "assignee_raw",
                            "assignee_type",
                            "assignee_resolved",
                            "context",
                            "status",
                            "priority",
                            "expires_at",
                            "expiry_action",
                            "escalation_target",
                            "notification_sent",
                            "reminder_count",
                            "reminder_interval_m",
                            "resolution",
                            "resolved_by",
                            "resolved_at"})
        BOOST_TEST(row.get(key).present(), key);
    BOOST_TEST(row.member("checkpoint_type") == "choice");
    BOOST_TEST(row.get("options").at(1).member("id") == "b");
    BOOST_TEST(get("/checkpoints/" + id, stranger).status == 404);
    BOOST_TEST(post("/checkpoints/" + id + "/resolve", R"({"resolution": "a"})", stranger).status == 404);
    BOOST_TEST(post("/checkpoints/" + id + "/resolve", R"({"resolution": "a"})", viewer).status == 403);
    BOOST_TEST(post("/checkpoints/" + id + "/resolve", R"({"resolution": "z"})").status == 422);
    const auto done = post("/checkpoints/" + id + "/resolve", R"({"resolution": "b"})");
    BOOST_TEST_REQUIRE(done.status == 200, done.body);
    BOOST_TEST(done.data().member("resolved_by") == "usr_adm");
    const auto twice = post("/checkpoints/" + id + "/resolve", R"({"resolution": "b"})");
    BOOST_TEST(twice.status == 409);
    BOOST_TEST(twice.code() == "CHECKPOINT_NOT_PENDING");
    BOOST_TEST(get("/executions/" + run.data().member("execution_id")).data().member("output") == "b");
    BOOST_TEST(get("/checkpoints?status=pending").json.get("data").size() == 0U);
}

BOOST_AUTO_TEST_CASE(a_webhook_takes_whoever_knows_its_secret) {
    test::put_core(api, hello);
    api.db().sql(R"(UPDATE scaigrid.cores SET module = replace(module::text, '"api"', '"webhook"')::json,
                    revision = revision + 1)");
    const std::string path = "/hooks/core_a/entry";
    const auto call = [&](const std::string& body, test::GridApi::Headers headers) {
        return api.call("POST", base + path, body, headers);
    };
    const std::string body = R"({"name": "Eve"})";
    BOOST_TEST(call(body, {{"authorization", "Bearer whs_x"}}).status == 401); // no secret was made yet
    BOOST_TEST(get("/cores/core_a/triggers", viewer).status == 403);
    const auto triggers = get("/cores/core_a/triggers");
    BOOST_TEST_REQUIRE(triggers.json.get("data").size() == 2U);
    const std::string secret = triggers.json.get("data").at(0).member("secret");
    BOOST_TEST(triggers.json.get("data").at(0).member("url").ends_with(path));
    BOOST_TEST(get("/cores/core_a/triggers").json.get("data").at(0).member("secret") == secret);

    for (const auto& headers : std::vector<test::GridApi::Headers>{
             {},
             {{"authorization", "Bearer " + secret + "x"}},
             {{"authorization", "Bearer "}},
             {{"x-scaigrid-signature", scaigrid::triggers::signature(secret, body + " ")}},
             {{"x-scaigrid-signature", "sha256="}}})
        BOOST_TEST(call(body, headers).status == 401);
    BOOST_TEST(api.call("POST", std::string(base) + "/hooks/core_x/entry", body,
                        {{"authorization", "Bearer " + secret}})
                   .status == 401);

    const auto signed_by = scaigrid::triggers::signature(secret, body);
    const auto first = call(body, {{"x-scaigrid-signature", signed_by}, {"x-event-id", "e1"}});
    BOOST_TEST_REQUIRE(first.status == 202, first.body);
    const std::string id = first.data().member("execution_id");
    const auto again = call(body, {{"authorization", "Bearer " + secret}, {"x-event-id", "e1"}});
    BOOST_TEST(again.data().member("execution_id") == id);
    BOOST_TEST(scaigrid::runs::take_up(api.context(), "tnt_a", id));
    BOOST_TEST(get("/executions/" + id).data().member("output") == "Hello Eve");

    const auto rotated = post("/cores/core_a/triggers/entry/rotate_secret");
    BOOST_TEST(rotated.data().member("secret") != secret);
    BOOST_TEST(call(body, {{"authorization", "Bearer " + secret}}).status == 401);
    BOOST_TEST(post("/cores/core_a/triggers/nightly/rotate_secret").status == 404);
}

BOOST_AUTO_TEST_CASE(a_chat_with_a_published_core_is_a_run_of_it) {
    test::put_core(api, "[{'kind': 'rigid', 'node_id': 'node_a', 'result_binding': 'response', 'statements': "
                        "[{'kind': 'expression', 'expression': '`You said ` + input.message + ` of ` + "
                        "input.messages.length'}]}]");
    api.db().sql(
        "INSERT INTO scaigrid.publications (tenant_id, core_id, model_id, backend_id, slug, display_name, "
        "published_by) VALUES ('tnt_a', 'core_a', 'fm_1', 'be_1', 'scaicore/acme/bot', 'Bot', 'u')");
    const std::string body =
        R"({"model": "scaicore/acme/bot", "messages": [{"role": "system", "content": "s"},
        {"role": "user", "content": "hi"}]})";
    auto answer = api.call_as(admin, "POST", "/v1/inference/chat", body);
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(answer.data().get("choices").at(0).get("message").member("content") == "You said hi of 2");
    BOOST_TEST(answer.data().get("scaicore").member("status") == "COMPLETED");
    for (const auto* path : {"/v1/chat/completions", "/oai/v1/chat/completions"}) {
        answer = api.call_as(admin, "POST", path, body);
        BOOST_TEST(answer.json.member("object") == "chat.completion");
        BOOST_TEST(answer.json.get("choices").at(0).get("message").member("content") == "You said hi of 2");
    }
    BOOST_TEST(api.call_as(stranger, "POST", "/v1/chat/completions", body).code() == "MODEL_NOT_FOUND");
    BOOST_TEST(api.call_as(viewer, "POST", "/v1/chat/completions", body).status == 403);
    api.db().sql("UPDATE scaigrid.publications SET group_ids = '{g1}'");
    const auto user = api.user_token("usr_u", "tnt_a", "tenant_user");
    BOOST_TEST(api.call_as(user, "POST", "/v1/chat/completions", body).code() == "MODEL_ACCESS_DENIED");
}

BOOST_AUTO_TEST_CASE(any_other_model_is_the_echo_that_says_so) {
    const std::string body = R"({"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "hi"}]})";
    auto answer = api.call_as(admin, "POST", "/v1/chat/completions", body);
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(answer.json.get("choices").at(0).get("message").member("content") == "[echo model] hi");
    BOOST_TEST(answer.json.get("usage").get("total_tokens").integer().value_or(0) > 0);
    answer =
        api.call_as(admin, "POST", "/v1/chat/completions",
                    R"({"model": "m", "stream": true, "messages": [{"role": "user", "content": "hi"}]})");
    BOOST_TEST(answer.headers.at("Content-Type").starts_with("text/event-stream"));
    BOOST_TEST(answer.body.ends_with("data: [DONE]\n\n"));
    for (const auto* bad :
         {R"({"messages": []})", R"({"model": "m", "messages": []})", R"({"model": "m", "messages": "x"})",
          R"({"model": "m", "messages": [{"role": "king", "content": "x"}]})",
          R"({"model": "m", "messages": [{"role": "user"}]})",
          R"({"model": "m", "n": 3, "messages": [{"role": "user", "content": "x"}]})"})
        BOOST_TEST(api.call_as(admin, "POST", "/v1/chat/completions", bad).status == 422, bad);
}

BOOST_AUTO_TEST_CASE(cores_call_each_other_and_wait_for_each_other) {
    test::put_core(api, ask, {.id = "core_b", .slug = "asker"});
    const std::string calls =
        "[{'kind': 'core_call', 'node_id': 'node_c', 'result_binding': 'got', 'target': "
        "'core://acme/{0}', 'input_bindings': {}, 'timeout': '30s', 'is_async': {1}}]";
    const auto caller = [&](const std::string& slug, const std::string& async) {
        std::string body = calls;
        body.replace(body.find("{0}"), 3, slug);
        body.replace(body.find("{1}"), 3, async);
        return body;
    };
    test::put_core(api, caller("asker", "false"));
    const auto run = post("/cores/core_a/invoke", "{}");
    BOOST_TEST(run.data().member("status") == "SUSPENDED", run.body);
    const std::string id = run.data().member("checkpoint_id");
    BOOST_TEST(post("/checkpoints/" + id + "/resolve", R"({"resolution": "b"})").status == 200);
    const auto after = get("/executions/" + run.data().member("execution_id"));
    BOOST_TEST(after.data().member("status") == "COMPLETED");
    BOOST_TEST(after.data().member("output") == "b");

    test::put_core(api, caller("bot", "false"));
    BOOST_TEST(post("/cores/core_a/invoke").data().get("error").member("code") == "core_call_failed");
    test::put_core(api, caller("nobody", "false"));
    BOOST_TEST(post("/cores/core_a/invoke").data().get("error").member("code") == "core_call_failed");
    test::put_core(api, caller("asker", "true"));
    const auto async = post("/cores/core_a/invoke");
    BOOST_TEST(async.data().member("status") == "COMPLETED");
    const std::string child = async.data().get("output").member("execution_id");
    BOOST_TEST(get("/executions/" + child).data().member("status") == "RUNNING");
}

BOOST_AUTO_TEST_CASE(plugins_that_are_not_there_fail_their_block_and_say_what_is) {
    const auto code = [&](const std::string& plugin, const std::string& method, const std::string& args) {
        test::put_core(api, "[{'kind': 'rigid', 'node_id': 'node_a', 'statements': [{'kind': 'plugin_call', "
                            "'plugin': '" +
                                plugin + "', 'method': '" + method + "', 'args': " + args + "}]}]");
        return post("/cores/core_a/invoke").data();
    };
    BOOST_TEST(code("scaidrive", "search", "{}").get("error").member("code") == "plugin_unknown");
    BOOST_TEST(code("clock", "stop", "{}").get("error").member("code") == "plugin_unknown");
    BOOST_TEST(code("clock", "now", "{}").get("output").member("iso") == "2026-05-20T08:00:00Z");
    BOOST_TEST(code("http", "request", "{'url': 'file:///etc/passwd'}").get("error").member("code") ==
               "plugin_argument");
    BOOST_TEST(code("http", "request", "{'url': 'https://x.test', 'headers': {'a': 'b\\nc: d'}}")
                   .get("error")
                   .member("code") == "plugin_argument");
    BOOST_TEST(code("events", "emit", "{'type': 'scaicore.runtime.x'}").get("error").member("code") ==
               "plugin_argument");
    BOOST_TEST(code("events", "emit", "{'type': 'order.seen', 'payload': {'n': 1}}").member("status") ==
               "COMPLETED");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.events WHERE type = 'order.seen'") == "1");
}

BOOST_AUTO_TEST_CASE(every_example_flow_can_be_posted_and_runs_to_its_end) {
    // What the flows need of the world: two plugins, a shop, two Cores, and the queues their manifests name.
    api.world->http =
        [](const scai::http::Request& asked) -> std::optional<scai::Result<scai::http::Response>> {
        scai::http::Response response;
        response.status = 200;
        if (asked.url.starts_with("https://plugin.test/"))
            response.body = R"({"hits": [], "entry": "L-1"})";
        else if (asked.url.starts_with("https://shop.example.com/"))
            response.body = R"({"late": [{"id": 17}]})";
        else
            return std::nullopt;
        return response;
    };
    test::put_core(api,
                   "[{'kind': 'rigid', 'node_id': 'node_a', 'statements': [{'kind': 'expression', "
                   "'expression': 'input'}]}]",
                   {.id = "core_mail", .slug = "customer-mail"});
    const auto bad_address =
        scai::test::loose_json("{'schema_version': '0.1', 'name': 'check', 'version': '1.0.0', 'identity': "
                               "{'provider': 'scaikey', 'persona': 'C', 'mode': 'stateless'}, 'models': [], "
                               "'plugins': [], 'types': [], 'triggers': [{'kind': 'api', 'name': 'e', "
                               "'target_flow': 'check', 'node_id': 'n'}], 'flows': [{'name': 'check', "
                               "'variables': [], 'body': []}], 'metadata': {}}");
    test::put_core(api, "[]", {.id = "core_check", .slug = "address-check"});
    api.db().sql("UPDATE scaigrid.cores SET module = '" + bad_address.dump() + "' WHERE id = 'core_check'");

    api.context().runs->limits.queue_wait = std::chrono::milliseconds(0);
    std::set<std::string> kinds;
    std::size_t flows = 0;
    for (const auto& file : std::filesystem::directory_iterator("nginx/www/examples")) {
        if (!file.path().string().ends_with(".flow.json"))
            continue;
        ++flows;
        const Value content = *scai::json::parse(test::slurp(file.path()));
        content.get("nodes").each_item([&](const Value& node) { kinds.insert(node.member("type")); });
        Value config = content.get("config"), plugins = Value::array();
        for (const auto* alias : {"ledger", "scaidrive"})
            plugins.push(Value::object({{"alias", alias}, {"endpoint", "https://plugin.test/"}}));
        config.set("plugins", plugins);
        provide_queues(config.get("scaiqueue"));
        const auto compiled = scaiflow::compiler::compile(content, scaiflow::compiler::Format::yaml);
        BOOST_TEST_REQUIRE(compiled.body.has_value(), file.path());
        const auto created = api.call_as(admin, "POST", std::string(base) + "/cores", *compiled.body,
                                         {{"content-type", "application/yaml"}});
        BOOST_TEST_REQUIRE(created.status == 201, file.path() << " " << created.body);
        const Value tests = content.get("tests");
        for (std::size_t i = 0; i < tests.size(); ++i)
            run_to_the_end(file.path().filename().string(), created.data().member("id"), tests.at(i));
    }
    BOOST_TEST(flows == 7U);
    BOOST_TEST(kinds.size() == 24U);
}

BOOST_AUTO_TEST_CASE(a_review_waits_in_its_queue_and_its_answer_lets_the_run_go_on) {
    const Value content = *scai::json::parse(test::slurp("nginx/www/examples/expense_approval.flow.json"));
    provide_queues(content.get("config").get("scaiqueue"));
    const auto compiled = scaiflow::compiler::compile(content, scaiflow::compiler::Format::yaml);
    const auto created = api.call_as(admin, "POST", std::string(base) + "/cores", *compiled.body,
                                     {{"content-type", "application/yaml"}});
    const auto run = post("/cores/" + created.data().member("id") + "/invoke",
                          R"({"input": {"claim_id": "c2", "text": "Train to Milan, 420.50 euro"}})");
    BOOST_TEST_REQUIRE(run.data().member("status") == "SUSPENDED", run.body);
    const std::string id = run.data().member("checkpoint_id");
    const auto row = get("/checkpoints/" + id).data();
    BOOST_TEST(row.member("assignee_type") == "role");
    BOOST_TEST(row.member("assignee_resolved") == "manager");
    BOOST_TEST(row.get("notification_sent").boolean().value_or(false));

    namespace queues = scaigrid::queues;
    const std::string scope = content.get("config").get("scaiqueue").member("scope");
    const queues::Actor boss{"usr_boss", "user"};
    const auto tenant = scai::db::Scope::tenant("tnt_a");
    const auto claimed = scai::db::in_tx(api.context().pool, tenant, [&](scai::db::Tx& tx) {
        return queues::claim(tx, "tnt_a", {.scope = scope, .queue = "manager", .by = boss});
    });
    BOOST_TEST_REQUIRE(static_cast<bool>(claimed));
    BOOST_TEST_REQUIRE(claimed->size() == 1U);
    const Value message = claimed->at(0);
    BOOST_TEST(message.member("message_type") == "hitl_request");
    BOOST_TEST(message.member("correlation_id") == id);
    const auto completed = scai::db::in_tx(api.context().pool, tenant, [&](scai::db::Tx& tx) {
        return queues::complete(tx, "tnt_a",
                                {.scope = scope,
                                 .queue = "manager",
                                 .message = message.member("id"),
                                 .claim_id = message.member("claim_id"),
                                 .by = boss},
                                scai::test::loose_json("{'verdict': 'approve', 'note': 'fine'}"));
    });
    BOOST_TEST_REQUIRE(static_cast<bool>(completed));
    BOOST_TEST(completed->checkpoint_id.value_or("") == id);
    const auto resolved =
        scaigrid::runs::resolve(api.context(), "tnt_a", id, completed->resolution, "usr_boss");
    BOOST_TEST_REQUIRE(static_cast<bool>(resolved));
    BOOST_TEST(resolved->member("status") == "resolved");
    const auto after = get("/executions/" + run.data().member("execution_id")).data();
    BOOST_TEST(after.member("status") == "COMPLETED");
    BOOST_TEST(after.get("output").member("queue") == "payout");

    // Answered another way, the request leaves its queue.
    const auto second = post("/cores/" + created.data().member("id") + "/invoke",
                             R"({"input": {"claim_id": "c3", "text": "Hotel, 300 euro"}})");
    const std::string other = second.data().member("checkpoint_id");
    BOOST_TEST(
        post("/checkpoints/" + other + "/resolve", R"({"resolution": {"decision": "reject"}})").status ==
        200);
    BOOST_TEST(get("/executions/" + second.data().member("execution_id"))
                   .data()
                   .member("output")
                   .ends_with("was not approved."));
    BOOST_TEST(
        api.db().value("SELECT count(*) FROM scaigrid.messages WHERE state = 'pending' AND message_type "
                       "= 'hitl_request'") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
