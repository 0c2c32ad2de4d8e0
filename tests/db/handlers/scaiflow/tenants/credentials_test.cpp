// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/deploy/handlers.hpp"
#include "handlers/scaiflow/tenants/handlers.hpp"
#include "tests/db/handlers/scaiflow/deploy/fixture.hpp"
#include "tests/support/vault_server.hpp"

#include <boost/test/unit_test.hpp>

using test::field_of;

namespace {

constexpr auto path = "/v1/tenants/me/scaigrid_credentials";
constexpr auto trial = "/v1/tenants/me/scaigrid_credentials/test";
constexpr auto old_body = R"({"api_key":"sgk_old_key_0001","base_url":"https://old.example"})";
constexpr auto new_body = R"({"api_key":"sgk_new_key_0002","base_url":"https://new.example/"})";

struct VaultOfTest {
    test::VaultServer vault;
    scai::test::ScriptedGrid grid;
};

struct Tenants : VaultOfTest, test::FlowApi {
    explicit Tenants(test::FlowApi::Settings settings = {})
        : FlowApi("tenants", scaiflow::tenants_api::routes(), with_vault(std::move(settings), vault)) {
        db.sql(test::people_sql());
    }
    test::FlowAnswer as(const std::string& user, const std::string& method, const std::string& target,
                        const std::string& body = "", const std::string& tenant = "t1") {
        return call_as(token(user, tenant, {}), method, target, body);
    }
    std::string shown() {
        const auto answer = as("boss", "GET", path);
        return answer.json.member("base_url") + " " + answer.json.member("masked_key");
    }

private:
    static test::FlowApi::Settings with_vault(test::FlowApi::Settings settings,
                                              const test::VaultServer& vault) {
        for (const auto& [name, value] : vault.settings())
            settings.try_emplace(name, value);
        return settings;
    }
};

using Settings = test::FlowApi::Settings;

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_tenants)

BOOST_AUTO_TEST_CASE(a_pair_is_set_shown_masked_rotated_and_removed) {
    Tenants api;
    const auto none = api.as("bo", "GET", path);
    BOOST_TEST(none.status == 200, none.body);
    BOOST_TEST(none.body == R"({"configured":false,"base_url":null,"masked_key":null})");
    BOOST_TEST(api.as("boss", "POST", path, old_body).status == 204);
    BOOST_TEST(api.as("bo", "GET", path).body ==
               "{\"configured\":true,\"base_url\":\"https://old.example\",\"masked_key\":\"sgk_…0001\"}");
    BOOST_TEST(api.vault.read("tenants/t1/scaigrid_api_key").json.get("data").member("key") ==
               "sgk_old_key_0001");
    BOOST_TEST(api.vault.read("tenants/t1/scaigrid_base_url").json.get("data").member("base_url") ==
               "https://old.example");
    // Rotated alone, it stays where it was.
    BOOST_TEST(api.as("boss", "POST", path, R"({"api_key":"sgk_rotated_0003"})").status == 204);
    BOOST_TEST(api.shown() == "https://old.example sgk_…0003");
    BOOST_TEST(api.as("boss", "POST", path, new_body).status == 204);
    BOOST_TEST(api.shown() == "https://new.example sgk_…0002");
    BOOST_TEST(api.as("boss", "DELETE", path).status == 204);
    BOOST_TEST(api.shown() == " ");
    BOOST_TEST(api.vault.read("tenants/t1/scaigrid_base_url").status == 404);
    BOOST_TEST(api.as("boss", "DELETE", path).status == 204);
    BOOST_TEST(api.as("boss", "POST", path, old_body).status == 204);
    BOOST_TEST(api.shown() == "https://old.example sgk_…0001");
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.audit_log WHERE action LIKE "
                            "'tenant.scaigrid_credentials_%'") == "6");
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.audit_log a WHERE a::text LIKE '%_key_0%'") ==
               "0");
}

BOOST_AUTO_TEST_CASE(without_a_base_url_the_servers_is_stored) {
    Tenants api;
    BOOST_TEST(api.as("boss", "POST", path, R"({"api_key":"sgk_live_abc"})").status == 204);
    BOOST_TEST(api.shown() == "https://scaigrid.scailabs.ai sgk_…_abc");
}

