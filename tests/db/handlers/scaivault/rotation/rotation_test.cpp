// Rotation policies, recipes and the scheduler. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/handlers.hpp"
#include "lib/scaivault/rotation/service.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(handlers_scaivault_rotation)

namespace {

using scai::json::Value;
namespace rotation = scaivault::rotation;
namespace secrets = scaivault::secrets;

struct Stage {
    test::VaultApi api{"rotation", scaivault::rotation_api::routes()};
    scai::db::Pool jobs{api.db().settings("scaivault_jobs")};
    scaivault::Caller who;

    Stage() {
        api.add_tenant("t1", "p1");
        who = scaivault::system_caller("test", "t1", "p1");
    }
    void write(const std::string& path, const std::string& data) {
        const auto ready = secrets::prepare(api.context().keyring, "t1", "p1");
        BOOST_REQUIRE(bool(ready));
        secrets::Write body;
        body.data = scai::SecretText(data);
        const auto written =
            scai::db::in_tx(api.context().pool, scai::db::Scope::tenant("t1"), [&](scai::db::Tx& tx) {
                return secrets::write(tx, api.context().keyring, who, "t1", path, body, {}, api.clock.now());
            });
        BOOST_REQUIRE(bool(written));
    }
    Value read(const std::string& path) {
        const auto plain = secrets::read(api.context().pool, api.context().keyring, "t1", "p1", path,
                                         std::nullopt, api.clock.now());
        BOOST_REQUIRE(bool(plain));
        return *scai::json::parse(std::string(plain->data.reveal()));
    }
    test::VaultAnswer call(const std::string& method, const std::string& path, const std::string& body = "") {
        return api.call_as(api.service_token("ops", "t1", "admin secrets:rotate audit:read"), method, path,
                           body);
    }
    std::string policy(const std::string& more) {
        const auto made =
            call("POST", "/v1/rotation/policies", R"({"name":"p","interval":"30d",)" + more + "}");
        BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
        return made.json.member("id");
    }
    void attach(const std::string& policy, const std::string& path) {
        const auto made = call("POST", "/v1/rotation/policies/" + policy + "/secrets",
                               R"({"secret_path":")" + path + "\"}");
        BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    }
    rotation::Rotator::Report run() {
        return rotation::Rotator(jobs, api.context().keyring).run(api.clock.now(), [] { return false; });
    }
    std::string events(const std::string& type) const {
        return api.db().value("SELECT count(*) FROM scaivault.events WHERE event_type = '" + type + "'");
    }
};

constexpr std::chrono::hours day{24};

} // namespace

BOOST_AUTO_TEST_CASE(a_policy_is_made_shown_changed_and_removed) {
    Stage s;
    const auto made = s.call("POST", "/v1/rotation/policies",
                             R"({"name":"monthly","interval":"30d","warn_before":["1d","3d"]})");
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    BOOST_TEST(made.json.member("warn_before") == "3d,1d");
    BOOST_TEST(made.json.member("grace_period") == "48h");
    BOOST_TEST(made.json.get("interval_seconds").integer().value_or(0) == 2592000);
    BOOST_TEST(s.call("POST", "/v1/rotation/policies", R"({"name":"monthly","interval":"1d"})").code() ==
               "name_conflict");
    const auto path = "/v1/rotation/policies/" + made.json.member("id");
    s.api.db().sql("UPDATE scaivault.rotation_policies SET updated_at = updated_at - interval '1 day'");
    const auto disabled = s.call("POST", path + "/disable").json;
    BOOST_TEST(disabled.get("is_active").boolean().value_or(true) == false);
    BOOST_TEST(disabled.member("updated_at") == s.call("GET", path).json.member("updated_at"));
    BOOST_TEST(s.call("GET", "/v1/rotation/policies?active_only=true").json.get("data").size() == 0U);
    BOOST_TEST(s.call("POST", path + "/enable").json.get("is_active").boolean().value_or(false));
    BOOST_TEST(s.call("PATCH", path, R"({"interval":"2d"})").status == 422); // the warnings are longer
    BOOST_TEST(s.call("PATCH", path, R"({"interval":"60d"})").json.member("interval") == "60d");
    BOOST_TEST(s.call("DELETE", path).status == 204);
    BOOST_TEST(s.call("GET", path).code() == "rotation_policy_not_found");
}

