// Health, metrics, version. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/system/handlers.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

namespace {

struct World : test::VaultApi {
    explicit World(Settings settings = {})
        : VaultApi("system", scaivault::system_api::routes(), std::move(settings)) {
        add_tenant("t1", "p1");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(db_scaivault_system)

BOOST_AUTO_TEST_CASE(liveness_asks_nothing_else) {
    World world;
    const auto answer = world.call("GET", "/v1/health");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == R"({"status":"healthy","timestamp":"2026-05-20T08:00:00Z"})");
    BOOST_TEST(world.db().value("SELECT count(*) FROM scaivault.audit_log") == "0");
}

BOOST_AUTO_TEST_CASE(without_a_redis_url_each_process_counts_alone_and_is_ready) {
    World world;
    const auto answer = world.call("GET", "/v1/health/ready");
    BOOST_TEST(answer.status == 200, answer.body);
    BOOST_TEST(answer.json.member("status") == "ready");
    BOOST_TEST(answer.json.get("checks").dump(true) ==
               R"({"database":"ok","encryption":"ok","redis":"not_configured"})");
    BOOST_TEST(!answer.json.get("errors").present());
    const auto token = world.service_token("s", "t1", "admin");
    const auto details = world.call_as(token, "GET", "/v1/health/detailed").json;
    BOOST_TEST(details.member("status") == "healthy", details.dump());
    BOOST_TEST(details.get("checks").get("redis").member("status") == "not_configured");
    BOOST_TEST(!details.get("checks").get("redis").get("error").present());
}

BOOST_AUTO_TEST_CASE(a_redis_that_is_configured_and_down_is_not_ready) {
    World world(test::VaultApi::Settings{{"REDIS_URL", "unix:///nowhere/redis.sock"}});
    const auto answer = world.call("GET", "/v1/health/ready");
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.json.member("status") == "not_ready");
    BOOST_TEST(answer.json.get("checks").member("database") == "ok");
    BOOST_TEST(answer.json.get("checks").member("encryption") == "ok");
    BOOST_TEST(answer.json.get("checks").member("redis") == "error");
    BOOST_TEST(answer.json.get("errors").size() == 1U);
    BOOST_TEST(!answer.json.get("errors").member("redis").empty());
}

/// The cluster is every case's of this process: running again whatever happens.
struct Outage {
    Outage() { test::postgres().stop(true); }
    ~Outage() { test::postgres().start(); }
    Outage(const Outage&) = delete;
    Outage& operator=(const Outage&) = delete;
};

BOOST_AUTO_TEST_CASE(details_leave_a_row_and_are_told_while_the_database_is_away) {
    World world;
    world.add_user("t1", "usr_ada", "ada@x.test");
    world.add_role("t1", "usr_ada", "tenant_admin");
    world.add_user("t1", "usr_bea", "bea@x.test");
    world.add_role("t1", "usr_bea", "tenant_admin");
    const auto service = world.service_token("s", "t1", "admin");
    const auto seen = world.user_token("usr_ada", "t1", "admin"),
               unseen = world.user_token("usr_bea", "t1", "admin");
    BOOST_TEST(world.call_as(service, "GET", "/v1/health/detailed").status == 200);
    BOOST_TEST(world.call_as(seen, "GET", "/v1/health/detailed").status == 200);
    BOOST_TEST(
        world.call_as(world.service_token("s", "t1", "secrets:read"), "GET", "/v1/health/detailed").status ==
        403);
    const auto rows = world.trail("health_read");
    BOOST_TEST_REQUIRE(rows.size() == 3U);
    BOOST_TEST(rows[0][1] == "sa:s");
    BOOST_TEST(rows[1][1] == "user:ada@x.test");
    {
        const Outage outage;
        for (const auto& token : {service, seen, world.service_token("new", "t1", "admin")}) {
            const auto answer = world.call_as(token, "GET", "/v1/health/detailed");
            BOOST_TEST(answer.status == 200, answer.body);
            BOOST_TEST(answer.json.member("status") == "degraded");
            BOOST_TEST(answer.json.get("checks").get("database").member("status") == "error");
        }
        // Nobody knows of a role now: nothing is told to whom only a role would let in.
        BOOST_TEST(world.call_as(unseen, "GET", "/v1/health/detailed").status == 503);
        BOOST_TEST(world.call_as(world.service_token("s", "t1", "secrets:read"), "GET", "/v1/health/detailed")
                       .status == 503);
        BOOST_TEST(world.call("GET", "/v1/health/detailed").status == 401);
    }
    BOOST_TEST(world.call_as(service, "GET", "/v1/health/detailed").status == 200);
    BOOST_TEST(world.trail("health_read").size() == 4U);
}

BOOST_AUTO_TEST_CASE(details_need_the_scope_admin) {
    World world(test::VaultApi::Settings{{"BOOTSTRAP_SUPER_ADMIN", "user:root@x.test"}});
    BOOST_TEST(world.call("GET", "/v1/health/detailed").status == 401);
    BOOST_TEST(
        world.call_as(world.service_token("s", "t1", "secrets:read"), "GET", "/v1/health/detailed").code() ==
        "insufficient_scope");
    const auto answer = world.call_as(world.service_token("s", "t1", "admin"), "GET", "/v1/health/detailed");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.member("status") == "healthy");
    const auto checks = answer.json.get("checks");
    BOOST_TEST(checks.get("database").member("status") == "ok");
    BOOST_TEST(checks.get("database").get("pool_size").integer().value() == 8);
    BOOST_TEST(!checks.get("database").get("error").present());
    BOOST_TEST(checks.get("encryption").member("provider") == "local");
    BOOST_TEST(answer.json.get("bootstrap").is_array());
}

