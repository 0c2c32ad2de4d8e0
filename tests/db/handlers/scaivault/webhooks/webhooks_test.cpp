// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(handlers_scaivault_webhooks)

namespace {

struct Stage {
    test::VaultApi api{"webhooks", scaivault::webhooks_api::routes()};
    std::string admin;

    Stage() {
        api.add_tenant("t1", "p1");
        api.add_tenant("t2", "p1");
        admin = api.service_token("ops", "t1", "admin");
    }
    test::VaultAnswer post(const std::string& body) {
        return api.call_as(admin, "POST", "/v1/webhooks", body);
    }
};

const std::string good =
    R"({"name":"h","url":"https://hooks.example.test/v","secret":"0123456789abcdef0123456789abcdef","events":["rotation.due"],"filters":{"path_prefix":"apps/"}})";

std::string with(const std::string& member) {
    return R"({"name":"h","url":"https://hooks.example.test/v","secret":"0123456789abcdef","events":["*"],)" +
           member + "}";
}

} // namespace

BOOST_AUTO_TEST_CASE(a_webhook_is_shown_without_its_secret) {
    Stage s;
    const auto made = s.post(good);
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    const auto id = made.json.member("id");
    BOOST_TEST(id.starts_with("wh_"));
    BOOST_TEST(made.json.member("status") == "healthy");
    BOOST_TEST(made.json.get("filters").member("path_prefix") == "apps/");
    for (const auto& answer : {made, s.api.call_as(s.admin, "GET", "/v1/webhooks"),
                               s.api.call_as(s.admin, "GET", "/v1/webhooks/" + id)})
        BOOST_TEST(answer.body.find("0123456789abcdef") == std::string::npos);
    BOOST_TEST(
        s.api.db().value(
            "SELECT position('0123456789abcdef'::bytea IN secret_ciphertext) FROM scaivault.webhooks") ==
        "0");
    const auto shown = s.api.call_as(s.admin, "GET", "/v1/webhooks/" + id);
    BOOST_TEST(shown.json.get("statistics").get("deliveries_24h").integer().value_or(-1) == 0);
    BOOST_TEST(shown.json.get("last_delivery").is_null());
    BOOST_TEST(s.api.trail("webhook_create").size() == 1U);
}

