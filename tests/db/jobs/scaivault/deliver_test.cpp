// Delivery against a real database and a real receiver. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "lib/scaivault/webhooks/delivery.hpp"
#include "lib/scaivault/webhooks/store.hpp"
#include "lib/webhook/webhook.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/process.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <map>
#include <set>

using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;
namespace webhooks = scaivault::webhooks;

BOOST_AUTO_TEST_SUITE(jobs_scaivault_deliver)

namespace {

constexpr const char* secret = "0123456789abcdef0123456789abcdef";

struct Stage {
    test::VaultApi api{
        "webhooks", scaivault::webhooks_api::routes(), {{"SCAIVAULT_WEBHOOK_ALLOW_PRIVATE", "1"}}};
    std::function<HttpReply(const HttpRequest&)> answer = [](const HttpRequest&) {
        return HttpReply{.status = 204};
    };
    HttpServer server{[this](const HttpRequest& request) { return answer(request); }};
    scai::db::Pool pool{api.db().settings("scaivault_jobs")};
    std::string admin;

    Stage() {
        api.add_tenant("t1", "p1");
        admin = api.service_token("ops", "t1", "admin");
    }
    std::string hook(const std::string& events, const std::string& more = "",
                     const std::string& path = "/hook", std::string url = "") {
        if (url.empty())
            url = server.url(path);
        const auto made = api.call_as(admin, "POST", "/v1/webhooks",
                                      R"({"name":"h","url":")" + url + R"(","secret":")" + secret +
                                          R"(","events":)" + events + more + "}");
        BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
        return made.json.member("id");
    }
    void emit(int count, const std::string& tenant = "t1",
              const std::string& path = "'apps/' || (n % 10) || '/x'") const {
        api.db().sql("INSERT INTO scaivault.events (tenant_id, event_id, event_type, partner_id, "
                     "identity_id, path, secret_type, "
                     "tags, data, request_id) SELECT '" +
                     tenant + "', 'evt_' || gen_random_uuid(), 'secret.updated', 'p1', 'user:mia', " + path +
                     ", 'kv', '{a}', '{\"old_version\":1}', 'req_1' FROM generate_series(1, " +
                     std::to_string(count) + ") n");
    }
    webhooks::DeliverCounters run(webhooks::DeliverSettings settings = {}) {
        if (settings.resolve.empty())
            settings.allow_private = true;
        webhooks::Deliverer deliverer(pool, api.context().keyring, api.context().evaluator, clock, settings);
        deliverer.run([] { return false; });
        return deliverer.counters();
    }
    void time_passes() const {
        api.db().sql("UPDATE scaivault.deliveries SET next_attempt_at = now() WHERE status = 'pending'");
    }
    std::string value(const std::string& sql) const { return api.db().value(sql); }
    const scai::SystemClock clock;
};

bool signed_right(const HttpRequest& request) {
    const auto time = request.header("X-ScaiVault-Timestamp");
    const auto unix_seconds = std::stoll(time);
    return request.header("X-ScaiVault-Signature") ==
               "sha256=" + scai::webhook::timestamped_hmac(secret, unix_seconds, request.body) &&
           request.header("webhook-signature") ==
               scai::webhook::standard_signature(secret, request.header("webhook-id"), unix_seconds,
                                                 request.body) &&
           request.header("webhook-timestamp") == time &&
           request.header("webhook-id") == request.header("X-ScaiVault-Event-Id");
}

} // namespace