BOOST_AUTO_TEST_CASE(bad_policies_are_refused_by_name) {
    Stage s;
    BOOST_TEST(s.call("POST", "/v1/rotation/policies", R"({"name":"x","interval":"soon"})").code() ==
               "invalid_duration");
    BOOST_TEST(
        s.call("POST", "/v1/rotation/policies", R"({"name":"x","interval":"1d","grace_period":"1 day"})")
            .code() == "invalid_duration");
    BOOST_TEST(
        s.call("POST", "/v1/rotation/policies", R"({"name":"x","interval":"10d","warn_before":"3d,x"})")
            .code() == "invalid_duration");
    BOOST_TEST(s.call("POST", "/v1/rotation/policies", R"({"interval":"1d"})").status == 422);
    BOOST_TEST(s.call("POST", "/v1/rotation/policies",
                      R"({"name":"x","interval":"1d","secret_policy_id":"sp_none"})")
                   .body.find("secret_policy_id") != std::string::npos);
    BOOST_TEST(
        s.call("POST", "/v1/rotation/policies", R"({"name":"x","interval":"1d","webhook_ids":["wh_none"]})")
            .status == 422);
    const auto id = s.policy(R"("auto_generate":true)");
    BOOST_TEST(
        s.call("POST", "/v1/rotation/policies/" + id + "/secrets", R"({"secret_path":"apps/none"})").code() ==
        "secret_not_found");
    BOOST_TEST(
        s.call("POST", "/v1/rotation/policies/" + id + "/secrets", R"({"secret_path":"Apps/x"})").code() ==
        "invalid_path");
    BOOST_TEST(s.call("GET", "/v1/rotation/due?within_hours=x").status == 400);
}

BOOST_AUTO_TEST_CASE(an_automatic_rotation_warns_once_makes_a_version_and_keeps_what_it_does_not_make) {
    Stage s;
    s.write("apps/demo/login", R"({"user":"svc","password":"old"})");
    const auto recipe =
        s.call("POST", "/v1/secret-policies",
               R"({"name":"pw","fields":[{"name":"password","generator":"random","config":{"length":24}}]})");
    BOOST_REQUIRE(recipe.status == 201);
    const auto id = s.policy(R"("auto_generate":true,"warn_before":"3d,1d","secret_policy_id":")" +
                             recipe.json.member("id") + "\"");
    s.attach(id, "apps/demo/login");
    s.run();
    BOOST_TEST(s.events("rotation.due") == "0");
    s.api.clock.advance(27 * day);
    BOOST_TEST(s.run().warned == 1);
    BOOST_TEST(s.run().warned == 0);
    s.api.clock.advance(2 * day);
    BOOST_TEST(s.run().warned == 1);
    BOOST_TEST(s.call("GET", "/v1/rotation/due").json.get("data").size() == 1U);
    s.api.clock.advance(day);
    const auto done = s.run();
    BOOST_TEST(done.rotated == 1);
    BOOST_TEST(s.run().rotated == 0);
    const auto value = s.read("apps/demo/login");
    BOOST_TEST(value.member("user") == "svc");
    BOOST_TEST(value.member("password").size() == 24U);
    BOOST_TEST(s.events("secret.rotated") == "1");
    BOOST_TEST(s.events("rotation.completed") == "1");
    const auto history = s.call("GET", "/v1/rotation/policies/" + id + "/history").json.get("data").at(0);
    BOOST_TEST(history.member("status") == "success");
    BOOST_TEST(history.get("old_version").integer().value_or(0) == 1);
    BOOST_TEST(history.get("new_version").integer().value_or(0) == 2);
    // The old version can be read until the grace period is over.
    const auto old = [&] {
        return secrets::read(s.api.context().pool, s.api.context().keyring, "t1", "p1", "apps/demo/login", 1,
                             s.api.clock.now());
    };
    BOOST_TEST(bool(old()));
    s.api.clock.advance(3 * day);
    BOOST_TEST(!old());
}

BOOST_AUTO_TEST_CASE(a_value_from_outside_closes_the_rotation_that_asks_for_it) {
    Stage s;
    s.write("apps/x", R"({"key":"old"})");
    const auto id = s.policy(R"("grace_period":"24h")");
    s.attach(id, "apps/x");
    s.api.clock.advance(30 * day);
    BOOST_TEST(s.run().due == 1);
    BOOST_TEST(s.run().due == 0);
    BOOST_TEST(
        s.call("GET", "/v1/rotation/policies/" + id + "/history?status=pending").json.get("data").size() ==
        1U);
    s.api.clock.advance(day + std::chrono::hours(1));
    BOOST_TEST(s.run().overdue == 1);
    BOOST_TEST(s.run().overdue == 0);
    BOOST_TEST(s.call("GET", "/v1/rotation/pending")
                   .json.get("data")
                   .at(0)
                   .get("is_overdue")
                   .boolean()
                   .value_or(false));
    BOOST_TEST(s.call("GET", "/v1/rotation/due?include_overdue=false").json.get("data").size() == 0U);
    s.write("apps/x", R"({"key":"new"})");
    BOOST_TEST(s.events("secret.rotated") == "1");
    BOOST_TEST(s.events("rotation.completed") == "1");
    BOOST_TEST(
        s.call("GET", "/v1/rotation/policies/" + id + "/history?status=success").json.get("data").size() ==
        1U);
    BOOST_TEST(s.call("GET", "/v1/rotation/due").json.get("data").size() == 0U);
    s.write("apps/x", R"({"key":"newer"})"); // not due any more: a plain write
    BOOST_TEST(s.events("secret.rotated") == "1");
}