BOOST_AUTO_TEST_CASE(the_object_store_is_a_check_once_it_is_configured) {
    const auto s3 = [](test::VaultApi::Settings settings, int status, std::string& asked) {
        World world(std::move(settings));
        world.world->http =
            [&](const scai::http::Request& request) -> std::optional<scai::Result<scai::http::Response>> {
            if (!request.url.starts_with("https://s3.test") &&
                request.url.find("amazonaws") == std::string::npos)
                return std::nullopt;
            asked = request.method + " " + request.url;
            for (const auto& [name, value] : request.headers)
                asked += name == "Authorization" ? " signed" : "";
            if (status == 0)
                return scai::Error{
                    .kind = scai::ErrorKind::upstream, .code = "connect", .message = "refused"};
            scai::http::Response out;
            out.status = status;
            return out;
        };
        return world.call_as(world.service_token("s", "t1", "admin"), "GET", "/v1/health/detailed")
            .json.get("checks")
            .get("s3");
    };
    std::string asked;
    BOOST_TEST(!s3({}, 200, asked).present());
    const test::VaultApi::Settings bucket{{"OBJECT_STORE_BUCKET", "trail"},
                                          {"OBJECT_STORE_ENDPOINT", "https://s3.test/"},
                                          {"OBJECT_STORE_ACCESS_KEY", "AK"},
                                          {"OBJECT_STORE_SECRET_KEY", "very-secret"}};
    const auto good = s3(bucket, 200, asked);
    BOOST_TEST(good.member("status") == "ok");
    BOOST_TEST(good.get("latency_ms").integer().has_value());
    BOOST_TEST(asked == "HEAD https://s3.test/trail signed");
    for (const int status : {0, 403, 404, 500}) {
        const auto bad = s3(bucket, status, asked);
        BOOST_TEST(bad.member("status") == "error", status);
        BOOST_TEST(!bad.member("error").empty());
        BOOST_TEST(bad.dump().find("very-secret") == std::string::npos);
    }
    BOOST_TEST(s3({{"OBJECT_STORE_BUCKET", "trail"}}, 403, asked).member("status") == "ok"); // it answers
    BOOST_TEST(asked == "HEAD https://trail.s3.us-east-1.amazonaws.com/");
    BOOST_TEST(s3({{"OBJECT_STORE_ENDPOINT", "https://s3.test"}}, 404, asked).member("status") == "ok");
}

BOOST_AUTO_TEST_CASE(metrics_are_text_and_can_ask_for_a_token) {
    World world;
    world.call("GET", "/v1/health");
    const auto text = world.call("GET", "/v1/metrics");
    BOOST_TEST(text.status == 200);
    BOOST_TEST(text.headers.at("Content-Type").starts_with("text/plain"));
    for (const char* name : {"scaivault_rotation_queue_depth 0", "scaivault_webhook_queue_depth 0",
                             "# TYPE scaivault_secrets_total gauge", "scaivault_db_pool_size"})
        BOOST_TEST(text.body.find(name) != std::string::npos, name);

    World closed(test::VaultApi::Settings{{"METRICS_TOKEN", "let-me-in"}});
    BOOST_TEST(closed.call("GET", "/v1/metrics").status == 401);
    BOOST_TEST(closed.call_as("wrong", "GET", "/v1/metrics").status == 401);
    BOOST_TEST(closed.call_as("let-me-in", "GET", "/v1/metrics").status == 200);
}

BOOST_AUTO_TEST_CASE(the_version_says_which_schema_it_knows) {
    World world;
    const auto answer = world.call("GET", "/v1/version");
    BOOST_TEST(answer.json.member("version") == SCAI_VERSION);
    BOOST_TEST(answer.json.member("api_version") == "v1");
    BOOST_TEST(answer.json.get("schema_version").integer().value() ==
               std::stoll(world.db().value("SELECT max(number) FROM scaivault.schema_migrations")));
    BOOST_TEST(!answer.json.member("commit").empty());
}

BOOST_AUTO_TEST_SUITE_END()