BOOST_AUTO_TEST_CASE(ten_thousand_events_arrive_although_the_receiver_fails_three_times_in_ten) {
    Stage s;
    std::map<std::string, std::map<std::string, int>> arrived; // path -> event -> accepted
    int wrong = 0;
    unsigned draw = 1;
    s.answer = [&](const HttpRequest& request) {
        wrong += signed_right(request) ? 0 : 1;
        draw = draw * 1103515245U + 12345U;
        if ((draw >> 16U) % 10 < 3)
            return HttpReply{.status = 500};
        ++arrived[request.path][request.header("X-ScaiVault-Event-Id")];
        return HttpReply{.status = 200};
    };
    s.hook(R"(["secret.*"])", "", "/all");
    s.hook(R"(["*"])", R"(,"filters":{"path_prefix":"apps/3","tags":["a"]})", "/some");
    s.hook(R"(["policy.created"])", "", "/none");
    s.emit(10000);
    s.emit(50, "t2"); // somebody else's
    webhooks::DeliverCounters sum;
    for (int round = 0; round < 20; ++round) {
        const auto done = s.run({.parallel = 16, .batch = 256});
        sum.events += done.events;
        sum.deliveries += done.deliveries;
        sum.succeeded += done.succeeded;
        if (s.value("SELECT count(*) FROM scaivault.deliveries WHERE status = 'pending'") == "0")
            break;
        s.time_passes();
    }
    BOOST_TEST(sum.events == 10050);
    BOOST_TEST(sum.deliveries == 11000);
    BOOST_TEST(wrong == 0);
    // The ladder ends after six attempts: what was given up is said so, everything else has arrived.
    const auto given_up =
        std::stoll(s.value("SELECT count(*) FROM scaivault.deliveries WHERE status = 'failed'"));
    BOOST_TEST(given_up < 40); // 11000 * 0.3^6 = 8
    BOOST_TEST(sum.succeeded == 11000 - given_up);
    BOOST_TEST(arrived["/all"].size() + arrived["/some"].size() ==
               static_cast<std::size_t>(11000 - given_up));
    BOOST_TEST(arrived["/some"].size() <= 1000U);
    BOOST_TEST(arrived["/none"].empty());
    BOOST_TEST(s.value("SELECT count(*) FROM scaivault.audit_log WHERE action = 'webhook_delivery'") ==
               "11000");
}

BOOST_AUTO_TEST_CASE(a_damaged_webhook_secret_does_not_hold_up_the_others) {
    Stage s;
    const auto damaged = s.hook(R"(["secret.updated"])", "", "/damaged");
    s.hook(R"(["secret.updated"])", "", "/sound");
    s.api.db().sql("UPDATE scaivault.webhooks SET secret_ciphertext = secret_ciphertext || 'x' WHERE id = '" +
                   damaged + "'");
    s.emit(3);
    BOOST_TEST(s.run().succeeded == 3);
    for (const auto& request : s.server.requests())
        BOOST_TEST(request.path == "/sound");
}

BOOST_AUTO_TEST_CASE(the_headers_and_the_envelope_are_those_of_the_contract) {
    Stage s;
    s.hook(R"(["secret.updated"])");
    s.emit(1);
    BOOST_TEST(s.run().succeeded == 1);
    BOOST_TEST(s.run().attempts == 0);
    BOOST_REQUIRE(s.server.count() == 1U);
    const auto request = s.server.requests().front();
    BOOST_TEST(signed_right(request));
    BOOST_TEST(request.header("User-Agent") == "ScaiVault-Webhook/1.0");
    BOOST_TEST(request.header("X-ScaiVault-Event-Type") == "secret.updated");
    const auto body = scai::json::parse(request.body);
    BOOST_REQUIRE(bool(body));
    BOOST_TEST(body->member("event_id") == request.header("X-ScaiVault-Event-Id"));
    BOOST_TEST(body->member("tenant_id") == "t1");
    BOOST_TEST(body->member("partner_id") == "p1");
    BOOST_TEST(body->member("path") == "apps/1/x");
    BOOST_TEST(body->get("data").dump() == R"({"old_version":1})");
    BOOST_TEST(body->member("timestamp").size() == 27U); // microseconds
}