BOOST_AUTO_TEST_CASE(what_a_killed_run_began_is_finished_once) {
    Stage s;
    s.write("apps/x", R"({"key":"old"})");
    const auto id = s.policy(R"("auto_generate":true)");
    s.attach(id, "apps/x");
    s.api.clock.advance(30 * day);
    // Killed between intent and effect: the loop is told to stop before the first value is made.
    int asked = 0;
    rotation::Rotator(s.jobs, s.api.context().keyring).run(s.api.clock.now(), [&] { return ++asked > 1; });
    BOOST_TEST(s.api.db().value("SELECT count(*) FROM scaivault.rotation_history WHERE status = 'pending'") ==
               "1");
    BOOST_TEST(s.run().rotated == 0); // in hand still
    s.api.clock.advance(std::chrono::minutes(6));
    BOOST_TEST(s.run().rotated == 1);
    BOOST_TEST(s.api.db().value("SELECT count(*) || ' ' || min(status) FROM scaivault.rotation_history") ==
               "1 success");
    BOOST_TEST(s.read("apps/x").member("key").size() == 32U);
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_and_tried_again) {
    Stage s;
    s.write("apps/x", R"({"key":"old"})");
    const auto recipe =
        s.call("POST", "/v1/secret-policies", R"({"name":"pw","fields":[{"name":"key","generator":"hex"}]})")
            .json.member("id");
    const auto id = s.policy(R"("auto_generate":true,"secret_policy_id":")" + recipe + "\"");
    s.attach(id, "apps/x");
    BOOST_TEST(s.call("DELETE", "/v1/secret-policies/" + recipe).code() == "policy_in_use");
    BOOST_TEST(s.call("PATCH", "/v1/secret-policies/" + recipe, R"({"is_active":false})").status == 200);
    s.api.clock.advance(30 * day);
    BOOST_TEST(s.run().failed == 1);
    BOOST_TEST(s.run().failed == 0);
    BOOST_TEST(s.events("rotation.failed") == "1");
    s.call("PATCH", "/v1/secret-policies/" + recipe, R"({"is_active":true})");
    s.api.clock.advance(std::chrono::minutes(6));
    BOOST_TEST(s.run().rotated == 1);
}

BOOST_AUTO_TEST_CASE(rotating_now_needs_the_permission_on_the_path) {
    Stage s;
    s.write("apps/x", R"({"key":"old"})");
    const auto id = s.policy(R"("auto_generate":true)");
    s.attach(id, "apps/x");
    const auto path = "/v1/rotation/policies/" + id + "/rotate";
    BOOST_TEST(s.call("POST", path).status == 403);
    s.api.allow("t1", "sa:ops", "apps/**", {"rotate"});
    BOOST_TEST(s.call("POST", path, R"({"secret_paths":["apps/y"]})").code() == "secret_not_found");
    const auto done = s.call("POST", path, R"({"secret_paths":["apps/x"]})");
    BOOST_TEST(done.status == 200);
    BOOST_TEST(done.json.at(0).member("status") == "success");
    BOOST_TEST(s.call("DELETE", "/v1/rotation/policies/" + id + "/secrets/apps/x").status == 204);
    BOOST_TEST(s.call("POST", path, R"({"secret_paths":["apps/x"]})").code() == "secret_not_found");
    BOOST_TEST(s.call("DELETE", "/v1/rotation/policies/" + id + "/secrets/apps/x").status == 404);
}

BOOST_AUTO_TEST_CASE(a_recipe_is_checked_shown_and_tried) {
    Stage s;
    const auto bad =
        s.call("POST", "/v1/secret-policies",
               R"({"name":"x","fields":[{"name":"a","generator":"random","config":{"length":0}}]})");
    BOOST_TEST(bad.status == 422);
    BOOST_TEST(bad.body.find("fields[0].config.length") != std::string::npos);
    const auto id =
        s.call("POST", "/v1/secret-policies",
               R"({"name":"x","policy_type":"password","fields":[{"name":"a","generator":"uuid"}]})")
            .json.member("id");
    BOOST_TEST(s.call("POST", "/v1/secret-policies/" + id + "/preview").json.get("data").member("a").size() ==
               36U);
    BOOST_TEST(s.call("PUT", "/v1/secret-policies/" + id, R"({"name":"y"})").status == 422);
    BOOST_TEST(s.call("GET", "/v1/secret-policies").json.get("data").size() == 1U);
    BOOST_TEST(s.call("DELETE", "/v1/secret-policies/" + id).status == 204);
    BOOST_TEST(s.call("POST", "/v1/secret-policies/" + id + "/preview").code() == "secret_policy_not_found");
}

BOOST_AUTO_TEST_SUITE_END()
