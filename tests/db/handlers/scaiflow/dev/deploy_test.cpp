// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/dev/handlers.hpp"
#include "tests/db/handlers/scaiflow/deploy/fixture.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;

namespace {

using Settings = test::FlowApi::Settings;

struct Dev : test::GridOfTest, test::FlowApi {
    explicit Dev(Settings settings = {{"SCAIFLOW_API_TOKEN", "dev-token-1"},
                                      {"SCAIGRID_API_KEY", "sgk_server_key_1"}})
        : FlowApi("dev", scaiflow::dev_api::routes(), with_grid(std::move(settings), grid.url())) {}
    test::FlowAnswer deploy(const Value& content, const std::string& token = "dev-token-1") {
        return call_as(token, "POST", "/v1/dev/deploy", Value::object({{"content", content}}).dump());
    }

private:
    static Settings with_grid(Settings settings, const std::string& url) {
        settings.try_emplace("SCAIGRID_BASE_URL", url);
        settings.try_emplace("SCAIKEY_BASE_URL", ""); // dev_token mode
        return settings;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_dev)

BOOST_AUTO_TEST_CASE(the_shared_token_deploys_what_is_stored_nowhere) {
    Dev api;
    const auto first = api.deploy(test::deployable("flow_local"));
    BOOST_TEST(first.status == 200, first.body);
    BOOST_TEST(first.json.member("core_id") == api.grid.cores().at(0).id);
    BOOST_TEST(first.json.member("published_slug") == "scaicore/acme/invoice-triage");
    BOOST_TEST(api.grid.bearers().size() == 1U);
    BOOST_TEST(api.grid.bearers().at(0) == "sgk_server_key_1");
    // The flow's id finds the Core again, under another name too.
    BOOST_TEST(api.deploy(test::deployable("flow_local", "Renamed")).json.member("core_id") ==
               first.json.member("core_id"));
    BOOST_TEST(api.grid.cores().size() == 1U);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_deployments") == "0");
}

BOOST_AUTO_TEST_CASE(no_other_bearer_is_good) {
    Dev api;
    for (const auto* token : {"dev-token-2", "dev-token", "dev-token-11", "sgk_server_key_1"}) {
        const auto answer = api.deploy(test::deployable("flow_local"), token);
        BOOST_TEST(answer.status == 401, answer.body);
        BOOST_TEST(answer.headers.contains("WWW-Authenticate"));
    }
    BOOST_TEST(api.call("POST", "/v1/dev/deploy", "{}").status == 401);
    Dev unset(Settings{{"SCAIGRID_API_KEY", "sgk_server_key_1"}});
    BOOST_TEST(unset.deploy(test::deployable("flow_local"), "").status == 503);
    BOOST_TEST(unset.deploy(test::deployable("flow_local")).status == 503);
    BOOST_TEST(api.grid.calls().empty());
}

BOOST_AUTO_TEST_CASE(bad_input_is_named_and_leaves_nothing) {
    Dev api;
    const auto send = [&](const std::string& body) {
        return api.call_as("dev-token-1", "POST", "/v1/dev/deploy", body);
    };
    BOOST_TEST(send("{}").status == 422);
    BOOST_TEST(send(R"({"content":[]})").status == 422);
    BOOST_TEST(send(R"({"content":{},"publish_as_model":"x"})").status == 422);
    const auto broken = send(R"({"content":{"id":"x","name":"x","version":"1.0.0","nodes":[],"edges":[]}})");
    BOOST_TEST(broken.status == 400, broken.body);
    BOOST_TEST(broken.detail() == "compile_error");
    BOOST_TEST(api.grid.calls().empty());
    Dev poor(Settings{{"SCAIFLOW_API_TOKEN", "dev-token-1"}});
    BOOST_TEST(poor.deploy(test::deployable("flow_local")).detail() == "missing_scaigrid_credentials");
}

BOOST_AUTO_TEST_SUITE_END()
