// Delivery against a real database and a real receiver. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/webhooks/delivery.hpp"

#include "lib/crypto/crypto.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/scaikey_directory.hpp"

using scai::test::Fault;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;
using test::Directory;
namespace webhooks = scaikey::webhooks;

BOOST_AUTO_TEST_SUITE(lib_scaikey_webhooks_delivery)

namespace {

/// A directory with one subscription to a receiver whose answer a test chooses.
struct Stage {
    Directory d;
    HttpReply reply;
    HttpServer server{[this](const HttpRequest&) { return reply; }};
    scai::db::Pool pool{d.db.settings("scaikey_jobs")};
    std::string tenant = d.tenant("acme");
    std::string hook;

    explicit Stage(const std::string& events = R"(["*"])") {
        d.forget_events();
        hook =
            d.made("/v1/admin/webhooks/", R"({"name":"t","url":")" + server.url("/hook") + R"(","events":)" +
                                              events + R"(,"secret":"whsec-demo-key"})");
    }
    webhooks::DeliverCounters run() {
        return webhooks::deliver_due(pool, scai::SystemClock(),
                                     {.parallel = 4, .batch = 16, .timeout = std::chrono::seconds(5)},
                                     [] { return false; });
    }
    /// What waits is due now.
    void time_passes() const {
        d.db.sql("UPDATE scaikey.deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL");
    }
    std::string seconds_to_next() const {
        return d.db.value(
            "SELECT round(extract(epoch FROM next_attempt_at - now()))::int FROM scaikey.deliveries");
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(an_event_arrives_once_signed_with_every_header) {
    Stage s;
    const auto bo = s.d.user(s.tenant, "bo@acme.test");
    const auto result = s.run();
    BOOST_TEST(result.delivered == 1);
    BOOST_TEST(s.run().attempts == 0);
    BOOST_REQUIRE(s.server.count() == 1U);
    const auto request = s.server.requests().front();
    const auto body = scai::json::parse(request.body);
    BOOST_REQUIRE(body);
    BOOST_TEST(body->dump(/*sorted=*/true) == request.body);
    BOOST_TEST(body->member("event_type") == "user.created");
    BOOST_TEST(body->get("resource").member("id") == bo);
    BOOST_TEST(body->get("actor").dump(true) == R"({"id":"cid_test","type":"api"})");
    BOOST_TEST(body->get("data").member("email") == "bo@acme.test");
    BOOST_TEST(body->get("data").get("tenant").member("slug") == "acme");
    BOOST_TEST(body->member("tenant_id") == s.tenant);
    BOOST_TEST(!body->get("partner_id").present());
    BOOST_TEST(scai::parse_iso8601(body->member("timestamp")).has_value());

    BOOST_TEST(request.header("Content-Type") == "application/json");
    BOOST_TEST(request.header("User-Agent") == "ScaiKey-Webhook/1.0");
    BOOST_TEST(request.header("X-ScaiKey-Event-ID") == body->member("event_id"));
    BOOST_TEST(request.header("X-ScaiKey-Event-Type") == "user.created");
    BOOST_TEST(request.header("X-ScaiKey-Webhook-ID") == s.d.db.value("SELECT id FROM scaikey.deliveries"));
    const auto time = request.header("X-ScaiKey-Timestamp");
    const auto expected =
        scai::crypto::to_hex(scai::crypto::hmac_sha256("whsec-demo-key", time + "." + request.body));
    BOOST_TEST(request.header("X-ScaiKey-Signature") == "t=" + time + ",v1=" + expected);
}

BOOST_AUTO_TEST_CASE(a_failing_receiver_is_tried_again_on_the_ladder_and_then_given_up) {
    Stage s;
    s.d.user(s.tenant, "bo@acme.test");
    s.reply.status = 500;
    const std::string expected[] = {"30", "120", "600", "1800", "7200"};
    for (int attempt = 1; attempt <= 5; ++attempt) {
        const auto result = s.run();
        BOOST_TEST(result.attempts == 1);
        BOOST_TEST(result.failed == 1);
        BOOST_TEST(s.seconds_to_next() == expected[attempt - 1]);
        BOOST_TEST(s.run().attempts == 0); // not before its time
        s.time_passes();
    }
    BOOST_TEST(s.run().given_up == 1);
    BOOST_TEST(
        s.d.db.value("SELECT status || ' ' || attempts || ' ' || last_error FROM scaikey.deliveries") ==
        "failed 6 HTTP 500");
    BOOST_TEST(s.d.db.value("SELECT count(*) FROM scaikey.delivery_attempts WHERE http_status = 500") == "6");
    s.time_passes();
    BOOST_TEST(s.run().attempts == 0);
    // The operator sends it again.
    s.reply.status = 204;
    const auto list = s.d.get("/v1/admin/webhooks/" + s.hook + "/deliveries");
    BOOST_TEST(list.total() == 1);
    const auto path =
        "/v1/admin/webhooks/" + s.hook + "/deliveries/" + list.body.get("data").at(0).get("id").dump();
    BOOST_TEST(s.d.get(path).body.get("log").size() == 6U);
    BOOST_TEST(s.d.post(path + "/redeliver").status == 201);
    BOOST_TEST(s.run().delivered == 1);
    BOOST_TEST(s.d.get("/v1/admin/webhooks/" + s.hook + "/deliveries?status=delivered").total() == 1);
}

BOOST_AUTO_TEST_CASE(a_receiver_that_recovers_gets_the_same_event_again) {
    Stage s;
    s.d.user(s.tenant, "bo@acme.test");
    for (const auto fault : {Fault::reset, Fault::hang_up, Fault::garbage}) {
        s.reply.fault = fault;
        BOOST_TEST(s.run().failed == 1);
        s.time_passes();
    }
    s.reply.fault = Fault::none;
    BOOST_TEST(s.run().delivered == 1);
    const auto requests = s.server.requests();
    BOOST_TEST(requests.back().header("X-ScaiKey-Event-ID") == requests.front().header("X-ScaiKey-Event-ID"));
    BOOST_TEST(s.d.db.value("SELECT count(*) FROM scaikey.delivery_attempts") == "4");
}

BOOST_AUTO_TEST_CASE(what_a_killed_process_had_in_hand_is_due_again_after_its_lease) {
    Stage s;
    s.d.user(s.tenant, "bo@acme.test");
    // As the claim leaves it when the process dies before settling.
    s.d.db.sql("UPDATE scaikey.deliveries SET attempts = 1, next_attempt_at = now() + interval '1 minute'");
    BOOST_TEST(s.run().attempts == 0);
    s.time_passes();
    BOOST_TEST(s.run().delivered == 1);
    BOOST_TEST(s.d.db.value("SELECT attempts FROM scaikey.deliveries") == "2");
}

BOOST_AUTO_TEST_CASE(a_row_another_deliverer_holds_is_passed_over) {
    Stage s;
    s.d.user(s.tenant, "a@acme.test");
    s.d.user(s.tenant, "b@acme.test");
    scai::db::Pool other(s.d.db.settings("", 1));
    static constexpr auto hold = "SELECT id FROM scaikey.deliveries ORDER BY id LIMIT 1 FOR UPDATE";
    scai::db::in_tx(other, scai::db::Scope::none(), [&](scai::db::Tx& tx) {
        tx.one<std::int64_t>(hold);
        BOOST_TEST(s.run().delivered == 1);
    });
    BOOST_TEST(s.run().delivered == 1);
}

BOOST_AUTO_TEST_CASE(subscriptions_get_what_they_asked_for_and_no_more) {
    Stage s(R"(["group.*"])");
    const auto other = s.d.tenant("other");
    const auto narrow =
        s.d.made("/v1/admin/webhooks/", R"({"url":")" + s.server.url("/narrow") + R"(","tenant_id":")" +
                                            other + R"(","events":["user.created"]})");
    s.d.user(s.tenant, "a@acme.test");
    s.d.user(other, "b@other.test");
    s.d.group(s.tenant, "Ops");
    BOOST_TEST(s.run().delivered == 2);
    BOOST_TEST(s.server.count("/hook") == 1U);
    BOOST_TEST(s.server.count("/narrow") == 1U);
    // Switched off, nothing is queued; a test goes out all the same.
    BOOST_TEST(s.d.patch("/v1/admin/webhooks/" + narrow, R"({"enabled":false})").status == 200);
    s.d.user(other, "c@other.test");
    BOOST_TEST(s.run().attempts == 0);
    BOOST_TEST(s.d.post("/v1/admin/webhooks/" + narrow + "/test").status == 200);
    BOOST_TEST(s.run().delivered == 1);
    BOOST_TEST(s.server.requests().back().header("X-ScaiKey-Event-Type") == "webhook.test");
    BOOST_TEST(s.server.requests().back().path == "/narrow");
}

BOOST_AUTO_TEST_CASE(after_a_rotation_both_secrets_sign_for_a_day) {
    Stage s;
    const auto rotated = s.d.post("/v1/admin/webhooks/" + s.hook + "/rotate-secret");
    BOOST_TEST(rotated.status == 200);
    const auto secret = rotated.body.member("secret");
    BOOST_TEST(secret.starts_with("whsec_"));
    const auto signed_with = [&](const HttpRequest& request, const std::string& key) {
        const auto hex = scai::crypto::to_hex(
            scai::crypto::hmac_sha256(key, request.header("X-ScaiKey-Timestamp") + "." + request.body));
        return request.header("X-ScaiKey-Signature").find("v1=" + hex) != std::string::npos;
    };
    s.d.user(s.tenant, "a@acme.test");
    BOOST_TEST(s.run().delivered == 1);
    BOOST_TEST(signed_with(s.server.requests().back(), secret));
    BOOST_TEST(signed_with(s.server.requests().back(), "whsec-demo-key"));
    s.d.db.sql("UPDATE scaikey.webhooks SET previous_secret_until = now() - interval '1 second'");
    s.d.user(s.tenant, "b@acme.test");
    BOOST_TEST(s.run().delivered == 1);
    BOOST_TEST(signed_with(s.server.requests().back(), secret));
    BOOST_TEST(!signed_with(s.server.requests().back(), "whsec-demo-key"));
}

BOOST_AUTO_TEST_CASE(old_events_go_and_pending_ones_stay) {
    Stage s;
    s.d.user(s.tenant, "a@acme.test");
    BOOST_TEST(s.run().delivered == 1);
    s.d.user(s.tenant, "b@acme.test");
    s.d.db.sql("UPDATE scaikey.events SET occurred_at = now() - interval '31 days'");
    BOOST_TEST(webhooks::purge_events(s.pool, 30) == 1);
    BOOST_TEST(webhooks::purge_events(s.pool, 30) == 0);
    BOOST_TEST(webhooks::backlog(s.pool).due == 1);
    BOOST_TEST(s.run().delivered == 1);
}

BOOST_AUTO_TEST_SUITE_END()