BOOST_AUTO_TEST_CASE(a_late_commit_is_not_skipped) {
    Stage s;
    s.hook(R"(["*"])");
    bool emitted = false;
    scai::db::in_tx(s.pool, scai::db::Scope::tenant("t1"), [&](scai::db::Tx& tx) {
        if (!emitted)
            tx.script("INSERT INTO scaivault.events (tenant_id, event_id, event_type, partner_id, "
                      "identity_id, data, request_id) "
                      "VALUES ('t1', 'evt_late', 'secret.created', 'p1', 'i', '{}', 'r')");
        emitted = true;
        s.emit(3);                       // committed first
        BOOST_TEST(s.run().events == 0); // the open transaction could still add earlier ones
    });
    BOOST_TEST(s.run().events == 4);
    BOOST_TEST(s.server.count() == 4U);
}

BOOST_AUTO_TEST_CASE(kill_9_in_the_middle_loses_no_event) {
    Stage s;
    std::set<std::string> arrived;
    std::chrono::milliseconds delay{100};
    s.answer = [&](const HttpRequest& request) {
        arrived.insert(request.header("X-ScaiVault-Event-Id"));
        return HttpReply{.status = 204, .delay = delay};
    };
    s.hook(R"(["*"])");
    s.emit(600);
    const char* folder = std::getenv("SCAI_BIN");
    const std::string job =
        std::string(folder != nullptr && *folder != '\0' ? folder : "build/bin") + "/scaivault-job-deliver";
    auto environment = test::clean_environment();
    const auto& settings = s.api.context().settings;
    environment["DATABASE_URL"] = s.api.db().url;
    environment["SCAIVAULT_ENV_FILE"] = "/dev/null";
    environment["SCAIVAULT_WEBHOOK_ALLOW_PRIVATE"] = "1";
    environment["KMS_PROVIDER"] = "local";
    environment["KMS_LOCAL_KEY_FILE"] = settings.text("KMS_LOCAL_KEY_FILE");
    const auto killed = test::run({job, "--parallel", "4"}, environment, "", std::chrono::seconds(2));
    BOOST_TEST(killed.status == 137, killed.all());
    BOOST_TEST(s.value("SELECT count(*) FROM scaivault.deliveries WHERE status = 'success'") != "600");
    delay = std::chrono::milliseconds(0);
    s.time_passes();
    const auto done = test::run({job, "--json"}, environment);
    BOOST_TEST(done.status == 0, done.all());
    BOOST_TEST(arrived.size() == 600U);
    BOOST_TEST(s.value("SELECT count(*) FROM scaivault.deliveries WHERE status = 'success'") == "600");
    BOOST_TEST(s.value("SELECT outcome FROM scaivault.job_runs WHERE outcome = 'killed'") == "killed");
}

BOOST_AUTO_TEST_CASE(the_ladder_ends_and_a_retry_starts_it_anew) {
    Stage s;
    s.answer = [](const HttpRequest&) { return HttpReply{.status = 503}; };
    const auto hook = s.hook(R"(["*"])");
    s.emit(1);
    for (const char* pause : {"30", "120", "600", "1800", "7200"}) {
        BOOST_TEST(s.run().failed == 1);
        BOOST_TEST(
            s.value(
                "SELECT round(extract(epoch FROM next_attempt_at - now()))::int FROM scaivault.deliveries") ==
            pause);
        BOOST_TEST(s.run().attempts == 0);
        s.time_passes();
    }
    BOOST_TEST(s.run().given_up == 1);
    const auto delivery = s.value("SELECT id FROM scaivault.deliveries");
    s.answer = [](const HttpRequest&) { return HttpReply{.status = 200}; };
    const auto path = "/v1/webhooks/" + hook + "/deliveries/" + delivery;
    BOOST_TEST(s.api.call_as(s.admin, "POST", path + "/retry").status == 202);
    BOOST_TEST(s.run().succeeded == 1);
    const auto shown = s.api.call_as(s.admin, "GET", path);
    BOOST_TEST(shown.json.member("status") == "success");
    BOOST_TEST(shown.json.get("attempts").size() == 7U);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_only_fails_is_switched_off) {
    Stage s;
    s.answer = [](const HttpRequest&) { return HttpReply{.status = 500}; };
    const auto hook = s.hook(R"(["*"])");
    s.emit(60);
    for (int i = 0; i < 40 && s.value("SELECT enabled FROM scaivault.webhooks") == "t"; ++i) {
        s.run();
        s.time_passes();
    }
    const auto shown = s.api.call_as(s.admin, "GET", "/v1/webhooks/" + hook);
    BOOST_TEST(shown.json.get("enabled").boolean().value_or(true) == false);
    BOOST_TEST(shown.json.member("status") == "failing");
    const auto calls = s.server.count();
    s.time_passes();
    s.run();
    BOOST_TEST(s.server.count() == calls);
}