BOOST_AUTO_TEST_CASE(bad_members_are_named) {
    Stage s;
    struct Case {
        std::string body, field;
    };
    const Case cases[] = {
        {R"({"url":"https://h.test/","secret":"0123456789abcdef","events":["*"]})", "name"},
        {R"({"name":"h","url":"http://h.test/","secret":"0123456789abcdef","events":["*"]})", "url"},
        {R"({"name":"h","url":"https://127.0.0.1/","secret":"0123456789abcdef","events":["*"]})", "url"},
        {R"({"name":"h","url":"https://2130706433/","secret":"0123456789abcdef","events":["*"]})", "url"},
        {R"({"name":"h","url":"https://[::1]/","secret":"0123456789abcdef","events":["*"]})", "url"},
        {R"({"name":"h","url":"https://localhost/","secret":"0123456789abcdef","events":["*"]})", "url"},
        {R"({"name":"h","url":"https://169.254.169.254/","secret":"0123456789abcdef","events":["*"]})",
         "url"},
        {R"({"name":"h","url":"https://u:p@h.test/","secret":"0123456789abcdef","events":["*"]})", "url"},
        {R"({"name":"h","url":"https://h.test/","secret":"short","events":["*"]})", "secret"},
        {R"({"name":"h","url":"https://h.test/","secret":"0123456789abcdef","events":[]})", "events"},
        {R"({"name":"h","url":"https://h.test/","secret":"0123456789abcdef","events":["secret.nope"]})",
         "events[0]"},
        {with(R"("filters":{"secret_type":"x"})"), "filters.secret_type"},
        {with(R"("filters":{"prefix":"x"})"), "filters.prefix"},
        {with(R"("filters":{"tags":[1]})"), "filters.tags[0]"},
        {with(R"("enabled":"yes")"), "enabled"}};
    for (const auto& each : cases) {
        const auto answer = s.post(each.body);
        BOOST_TEST(answer.status == 422, each.body);
        BOOST_TEST(answer.code() == "validation_error");
        BOOST_TEST(answer.body.find("\"field\":\"" + each.field + "\"") != std::string::npos, answer.body);
    }
    BOOST_TEST(s.api.db().value("SELECT count(*) FROM scaivault.webhooks") == "0");
}

BOOST_AUTO_TEST_CASE(another_tenant_and_another_scope_see_nothing) {
    Stage s;
    const auto id = s.post(good).json.member("id");
    const auto stranger = s.api.service_token("ops", "t2", "admin");
    BOOST_TEST(s.api.call_as(stranger, "GET", "/v1/webhooks/" + id).code() == "webhook_not_found");
    BOOST_TEST(s.api.call_as(stranger, "PATCH", "/v1/webhooks/" + id, R"({"enabled":false})").status == 404);
    BOOST_TEST(s.api.call_as(stranger, "DELETE", "/v1/webhooks/" + id).status == 404);
    BOOST_TEST(s.api.call_as(stranger, "POST", "/v1/webhooks/" + id + "/test").status == 404);
    BOOST_TEST(s.api.call_as(stranger, "GET", "/v1/webhooks").json.get("webhooks").size() == 0U);
    const auto reader = s.api.service_token("ops", "t1", "secrets:read");
    BOOST_TEST(s.api.call_as(reader, "GET", "/v1/webhooks").code() == "insufficient_scope");
    BOOST_TEST(s.api.call("GET", "/v1/webhooks").status == 401);
}

BOOST_AUTO_TEST_CASE(a_change_takes_only_what_it_names) {
    Stage s;
    const auto id = s.post(good).json.member("id");
    const auto changed =
        s.api.call_as(s.admin, "PATCH", "/v1/webhooks/" + id, R"({"enabled":false,"filters":null})");
    BOOST_TEST(changed.status == 200);
    BOOST_TEST(changed.json.member("status") == "disabled");
    BOOST_TEST(changed.json.member("url") == "https://hooks.example.test/v");
    BOOST_TEST(changed.json.get("filters").size() == 0U);
    BOOST_TEST(s.api
                   .call_as(s.admin, "PATCH", "/v1/webhooks/" + id,
                            R"({"secret":"0123456789abcdef","previous_secret_ttl":"soon"})")
                   .code() == "invalid_duration");
    BOOST_TEST(
        s.api.call_as(s.admin, "PATCH", "/v1/webhooks/" + id, R"({"previous_secret_ttl":"1h"})").status ==
        422);
    BOOST_TEST(s.api.call_as(s.admin, "DELETE", "/v1/webhooks/" + id).status == 204);
    BOOST_TEST(s.api.call_as(s.admin, "GET", "/v1/webhooks/" + id).status == 404);
}

BOOST_AUTO_TEST_CASE(a_test_is_sent_once_and_says_what_came_of_it) {
    Stage s;
    const auto id = s.post(good).json.member("id");
    int status = 200;
    s.api.world->http =
        [&](const scai::http::Request& request) -> std::optional<scai::Result<scai::http::Response>> {
        if (!request.url.starts_with("https://hooks.example.test/"))
            return std::nullopt;
        BOOST_TEST(request.public_only);
        scai::http::Response answer;
        answer.status = status;
        return scai::Result<scai::http::Response>(std::move(answer));
    };
    const auto fine = s.api.call_as(s.admin, "POST", "/v1/webhooks/" + id + "/test");
    BOOST_TEST(fine.status == 200);
    BOOST_TEST(fine.json.member("status") == "success");
    BOOST_TEST(fine.json.get("response_code").integer().value_or(0) == 200);
    status = 500;
    const auto bad = s.api.call_as(s.admin, "POST", "/v1/webhooks/" + id + "/test");
    BOOST_TEST(bad.json.member("status") == "failed");
    // A delivery that did not arrive is no success in the trail.
    BOOST_TEST(s.api.db().value("SELECT string_agg(success::text, ' ' ORDER BY seq) FROM scaivault.audit_log "
                                "WHERE action = 'webhook_delivery'") == "true false");
    const auto list = s.api.call_as(s.admin, "GET", "/v1/webhooks/" + id + "/deliveries?limit=1");
    BOOST_TEST(list.json.get("has_more").boolean().value_or(false));
    BOOST_TEST(list.json.get("deliveries").at(0).member("id") == bad.json.member("delivery_id"));
    const auto rest = s.api.call_as(
        s.admin, "GET", "/v1/webhooks/" + id + "/deliveries?limit=1&cursor=" + list.json.member("cursor"));
    BOOST_TEST(rest.json.get("deliveries").at(0).member("id") == fine.json.member("delivery_id"));
    BOOST_TEST(s.api.call_as(s.admin, "GET", "/v1/webhooks/" + id + "/deliveries?cursor=x").code() ==
               "invalid_cursor");
    BOOST_TEST(s.api.call_as(s.admin, "GET", "/v1/webhooks/" + id).json.member("status") == "degraded");
}

BOOST_AUTO_TEST_SUITE_END()