BOOST_AUTO_TEST_CASE(only_admins_of_the_tenant_change_it) {
    Tenants api;
    for (const auto* method : {"POST", "DELETE"}) {
        BOOST_TEST(api.as("ann", method, path, *method == 'P' ? old_body : "").status == 403);
        BOOST_TEST(api.as("off", method, path, *method == 'P' ? old_body : "").status == 401);
    }
    BOOST_TEST(api.as("ann", "POST", trial, "{}").status == 403);
    BOOST_TEST(api.call("GET", path).status == 401);
    BOOST_TEST(api.shown() == " ");
    BOOST_TEST(api.as("boss2", "POST", path, new_body, "t2").status == 204);
    BOOST_TEST(api.shown() == " "); // another tenant's
}

BOOST_AUTO_TEST_CASE(a_tenant_id_with_capitals_has_a_place_of_its_own) {
    Tenants api;
    api.db.sql(
        "INSERT INTO scaiflow.tenants (id) VALUES ('Acme'), ('acme'); INSERT INTO scaiflow.users (tenant_id, "
        "id, email, seen_by, status, admin_role, admin_role_source) VALUES ('Acme', 'ada', 'ada@x', "
        "'webhook', "
        "'ACTIVE', 'tenant_admin', 'manual'), ('acme', 'ada', 'ada@x', 'webhook', 'ACTIVE', 'tenant_admin', "
        "'manual')");
    BOOST_TEST(api.as("ada", "POST", path, old_body, "Acme").status == 204);
    BOOST_TEST(api.as("ada", "GET", path, "", "acme").json.get("configured").boolean().value() == false);
    BOOST_TEST(api.as("ada", "GET", path, "", "Acme").json.get("configured").boolean().value());
    BOOST_TEST(api.vault.read("tenants/x-41636d65/scaigrid_api_key").status == 200);
}