BOOST_AUTO_TEST_CASE(private_addresses_are_not_reached_by_any_way) {
    Stage s;
    const auto port = std::to_string(s.server.port());
    // The url was accepted when private addresses were allowed; now they are not.
    for (const std::string host :
         {"127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "[::ffff:127.0.0.1]", "hooks.example.test"})
        s.hook(R"(["*"])", "", "", "http://" + host + ":" + port + "/x");
    s.emit(1);
    const auto done =
        s.run({.parallel = 4, .batch = 16, .resolve = {"hooks.example.test:" + port + ":127.0.0.1"}});
    BOOST_TEST(done.failed == 6);
    BOOST_TEST(s.server.connections() == 0U);
    BOOST_TEST(s.value("SELECT count(*) FROM scaivault.deliveries WHERE error LIKE "
                       "'%the host has no address on the public internet'") == "6");
}

BOOST_AUTO_TEST_CASE(a_redirect_is_a_failure_and_is_not_followed) {
    Stage s;
    s.answer = [&](const HttpRequest& request) {
        return request.path == "/hook"
                   ? HttpReply{.status = 307, .headers = {{"Location", s.server.url("/inside")}}}
                   : HttpReply{};
    };
    s.hook(R"(["*"])");
    s.emit(1);
    BOOST_TEST(s.run().failed == 1);
    BOOST_TEST(s.server.count("/inside") == 0U);
    BOOST_TEST(s.value("SELECT error FROM scaivault.deliveries") == "HTTP 307: redirects are not followed");
}

BOOST_AUTO_TEST_CASE(after_a_change_of_the_secret_both_sign_for_a_while) {
    Stage s;
    const auto hook = s.hook(R"(["*"])");
    const std::string fresh = "fedcba9876543210fedcba9876543210";
    BOOST_TEST(s.api
                   .call_as(s.admin, "PATCH", "/v1/webhooks/" + hook,
                            R"({"secret":")" + fresh + R"(","previous_secret_ttl":"1h"})")
                   .status == 200);
    s.emit(1);
    s.run();
    BOOST_REQUIRE(s.server.count() == 1U);
    const auto request = s.server.requests().front();
    const auto time = std::stoll(request.header("X-ScaiVault-Timestamp"));
    const auto id = request.header("webhook-id");
    BOOST_TEST(request.header("X-ScaiVault-Signature") ==
               "sha256=" + scai::webhook::timestamped_hmac(fresh, time, request.body));
    BOOST_TEST(request.header("X-ScaiVault-Signature-Previous") ==
               "sha256=" + scai::webhook::timestamped_hmac(secret, time, request.body));
    BOOST_TEST(request.header("webhook-signature") ==
               scai::webhook::standard_signature(fresh, id, time, request.body) + " " +
                   scai::webhook::standard_signature(secret, id, time, request.body));
    s.api.db().sql("UPDATE scaivault.webhooks SET previous_until = now() - interval '1 second'");
    s.emit(1);
    s.run();
    BOOST_TEST(s.server.requests().back().header("X-ScaiVault-Signature-Previous") == "");
}

BOOST_AUTO_TEST_SUITE_END()
