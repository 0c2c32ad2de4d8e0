// SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/flows/people.hpp"

using scai::json::Value;
using test::field_of;
using test::People;

namespace {

constexpr auto run_f1 = "/v1/flows/f1/run-tests";

/// An entry, a prompt and a plugin call, with the tests.
std::string content(const std::string& tests, const std::string& condition = "true") {
    return R"({"id":"f1","name":"Invoice triage","version":"1.0.0","metadata":{},"nodes":[
{"id":"node_in","type":"entry_api","label":"in","position":{"x":0,"y":0},"outputs":[{"id":"out"}]},
{"id":"node_sort","type":"llm_flexible","label":"sort","position":{"x":0,"y":0},"config":{"goal":"Sort {{text}}",
"output_schema":{"kind":"enum[bill, spam]"}},"inputs":[{"id":"in"}],"outputs":[{"id":"out"}]},
{"id":"node_file","type":"tool_plugin","label":"file","position":{"x":0,"y":0},"config":{"plugin":"drive","method":"put",
"args":{"kind":"{{sort.kind}}"}},"inputs":[{"id":"in"}],"outputs":[{"id":"out"}]}],
"edges":[{"id":"edge_1","type":"sequential","source":{"node":"node_in","port":"out"},"target":{"node":"node_sort","port":"in"}},
{"id":"edge_2","type":"conditional","source":{"node":"node_sort","port":"out"},"target":{"node":"node_file","port":"in"},
"condition":")" +
           condition +
           R"("}],"config":{"core_identity":{"name":"T","models":[{"role":"primary","ref":"scaigrid","model":"m"}]}},
"tests":)" +
           tests + "}";
}

constexpr auto two_tests =
    R"([{"id":"good","name":"a bill is filed","mocks":{"node_sort":{"kind":"bill"},"drive.put":"ok"},
"assertions":[{"kind":"equals","path":"output","value":"ok"}]},
{"id":"bad","mocks":{"node_sort":{"kind":"bill"}}}])";

struct Fixture : People {
    void put(const std::string& text) {
        const auto answer = as("ann", "PUT", "/v1/flows/f1", R"({"content":)" + text + "}");
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_scaiflow_flows_run_tests, Fixture)

BOOST_AUTO_TEST_CASE(the_tests_of_the_current_version_are_run) {
    put(content(two_tests));
    const auto answer = as("dep", "POST", run_f1);
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(answer.json.get("total").integer().value() == 2);
    BOOST_TEST(answer.json.get("passed").integer().value() == 1);
    BOOST_TEST(answer.json.get("failed").integer().value() == 1);
    const Value good = answer.json.get("results").at(0);
    BOOST_TEST(good.member("name") == "a bill is filed");
    BOOST_TEST(good.get("message").is_null());
    BOOST_TEST(good.get("visited").dump() == R"(["node_in","node_sort","node_file"])");
    BOOST_TEST(answer.json.get("results").at(1).member("message").find("mocks[\"drive.put\"]") !=
               std::string::npos);
    BOOST_TEST(!answer.json.get("diagnostics").present());
}

BOOST_AUTO_TEST_CASE(test_ids_choose) {
    put(content(two_tests));
    const auto answer = as("dep", "POST", run_f1, R"({"test_ids":["good"]})");
    BOOST_TEST(answer.json.get("total").integer().value() == 1);
    BOOST_TEST(answer.json.get("failed").integer().value() == 0);
    const auto unknown = as("dep", "POST", run_f1, R"({"test_ids":["good","nope"]})");
    BOOST_TEST(unknown.status == 422);
    BOOST_TEST(field_of(unknown) == "body.test_ids.#");
    for (const auto* body : {R"({"test_ids":[]})", R"({"test_ids":"good"})", R"({"test_ids":[1]})"}) {
        const auto refused = as("dep", "POST", run_f1, body);
        BOOST_TEST(refused.status == 422, body);
        BOOST_TEST(refused.json.get("detail").size() == 1U, refused.body);
        BOOST_TEST(field_of(refused).starts_with("body.test_ids"), field_of(refused));
    }
    BOOST_TEST(as("dep", "POST", run_f1, "[1]").status == 422);
    BOOST_TEST(as("dep", "POST", run_f1, "{").status == 400);
}

BOOST_AUTO_TEST_CASE(malformed_tests_are_named) {
    put(content(R"([{"id":"a","assertions":[{"kind":"is"}]}])"));
    const auto answer = as("dep", "POST", run_f1);
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(answer.body.find("\"assertions\",0,\"kind\"") != std::string::npos, answer.body);
}

BOOST_AUTO_TEST_CASE(no_tests_and_a_broken_flow_are_reports) {
    const auto broken = as("dep", "POST", run_f1);
    BOOST_TEST_REQUIRE(broken.status == 200, broken.body);
    BOOST_TEST(broken.json.get("total").integer().value() == 0);
    BOOST_TEST(broken.json.get("diagnostics").size() >= 1);
    put(content("[]"));
    BOOST_TEST(as("dep", "POST", run_f1).body == R"({"total":0,"passed":0,"failed":0,"results":[]})");
    put(content(two_tests, "1 +"));
    BOOST_TEST(as("dep", "POST", run_f1).json.get("diagnostics").at(0).member("code") == "BAD_EXPR");
}

BOOST_AUTO_TEST_CASE(tests_never_take_all_the_threads) {
    put(content(two_tests));
    auto& runs = context().flow_memory.test_runs;
    const auto threads = static_cast<int>(context().settings.integer("FCGI_THREADS"));
    std::vector<scaiflow::testing::Places::Place> taken;
    while (auto place = runs.enter(threads / 2))
        taken.push_back(std::move(*place));
    BOOST_TEST(static_cast<int>(taken.size()) == threads / 2);
    const auto busy = as("dep", "POST", run_f1);
    BOOST_TEST(busy.status == 503, busy.body);
    BOOST_TEST(busy.json.get("detail").member("error") == "tests_busy");
    BOOST_TEST(as("dep", "GET", "/v1/flows/f1").status == 200);
    taken.pop_back();
    BOOST_TEST(as("dep", "POST", run_f1).status == 200);
    BOOST_TEST(as("dep", "POST", run_f1).status == 200); // the place was given back
}

BOOST_AUTO_TEST_CASE(it_takes_level_deploy) {
    for (const auto* user : {"dep", "adm", "ann", "boss", "gdeploy", "ndeploy", "t2/root"})
        BOOST_TEST(as(user, "POST", run_f1).status == 200, user);
    for (const auto* user : {"vic", "ed", "gview", "gedit"}) {
        const auto answer = as(user, "POST", run_f1);
        BOOST_TEST(answer.status == 403, user);
        BOOST_TEST(answer.json.get("detail").member("required") == "deploy");
    }
    for (const auto* user : {"bo", "t2/stan", "t2/boss2"})
        BOOST_TEST(as(user, "POST", run_f1).status == 404, user);
}

BOOST_AUTO_TEST_SUITE_END()
