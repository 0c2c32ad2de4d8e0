// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <thread>

BOOST_AUTO_TEST_SUITE(handlers_scaivault_subscriptions)

namespace {

struct Stage {
    test::VaultApi api{"subscriptions", scaivault::subscriptions_api::routes()};
    std::string token;

    Stage() {
        api.add_tenant("t1", "p1");
        token = api.service_token("app", "t1", "subscriptions:read subscriptions:write");
        api.allow("t1", "sa:app", "apps/**", {"list"});
    }
    std::string subscribe(const std::string& more = "") {
        const auto made = api.call_as(
            token, "POST", "/v1/subscriptions",
            R"({"name":"s","paths":["apps/demo/**","other/**"],"events":["secret.*"],"delivery":{"type":"polling")" +
                more + "}}");
        BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
        return "/v1/subscriptions/" + made.json.member("id");
    }
    void emit(const std::string& id, const std::string& path, const std::string& owner = "t1") const {
        api.db().sql("INSERT INTO scaivault.events (tenant_id, event_id, event_type, partner_id, "
                     "identity_id, path, data, request_id) "
                     "VALUES ('" +
                     owner + "', '" + id + "', 'secret.rotated', 'p1', 'user:mia', '" + path +
                     "', '{\"new_version\":2}', 'r')");
    }
    std::string ids(const std::string& subscription, const std::string& query = "timeout=0") {
        const auto answer = api.call_as(token, "GET", subscription + "/poll?" + query);
        BOOST_TEST(answer.status == 200, answer.body);
        std::string out;
        answer.json.get("events").each_item(
            [&](const auto& event) { out += event.member("event_id") + " "; });
        return out;
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(events_come_again_until_they_are_acknowledged) {
    Stage s;
    s.emit("evt_0", "apps/demo/a"); // before the subscription
    const auto sub = s.subscribe();
    BOOST_TEST(s.ids(sub) == "");
    s.emit("evt_1", "apps/demo/a");
    s.emit("evt_2", "apps/else/a"); // another path
    s.emit("evt_3", "other/a");     // the policies do not let him see it
    s.emit("evt_4", "apps/demo/b");
    s.emit("evt_5", "apps/demo/c", "t2");
    s.emit("evt_6", "apps/demo/p", "partner/p1"); // what belongs to the partner is everybody's
    BOOST_TEST(s.ids(sub) == "evt_1 evt_4 evt_6 ");
    BOOST_TEST(s.ids(sub) == "evt_1 evt_4 evt_6 ");
    BOOST_TEST(s.ids(sub, "timeout=0&since_event_id=evt_1") == "evt_4 evt_6 ");
    const auto first = s.api.call_as(s.token, "GET", sub + "/poll?timeout=0&max_events=1");
    BOOST_TEST(first.json.get("has_more").boolean().value_or(false));
    BOOST_TEST(first.json.get("events").at(0).get("data").dump() == R"({"new_version":2})");
    BOOST_TEST(s.api.call_as(s.token, "POST", sub + "/ack", R"({"event_ids":["evt_4","evt_none"]})")
                   .json.get("acknowledged")
                   .integer()
                   .value_or(0) == 1);
    BOOST_TEST(s.ids(sub) == "evt_1 evt_6 ");
    BOOST_TEST(s.ids(sub, "timeout=0&since_event_id=evt_4") == "evt_6 ");
}

BOOST_AUTO_TEST_CASE(a_poll_waits_for_the_first_event_and_holds_no_session) {
    Stage s;
    const auto sub = s.subscribe();
    std::atomic<int> in_use = -1;
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        in_use = static_cast<int>(s.api.context().pool.status().in_use);
        s.emit("evt_1", "apps/demo/a");
    });
    const auto start = std::chrono::steady_clock::now();
    BOOST_TEST(s.ids(sub, "timeout=20") == "evt_1 ");
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(10)));
    later.join();
    BOOST_TEST(in_use == 0);
}

BOOST_AUTO_TEST_CASE(beyond_the_buffer_the_oldest_are_dropped_and_counted) {
    Stage s;
    const auto sub = s.subscribe(R"(,"buffer_size":3)");
    for (int i = 1; i <= 5; ++i)
        s.emit("evt_" + std::to_string(i), "apps/demo/a");
    BOOST_TEST(s.ids(sub) == "evt_3 evt_4 evt_5 ");
    const auto shown = s.api.call_as(s.token, "GET", sub);
    BOOST_TEST(shown.json.get("dropped_events").integer().value_or(0) == 2);
    BOOST_TEST(shown.json.get("pending_events").integer().value_or(0) == 3);
}

BOOST_AUTO_TEST_CASE(a_subscription_belongs_to_who_made_it) {
    Stage s;
    const auto sub = s.subscribe();
    const auto other = s.api.service_token("other", "t1", "subscriptions:read subscriptions:write");
    BOOST_TEST(s.api.call_as(other, "GET", sub).code() == "subscription_not_found");
    BOOST_TEST(s.api.call_as(other, "GET", sub + "/poll?timeout=0").status == 404);
    BOOST_TEST(s.api.call_as(other, "POST", sub + "/ack", R"({"event_ids":["evt_1"]})").status == 404);
    BOOST_TEST(s.api.call_as(other, "PATCH", sub, R"({"name":"x"})").status == 404);
    BOOST_TEST(s.api.call_as(other, "DELETE", sub).status == 404);
    BOOST_TEST(s.api.call_as(other, "GET", "/v1/subscriptions").json.get("subscriptions").size() == 0U);
    BOOST_TEST(s.api.call_as(s.token, "DELETE", sub).status == 204);
}

BOOST_AUTO_TEST_CASE(bad_members_are_named) {
    Stage s;
    const auto post = [&](const std::string& body) {
        return s.api.call_as(s.token, "POST", "/v1/subscriptions", body);
    };
    const auto refused = [&](const std::string& body, const std::string& field) {
        const auto answer = post(body);
        BOOST_TEST(answer.status == 422, answer.body);
        BOOST_TEST(answer.body.find("\"field\":\"" + field + "\"") != std::string::npos, answer.body);
    };
    refused(R"({"paths":["a"],"events":["*"],"delivery":{"type":"polling"}})", "name");
    refused(R"({"name":"s","paths":[],"events":["*"],"delivery":{"type":"polling"}})", "paths");
    refused(R"({"name":"s","paths":["a"],"events":["x"],"delivery":{"type":"polling"}})", "events[0]");
    refused(R"({"name":"s","paths":["a"],"events":["policy.*","policy.violation","policy.created"],)"
            R"("delivery":{"type":"polling"}})",
            "events[2]"); // it would wait for ever
    refused(R"({"name":"s","paths":["a"],"events":["*"]})", "delivery");
    refused(R"({"name":"s","paths":["a"],"events":["*"],"delivery":{"type":"mail"}})", "delivery.type");
    refused(R"({"name":"s","paths":["a"],"events":["*"],"delivery":{"type":"polling","buffer_size":0}})",
            "delivery.buffer_size");
    refused(
        R"({"name":"s","paths":["a"],"events":["*"],"delivery":{"type":"webhook","url":"https://10.0.0.1/","secret":"0123456789abcdef"}})",
        "delivery.url");
    BOOST_TEST(post(R"({"name":"s","paths":["a//b"],"events":["*"],"delivery":{"type":"polling"}})").code() ==
               "invalid_glob");
    const auto sub = s.subscribe();
    BOOST_TEST(s.api.call_as(s.token, "GET", sub + "/poll?timeout=61").status == 400);
    BOOST_TEST(s.api.call_as(s.token, "GET", sub + "/poll?max_events=0").status == 400);
    const auto reader = s.api.service_token("app", "t1", "subscriptions:read");
    BOOST_TEST(s.api.call_as(reader, "DELETE", sub).code() == "insufficient_scope");
}

BOOST_AUTO_TEST_CASE(a_webhook_delivery_is_kept_as_a_sealed_receiver) {
    Stage s;
    const auto made = s.api.call_as(
        s.token, "POST", "/v1/subscriptions",
        R"({"name":"s","paths":["apps/**"],"events":["*"],"delivery":{"type":"webhook","url":"https://h.test/x","secret":"0123456789abcdef"}})");
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    BOOST_TEST(made.body.find("0123456789abcdef") == std::string::npos);
    BOOST_TEST(s.api.db().value("SELECT url FROM scaivault.webhooks WHERE subscription_id = '" +
                                made.json.member("id") + "'") == "https://h.test/x");
    const auto sub = "/v1/subscriptions/" + made.json.member("id");
    BOOST_TEST(s.api.call_as(s.token, "GET", sub + "/poll?timeout=0").code() == "not_polling");
    BOOST_TEST(
        s.api.call_as(s.token, "PATCH", sub, R"({"delivery":{"type":"webhook","url":"https://h.test/y"}})")
            .json.get("delivery")
            .member("url") == "https://h.test/y");
    BOOST_TEST(s.api.call_as(s.token, "DELETE", sub).status == 204);
    BOOST_TEST(s.api.db().value("SELECT count(*) FROM scaivault.webhooks") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
