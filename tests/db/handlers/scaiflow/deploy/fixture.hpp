// The group `deploy` over a scratch database with the people of the flows' tests, a flow that compiles, and a
// scripted ScaiGrid. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaiflow/deploy/handlers.hpp"
#include "tests/db/handlers/scaiflow/flows/people.hpp"
#include "tests/support/flow_json.hpp"
#include "tests/support/scripted_grid.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace test {

/// A flow that compiles, with one queue to provision, to be published unless `config` says otherwise.
inline scai::json::Value
deployable(const std::string& id, const std::string& name = "Invoice triage",
           const std::string& config = R"({"publish_as_model":true,"model_visibility_group_ids":["mg_1"],
        "scaiqueue":{"scope":"finance","queues":[{"slug":"review","consumer_mode":"priority","max_retries":3}]}})") {
    using namespace scai::test; // NOLINT(google-build-using-namespace)
    auto content = flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"hi"})")},
                        {edge("node_in.out_request", "node_a")});
    content.set("id", id).set("name", name).set("version", "1.0.0");
    auto settings = copy(content.get("config"));
    json(config).each_member(
        [&](std::string_view key, const scai::json::Value& value) { settings.set(key, value); });
    return content.set("config", settings);
}

/// A flow of t1 with the rows of every level, whose only version has this content.
inline std::string deployable_sql(const std::string& id, const scai::json::Value& content) {
    return flow_sql(id) + "UPDATE scaiflow.flow_versions SET content = $c$" + content.dump() +
           "$c$ WHERE flow_id = '" + id + "';";
}

struct GridOfTest {
    scai::test::ScriptedGrid grid;
};

struct Deploys : GridOfTest, FlowApi {
    explicit Deploys(FlowApi::Settings settings = {})
        : FlowApi("deploy", scaiflow::deploy_api::routes(), with_grid(std::move(settings), grid.url())) {
        db.sql(people_sql());
        add_flow("f1", deployable("f1"));
    }
    void add_flow(const std::string& id, const scai::json::Value& content) {
        db.sql(deployable_sql(id, content));
    }
    FlowAnswer as(const std::string& person, const std::string& target, const std::string& body = "",
                  FlowApi::Headers headers = {}) {
        const auto slash = person.find('/');
        const auto user = slash == std::string::npos ? person : person.substr(slash + 1);
        const auto tenant = slash == std::string::npos ? "t1" : person.substr(0, slash);
        headers["authorization"] = "Bearer " + token(user, tenant, {"scaicore:view", "scaicore:manage"});
        return call("POST", target, body, headers);
    }
    FlowAnswer deploy(const std::string& body = "", FlowApi::Headers headers = {}) {
        return as("dep", "/v1/flows/f1/deploy", body, std::move(headers));
    }
    /// "scope ok, queue ok, core_create failed" of the newest deployment.
    std::string steps() const {
        return db.value(
            "SELECT string_agg(s.step || ' ' || coalesce(s.outcome, 'open'), ', ' ORDER BY s.ordinal) "
            "FROM scaiflow.flow_deployment_steps s WHERE s.deployment_id = "
            "(SELECT id FROM scaiflow.flow_deployments ORDER BY number DESC LIMIT 1)");
    }
    /// "succeeded 1, failed 2"
    std::string deployments() const {
        return db.value(
            "SELECT string_agg(status || ' ' || n, ', ' ORDER BY status DESC) FROM (SELECT status, "
            "count(*) n FROM scaiflow.flow_deployments GROUP BY status) c");
    }

private:
    static FlowApi::Settings with_grid(FlowApi::Settings settings, const std::string& url) {
        settings.try_emplace("SCAIGRID_BASE_URL", url);
        return settings;
    }
};

} // namespace test