BOOST_AUTO_TEST_CASE(hostile_bodies_are_named) {
    Tenants api;
    const std::pair<const char*, const char*> bad[] = {
        {R"({})", "body.api_key"},
        {R"({"api_key":""})", "body.api_key"},
        {R"({"api_key":"sk_live_abcdef"})", "body.api_key"},
        {R"({"api_key":"sgk_short"})", "body.api_key"},
        {R"({"api_key":"sgk_with space in"})", "body.api_key"},
        {R"({"api_key":"sgk_line\nbreak_1"})", "body.api_key"},
        {R"({"api_key":7})", "body.api_key"},
        {R"({"api_key":"sgk_live_abc","base_url":"ftp://x.example"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"https://"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"https://user:pass@x.example"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"https://x.example?a=b"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"https://x.example/#f"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"https://x.example:99999999"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"http://127.0.0.1:8083"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"http://localhost"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"http://169.254.169.254/latest"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"http://2130706433"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":"http://[::1]"})", "body.base_url"},
        {R"({"api_key":"sgk_live_abc","base_url":[]})", "body.base_url"}};
    for (const auto& [body, field] : bad) {
        const auto answer = api.as("boss", "POST", path, body);
        BOOST_TEST(answer.status == 422, body << ": " << answer.body);
        BOOST_TEST(field_of(answer) == field, body);
        BOOST_TEST(answer.body.find("sgk_live_abc") == std::string::npos);
    }
    BOOST_TEST(api.as("boss", "POST", path, "[]").status >= 400);
    BOOST_TEST(api.as("boss", "POST", path, "{").status == 400);
    BOOST_TEST(api.shown() == " ");
}

BOOST_AUTO_TEST_CASE(a_write_that_breaks_leaves_a_whole_pair) {
    for (const int nth : {1, 2})
        for (const bool applied : {false, true}) {
            Tenants api;
            BOOST_TEST(api.as("boss", "POST", path, old_body).status == 204);
            api.vault.broken_applied = applied;
            api.vault.broken_write = nth;
            const auto broken = api.as("boss", "POST", path, new_body);
            BOOST_TEST(broken.status == 503, broken.body);
            BOOST_TEST(broken.detail() == "scaivault_unavailable");
            // Only the last write makes the new pair the one in force.
            BOOST_TEST(api.shown() == (nth == 2 && applied ? "https://new.example sgk_…0002"
                                                           : "https://old.example sgk_…0001"));
            api.vault.broken_write = 0;
            BOOST_TEST(api.as("boss", "POST", path, new_body).status == 204);
            BOOST_TEST(api.shown() == "https://new.example sgk_…0002");
        }
}

BOOST_AUTO_TEST_CASE(many_broken_changes_do_not_push_the_old_base_url_out) {
    Tenants api;
    BOOST_TEST(api.as("boss", "POST", path, old_body).status == 204);
    for (int i = 0; i < 15; ++i) {
        api.vault.broken_write = 2;
        BOOST_TEST(api.as("boss", "POST", path, new_body).status == 503);
    }
    BOOST_TEST(api.shown() == "https://old.example sgk_…0001");
}

BOOST_AUTO_TEST_CASE(a_vault_that_is_down_is_said) {
    Tenants api;
    api.vault.down = true;
    for (const auto* method : {"GET", "POST", "DELETE"}) {
        const auto answer = api.as("boss", method, path, *method == 'P' ? new_body : "");
        BOOST_TEST(answer.status == 503, answer.body);
        BOOST_TEST(answer.detail() == "scaivault_unavailable");
        BOOST_TEST(!answer.json.get("detail").member("fix").empty());
    }
    api.vault.down = false;
    BOOST_TEST(api.shown() == " ");
    Tenants unset(Settings{{"SCAIVAULT_BASE_URL", ""}});
    BOOST_TEST(unset.as("boss", "GET", path).status == 503);
    Tenants refused(Settings{{"SCAIVAULT_TOKEN", "skt_nobody"}});
    const auto answer = refused.as("boss", "GET", path);
    BOOST_TEST(answer.status == 503, answer.body);
    BOOST_TEST(answer.json.get("detail").member("message").find("401") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_identity_without_the_policy_is_told_so) {
    Tenants api;
    const auto stranger =
        api.vault.vault.service_token("stranger", "tnt_platform", "secrets:read secrets:write");
    Tenants other(Settings{{"SCAIVAULT_BASE_URL", api.vault.url()}, {"SCAIVAULT_TOKEN", stranger}});
    const auto answer = other.as("boss", "GET", path);
    BOOST_TEST(answer.status == 503, answer.body);
    BOOST_TEST(answer.json.get("detail").member("fix").find("scaivault grant") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_people_put_there_by_hand_works) {
    Tenants api;
    const auto put = [&](const std::string& name, const std::string& data) {
        BOOST_TEST(
            api.vault.vault
                .call_as(api.vault.token, "PUT", "/v1/secrets/tenants/t1/" + name, R"({"data":)" + data + "}")
                .status == 201);
    };
    put("scaigrid_api_key", R"({"value":"sgk_by_hand_0009"})");
    BOOST_TEST(api.shown() == "https://scaigrid.scailabs.ai sgk_…0009");
    put("scaigrid_base_url", R"({"value":"https://hand.example"})");
    BOOST_TEST(api.shown() == "https://hand.example sgk_…0009");
}

BOOST_AUTO_TEST_CASE(a_pair_torn_by_hand_is_refused_and_can_be_set_anew) {
    Tenants api;
    BOOST_TEST(api.as("boss", "POST", path, old_body).status == 204);
    api.vault.vault.call_as(api.vault.token, "DELETE",
                            "/v1/secrets/tenants/t1/scaigrid_base_url?permanent=true");
    const auto answer = api.as("boss", "GET", path);
    BOOST_TEST(answer.status == 503, answer.body);
    BOOST_TEST(answer.detail() == "scaigrid_credentials_torn");
    BOOST_TEST(api.as("boss", "POST", path, R"({"api_key":"sgk_new_key_0002"})").status == 204);
    BOOST_TEST(api.shown() == "https://scaigrid.scailabs.ai sgk_…0002");
}

BOOST_AUTO_TEST_CASE(a_key_is_tried) {
    Tenants api(Settings{{"SCAIGRID_ALLOW_PRIVATE", "true"}});
    BOOST_TEST(api.as("boss", "POST", trial, "").detail() == "missing_credentials");
    const auto body = R"({"api_key":"sgk_body_key_1","base_url":")" + api.grid.url() + R"("})";
    const auto good = api.as("boss", "POST", trial, body);
    BOOST_TEST(good.status == 200, good.body);
    BOOST_TEST(*good.json.get("ok").boolean());
    BOOST_TEST(good.json.member("tried") == "body");
    BOOST_TEST(good.json.get("account").member("email") == "grid@x.test");
    BOOST_TEST(good.body.find("sgk_body_key_1") == std::string::npos);
    BOOST_TEST(api.shown() == " "); // not stored
    BOOST_TEST(api.as("boss", "POST", path, body).status == 204);
    const auto stored = api.as("boss", "POST", trial, "");
    BOOST_TEST(*stored.json.get("ok").boolean());
    BOOST_TEST(stored.json.member("tried") == "stored");
    BOOST_TEST(api.grid.bearers().size() == 1U);
    api.grid.refuse_tokens({"sgk_other_key_2"});
    const auto bad =
        api.as("boss", "POST", trial, R"({"api_key":"sgk_other_key_2"})"); // at the stored base URL
    BOOST_TEST(bad.status == 200, bad.body);
    BOOST_TEST(!*bad.json.get("ok").boolean());
    BOOST_TEST(*bad.json.get("status").integer() == 401);
    BOOST_TEST(bad.json.member("error") == "AUTH_TOKEN_INVALID");
    const auto elsewhere = api.as("boss", "POST", trial, R"({"base_url":"https://thief.example"})");
    BOOST_TEST(elsewhere.status == 422, elsewhere.body);
    const auto dead =
        api.as("boss", "POST", trial, R"({"api_key":"sgk_body_key_1","base_url":"http://127.0.0.1:1"})");
    BOOST_TEST(!*dead.json.get("ok").boolean());
    BOOST_TEST(dead.json.member("error") == "upstream_unreachable");
}

BOOST_AUTO_TEST_CASE(a_private_address_is_not_reached_however_it_came_there) {
    Tenants api;
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"scaigrid_api_key", "sgk_by_hand_0009"},
          {"scaigrid_base_url", api.grid.url()}})
        api.vault.vault.call_as(api.vault.token, "PUT", "/v1/secrets/tenants/t1/" + name,
                                R"({"data":{"value":")" + value + R"("}})");
    const auto answer = api.as("boss", "POST", trial, "");
    BOOST_TEST(!*answer.json.get("ok").boolean());
    BOOST_TEST(api.grid.calls().empty());
}

BOOST_AUTO_TEST_CASE(a_deployment_carries_the_tenants_key_to_the_tenants_grid) {
    Tenants tenants(Settings{{"SCAIGRID_ALLOW_PRIVATE", "true"}});
    scai::test::ScriptedGrid grid;
    auto settings = tenants.vault.settings();
    settings["SCAIFLOW_DEPLOY_AUTH"] = "api_key";
    settings["SCAIGRID_ALLOW_PRIVATE"] = "true";
    test::Deploys api(settings);
    BOOST_TEST(api.deploy().status == 412);
    api.clock.advance(std::chrono::seconds(6)); // "none" was remembered
    BOOST_TEST(
        tenants
            .as("boss", "POST", path, R"({"api_key":"sgk_tenant_key_1","base_url":")" + grid.url() + R"("})")
            .status == 204);
    const auto answer = api.deploy();
    BOOST_TEST(answer.status == 200, answer.body);
    BOOST_TEST(answer.json.member("credential_kind") == "tenant_key");
    BOOST_TEST(answer.json.member("grid_url") == grid.url());
    BOOST_TEST(grid.bearers().at(0) == "sgk_tenant_key_1");
    BOOST_TEST(api.grid.calls().empty());
    // What is known is used while ScaiVault is down; then it is said.
    tenants.vault.down = true;
    api.clock.advance(std::chrono::seconds(60));
    BOOST_TEST(api.deploy().status == 200);
    api.clock.advance(std::chrono::minutes(11));
    const auto down = api.deploy();
    BOOST_TEST(down.status == 503, down.body);
    BOOST_TEST(down.detail() == "scaivault_unavailable");
}

BOOST_AUTO_TEST_CASE(a_users_token_does_not_go_to_a_url_that_the_tenant_chose) {
    Tenants tenants(Settings{{"SCAIGRID_ALLOW_PRIVATE", "true"}});
    scai::test::ScriptedGrid grid;
    BOOST_TEST(
        tenants
            .as("boss", "POST", path, R"({"api_key":"sgk_tenant_key_1","base_url":")" + grid.url() + R"("})")
            .status == 204);
    auto settings = tenants.vault.settings();
    settings["SCAIGRID_ALLOW_PRIVATE"] = "true";
    {
        test::Deploys api(settings);
        const auto answer = api.deploy();
        BOOST_TEST(answer.json.member("credential_kind") == "tenant_key", answer.body);
        BOOST_TEST(grid.bearers() == std::vector<std::string>{"sgk_tenant_key_1"});
    }
    {
        auto pinned = settings;
        pinned["SCAIFLOW_DEPLOY_AUTH"] = "user_jwt";
        test::Deploys api(pinned);
        const auto answer = api.deploy();
        BOOST_TEST(answer.status == 412, answer.body);
        BOOST_TEST(answer.detail() == "missing_scaigrid_credentials");
    }
    settings["SCAIGRID_TOKEN_URLS"] = grid.url() + "/";
    test::Deploys trusted(settings);
    const auto answer = trusted.deploy();
    BOOST_TEST(answer.json.member("credential_kind") == "user_token", answer.body);
}

BOOST_AUTO_TEST_SUITE_END()
